package authserver

import (
	"errors"
	"net/http"

	"sallyport/service/issue"
	"sallyport/service/signin"
	"sallyport/web/design"
)

func (x *exchange) secure() bool { return x.view.Snapshot.URL.Scheme == "https" }

func (x *exchange) cookieName() string { return signin.CookieName(x.live.ID, x.secure()) }

// person is who is signed in in the browser; nil for nobody.
func (x *exchange) person() (*issue.Person, error) {
	cookie, err := x.r.Cookie(x.cookieName())
	if err != nil {
		return nil, nil
	}
	current, err := x.cfg.SignIn.Current(x.r.Context(), x.live, cookie.Value)
	if errors.Is(err, signin.ErrNoSession) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	person := issue.Person(*current)
	return &person, nil
}

// foreignForm answers a form that none of our pages sent.
func (x *exchange) foreignForm() {
	words.Error(x.w, x.r, design.ErrorPage{
		Frame: x.frame(nil), Status: http.StatusForbidden,
		Title: "This form came from another website",
		What:  "For your safety we take this form only from our own pages.",
		Fix:   "Go back to the application, and try again from there.",
	})
}
