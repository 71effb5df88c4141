package design

import (
	_ "embed"
	"net/http"

	"sallyport/pure/config"
)

//go:embed signout.html
var signOutHTML string

// SignOutPage asks whether to sign out, or says that it is done.
type SignOutPage struct {
	Frame       Frame
	Policy      Policy
	Application string // who asks for it; empty for the customer
	Who         string // whom the browser is signed in as; empty for nobody, or nobody with a name
	Done        bool
	Action      string              // where the form is sent; empty: to this page's own address
	Request     string              // what the form repeats; empty for nothing
	Ways        []config.LabeledURL // out of here
}

// heading asks.
func (p SignOutPage) heading(words *Words) string {
	if p.Application == "" {
		return words.Say(p.Frame.Language, "Sign out?")
	}
	return words.Say(p.Frame.Language, "Sign out of %s?", p.Application)
}

// SignOut answers with the page. An error means that nothing was written.
func (words *Words) SignOut(w http.ResponseWriter, r *http.Request, p SignOutPage) error {
	title := p.heading(words)
	if p.Done {
		title = "You are signed out"
	}
	return words.left().Render(w, r, http.StatusOK, Page{Frame: p.Frame, Title: title, Policy: p.Policy, Data: p})
}
