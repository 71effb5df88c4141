package design

import (
	_ "embed"
	"net/http"

	"sallyport/pure/config"
)

//go:embed signout.html
var signOutHTML string

var signOutTemplate = Parse(signOutHTML)

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

// Heading asks.
func (p SignOutPage) Heading() string {
	if p.Application == "" {
		return "Sign out?"
	}
	return "Sign out of " + p.Application + "?"
}

// SignOut answers with the page. An error means that nothing was written.
func SignOut(w http.ResponseWriter, r *http.Request, p SignOutPage) error {
	title := p.Heading()
	if p.Done {
		title = "You are signed out"
	}
	return signOutTemplate.Render(w, r, http.StatusOK, Page{Frame: p.Frame, Title: title, Policy: p.Policy, Data: p})
}
