package login

import (
	_ "embed"
	"errors"
	"net/http"

	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/web/design"
)

//go:embed signout.html
var signOutHTML string

var signOutTemplate = design.MustParse(signOutHTML)

// farewell is what the template of signing out shows.
type farewell struct {
	Who  string // whom the browser is signed in as; empty for nobody, or nobody with a name
	Done bool
}

func (x *exchange) askSignOut() {
	current, err := x.current()
	if err != nil {
		x.broken(err)
		return
	}
	if current == nil {
		x.sayGoodbye()
		return
	}
	x.renderSignOut("Sign out?", farewell{Who: current.Customer.Name})
}

func (x *exchange) signOut() {
	current, err := x.current()
	if err == nil && current != nil {
		err = x.cfg.SignIn.End(x.r.Context(), x.live, current, audit.Customer(current.Customer.ID.String()))
	}
	if err != nil {
		x.broken(err)
		return
	}
	x.setCookies([]signin.Cookie{{Name: signin.CookieName(x.live.ID, x.secure())}})
	x.sayGoodbye()
}

// current is who is signed in; nil for nobody.
func (x *exchange) current() (*signin.Current, error) {
	current, err := x.cfg.SignIn.Current(x.r.Context(), x.live, x.cookies()[signin.CookieName(x.live.ID, x.secure())])
	if errors.Is(err, signin.ErrNoSession) {
		return nil, nil
	}
	return current, err
}

func (x *exchange) sayGoodbye() { x.renderSignOut("You are signed out", farewell{Done: true}) }

func (x *exchange) renderSignOut(title string, f farewell) {
	err := signOutTemplate.Render(x.w, x.r, http.StatusOK, design.Page{Frame: x.frame(), Title: title, Data: f})
	if err != nil {
		x.broken(err)
	}
}
