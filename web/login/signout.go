package login

import (
	"errors"

	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/web/design"
)

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
	x.renderSignOut(design.SignOutPage{Who: current.Customer.Name})
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

func (x *exchange) sayGoodbye() { x.renderSignOut(design.SignOutPage{Done: true}) }

func (x *exchange) renderSignOut(p design.SignOutPage) {
	p.Frame = x.frame()
	if err := words.SignOut(x.w, x.r, p); err != nil {
		x.broken(err)
	}
}
