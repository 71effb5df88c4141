package account

import (
	"net/http"
	"strings"

	"sallyport/service/signin"
	"sallyport/web/design"
)

var (
	dataTemplate = parse("data")
	goneTemplate = parse("gone")
)

// deletionWord is what somebody types who means it.
const deletionWord = "DELETE"

type dataPage struct {
	common
	Agreements, Download, Delete string
}

func (x *exchange) showData() {
	page := dataPage{x.common("Your data"), x.link("/agreements"), x.link("/data/download"), x.link("/data/delete")}
	x.render(dataTemplate, http.StatusOK, page.Title, page)
}

func (x *exchange) askDownload() {
	x.confirm("Download your data?", []string{
		"You get one file with everything that we keep about you, as JSON: programs read it, and so can you.",
		"Keep it where only you look. It holds no password and no key.",
	}, design.Button{Label: "Download my data", ID: "data-download"}, "/data")
}

// download writes the dossier. What fails before its first byte is a page; what fails
// later ends the connection, so that no browser takes a part for the whole.
func (x *exchange) download() {
	file := &attachment{x: x, name: "my-data.json"}
	x.downloaded(file, x.cfg.Directory.Dossier(x.r.Context(), x.live, x.current.Customer.ID, x.actor(), file))
}

// downloaded answers for a file that was written, or was not.
func (x *exchange) downloaded(file *attachment, err error) {
	switch {
	case err == nil:
	case !file.begun:
		x.fail(err)
	default:
		x.cfg.Log.Warn("a download of customer data broke off", "environment", x.live.ID, "error", err)
		panic(http.ErrAbortHandler)
	}
}

// attachment is the answer as a file.
type attachment struct {
	x     *exchange
	name  string
	begun bool
}

// Write implements io.Writer.
func (a *attachment) Write(p []byte) (int, error) {
	if !a.begun {
		a.begun = true
		h := a.x.w.Header()
		design.Policy{}.Apply(h)
		h.Set("Content-Type", "application/json")
		h.Set("Content-Disposition", `attachment; filename="`+a.name+`"`)
	}
	return a.x.w.Write(p)
}

func (x *exchange) askDeletion() { x.renderDeletion(http.StatusOK, nil) }

func (x *exchange) renderDeletion(status int, problem *design.Summary) {
	x.ask(status, "Delete everything?", design.Form{
		Problem: problem,
		Lead: []string{
			"This deletes you here at once, and cannot be undone: your names and addresses, how you sign in, your sessions, how and from where you agreed to something, and what we noted of what you did.",
			"Accounts that you share with nobody go with you. Accounts that you share stay with the others; one without another owner is then looked after by us.",
			"We keep, to show what was agreed and to bring nobody back by mistake: that somebody was deleted, and when; which version of what was accepted or refused, and when; fingerprints of your addresses. It names nobody.",
			"It does not end a contract with us, nor what you owe or are owed.",
		},
		Fields: []design.Field{{Name: "confirmation", Label: x.phrase("Type %s to confirm", x.phrase(deletionWord)), MaxLength: 32, Autocomplete: "off", Focus: problem == nil}},
		Submit: design.Button{Label: "Delete everything", ID: "data-delete", Danger: true}, Cancel: x.link("/data"),
	})
}

func (x *exchange) deleteAll() {
	if !strings.EqualFold(strings.TrimSpace(x.r.PostForm.Get("confirmation")), x.phrase(deletionWord)) {
		x.renderDeletion(http.StatusUnprocessableEntity, &design.Summary{What: x.phrase("Type %s, if you mean it", x.phrase(deletionWord)), Field: "confirmation"})
		return
	}
	if _, err := x.changes().Erase(x.r.Context(), x.live, x.current.Customer.ID, x.actor()); x.failAddress(err) {
		return
	}
	x.setCookies(signin.Cookie{Name: signin.CookieName(x.live.ID, x.secure())})
	page := x.common("You are deleted")
	x.renderWith(goneTemplate, http.StatusOK, page.Title, page, func(p *design.Page) { p.Wide = nil })
}
