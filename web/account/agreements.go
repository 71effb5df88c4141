package account

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"sallyport/pure/config"
	"sallyport/service/directory"
	"sallyport/web/design"
)

var agreementsTemplate = parse("agreements")

// agreementList is what the page shows of what customers allow and accepted.
type agreementList struct {
	common
	Purposes  []purpose
	Documents []document
	Empty     design.Empty
	Answer    string    // address
	Gone      []purpose // that are not asked any more, and that the customer said yes to
	Earlier   []earlier
	Proof     string // address; empty: nothing was said
	Delete    string // address, where what everybody agrees to ends
}

// purpose is something that data may be used for, with what the customer said.
type purpose struct {
	Name, Version, Title string
	Text                 []string
	URL                  string
	Allowed, Answered    bool // Answered: they said so themselves, at Since
	Since                instant
}

// earlier is an answer that does not stand any more.
type earlier struct {
	Title, Version string
	Refused        bool
	Given          instant
	Withdrawn      instant // zero: another answer took its place
}

// document is a text that the customer accepted.
type document struct {
	Title, Version, URL string
	Text                []string
	Since               instant
	Newer               bool // another version holds by now
	Required            bool // nobody is a customer here without it
}

func (x *exchange) showAgreements() {
	said, err := x.cfg.Directory.Agreements(x.r.Context(), x.live.ID, x.current.Customer.ID)
	if err != nil {
		x.fail(err)
		return
	}
	page := agreementList{
		common: x.common("Agreements and preferences"), Answer: x.link("/agreements"), Documents: x.documents(said),
		Empty: design.Empty{What: "You agreed to nothing here.", Do: "When we ask you for something, your answer stands here, and you can change it."},
	}
	if page.Earlier = x.earlier(said); len(said) > 0 {
		page.Proof = x.link("/agreements/proof")
	}
	page.Gone, page.Delete = x.gone(said), x.link("/data/delete")
	if page.Purposes, err = x.purposes(said); err != nil {
		x.fail(err)
		return
	}
	x.render(agreementsTemplate, http.StatusOK, page.Title, page)
}

// language is in which what they agree to is shown: that of the page.
func (x *exchange) language() string { return x.frame().Language }

// purposes are all that there are, with the answer that holds.
func (x *exchange) purposes(said []directory.KeptAgreement) (all []purpose, err error) {
	for _, name := range slices.Sorted(maps.Keys(x.snapshot.Purposes)) {
		p := x.snapshot.Purposes[name]
		words := config.In(p.Texts, x.language())
		one := purpose{Name: name, Version: p.Version, Title: words.Title, Text: paragraphs(words.Text), URL: words.URL}
		if one.Allowed, err = x.cfg.Directory.Permits(x.r.Context(), x.live, x.current.Customer.ID, name); err != nil {
			return nil, err
		}
		for _, a := range said {
			if a.Kind == directory.AgreedPurpose && a.Document == name && a.Withdrawn.IsZero() && !a.Replaced {
				one.Answered, one.Since = true, instant{a.Given}
			}
		}
		all = append(all, one)
	}
	return all, nil
}

// gone are the purposes that nobody is asked about any more, and that the customer said yes
// to: a yes can be taken back wherever it stands.
func (x *exchange) gone(said []directory.KeptAgreement) (all []purpose) {
	for _, a := range said {
		if a.Kind == directory.AgreedPurpose && a.Holds() && x.snapshot.Purposes[a.Document] == nil {
			all = append(all, purpose{Name: a.Document, Version: a.Version, Title: a.Document, Since: instant{a.Given}})
		}
	}
	return all
}

// documents are those that the customer accepted and that still stand, newest first.
// One that the configuration has no more is shown by its name.
func (x *exchange) documents(said []directory.KeptAgreement) (all []document) {
	for _, a := range slices.Backward(said) {
		if a.Kind != directory.AgreedDocument || !a.Holds() {
			continue
		}
		one := document{Title: a.Document, Version: a.Version, Since: instant{a.Given}}
		if d := x.snapshot.Documents[a.Document]; d != nil {
			one.Title, one.Required = title(&config.Application{Meta: d.Meta}), true
			for _, v := range d.Versions {
				if v.Version == a.Version {
					words := config.In(v.Texts, x.language())
					one.Title, one.Text, one.URL = words.Title, paragraphs(words.Text), words.URL
				}
			}
			if now := d.At(x.cfg.Now()); now != nil {
				one.Newer = now.Version != a.Version
			}
		}
		all = append(all, one)
	}
	return all
}

// earlier are the answers that do not stand any more, newest first.
func (x *exchange) earlier(said []directory.KeptAgreement) (all []earlier) {
	for _, a := range slices.Backward(said) {
		if a.Withdrawn.IsZero() && !a.Replaced {
			continue
		}
		one := earlier{Title: a.Document, Version: a.Version, Refused: a.Refused, Given: instant{a.Given}, Withdrawn: instant{a.Withdrawn}}
		if d := x.snapshot.Documents[a.Document]; a.Kind == directory.AgreedDocument && d != nil {
			one.Title = title(&config.Application{Meta: d.Meta})
		} else if p := x.snapshot.Purposes[a.Document]; a.Kind == directory.AgreedPurpose && p != nil {
			one.Title = config.In(p.Texts, x.language()).Title
		}
		all = append(all, one)
	}
	return all
}

func paragraphs(text string) (all []string) {
	for _, p := range strings.Split(text, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, p)
		}
	}
	return all
}

// answer keeps a yes or a no to the version of a purpose that was shown. Documents are
// accepted where they are asked for, and nowhere else; a yes to what is not asked any more
// can be taken back.
func (x *exchange) answer() {
	form := x.r.PostForm
	name, say := form.Get("purpose"), form.Get("answer")
	asked := x.snapshot.Purposes[name] != nil
	if say != "no" && (say != "yes" || !asked) {
		x.staleAnswer()
		return
	}
	ctx, id := x.r.Context(), x.current.Customer.ID
	evidence := directory.Evidence{Language: x.language(), Application: x.applicationName(), Address: x.visit().Address.String()}
	var err error
	if asked {
		err = x.changes().Agree(ctx, x.live, id, []directory.Answer{{
			Kind: directory.AgreedPurpose, Document: name, Version: form.Get("version"), Refused: say == "no", Evidence: evidence,
		}}, x.actor())
	} else {
		err = x.changes().Withdraw(ctx, x.live, id, directory.Withdrawal{Kind: directory.AgreedPurpose, Document: short(name, 64), Evidence: evidence}, x.actor())
	}
	switch {
	case errors.Is(err, directory.ErrNotAsked), errors.Is(err, x.cfg.Missing):
		x.staleAnswer()
	case err != nil:
		x.fail(err)
	default:
		x.say("answered")
		x.lead("/agreements")
	}
}

func (x *exchange) staleAnswer() {
	x.refuse(http.StatusConflict, "This is not asked any more", "What we ask has changed meanwhile. Nothing was kept: read it again, and answer.")
}

// proveAgreements gives a file of all that the customer ever said yes or no to.
func (x *exchange) proveAgreements() {
	file := &attachment{x: x, name: "my-agreements.json"}
	x.downloaded(file, x.cfg.Directory.ProveAgreements(x.r.Context(), x.live, x.current.Customer.ID, file))
}
