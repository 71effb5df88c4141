package login

import (
	_ "embed"
	"html/template"
	"io"
	"strings"

	"sallyport/pure/journey"
	"sallyport/service/signin"
	"sallyport/web/design"
)

//go:embed factor.html
var factorHTML string

var factorTemplate = parse(factorHTML)

// factor is what the template of the second factor shows.
type factor struct {
	question
	Other   string        // where the other kind of code can be given
	Picture template.HTML // of a new key
	Secret  string        // the same key as text
	Codes   []string      // recovery codes to be kept
	File    string        // where they are a text file
	Another bool          // another second factor can be given
	Phone   bool          // a phone can be set up instead
	Later   bool          // setting one up can wait
}

// The headings of its pages. A page that is none of them is of the first factor.
var factorHeadings = map[journey.Page]string{
	journey.CodePage:     "Enter the code of your app",
	journey.RecoveryPage: "Enter a recovery code",
	journey.PasskeyPage:  "Use your passkey",
	journey.EnrolPage:    "Set up your authenticator app",
	journey.CodesPage:    "Keep your recovery codes",
}

// furnish completes a page of the second factor.
func (x *exchange) furnish(q question, answer *signin.Answer) (factor, error) {
	f := factor{question: q, Codes: answer.Codes, Another: answer.Page.Choice, Phone: answer.Page.Phone, Later: answer.Page.Skippable}
	switch q.Page {
	case journey.CodePage, journey.PasskeyPage:
		f.Other = x.pageURL("recovery")
	case journey.RecoveryPage:
		f.Other = x.pageURL("")
	case journey.CodesPage:
		f.File = x.pageURL("codes")
	}
	if answer.Enrolment == nil {
		return f, nil
	}
	var err error
	f.Secret = answer.Enrolment.Secret
	f.Picture, err = design.QR(answer.Enrolment.URI, x.say("The key as a picture; it stands below as text too"))
	return f, err
}

// download gives the recovery codes as a file. It is there as long as the page
// that shows them, for the browser that was shown it.
func (x *exchange) download(answer *signin.Answer) {
	x.application, x.languages = x.snapshot.Applications[answer.Application], answer.Languages
	x.setCookies(answer.Cookies)
	design.Policy{}.Apply(x.w.Header())
	x.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	x.w.Header().Set("Content-Disposition", `attachment; filename="recovery-codes.txt"`)
	text := x.say("Recovery codes of %s for %s", answer.Page.Identifier, x.frame().Name()) + "\n" +
		x.say("Each lets you in once. Keep them where only you look.") + "\n\n" + strings.Join(answer.Codes, "\n") + "\n"
	_, _ = io.WriteString(x.w, text) // who left does not read it
}

func codeField(page journey.Page) design.Field {
	f := design.Field{
		Name: "code", Type: "text", Label: "Code", Hint: "The six digits that your authenticator app shows",
		Autocomplete: "one-time-code", InputMode: "numeric", MaxLength: 32,
	}
	if page == journey.RecoveryPage {
		f.Name, f.Label, f.Hint = "recovery-code", "Recovery code", "One that you have not used yet, such as x4k9-0d2m-7wtq"
		f.Autocomplete, f.InputMode, f.MaxLength = "off", "", 64
	}
	return f
}
