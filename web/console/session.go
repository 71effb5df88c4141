package console

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"sallyport/service/keyring"
	"sallyport/service/signin"
)

const (
	// freshFor is how old the sign-in of whoever does something risky may be.
	freshFor = 10 * time.Minute
	// freshPage is how old it may be when the page of it is opened, so that
	// there is time to fill in its form.
	freshPage = freshFor / 2
	// patience bounds what a form asks for.
	patience = time.Minute
	// maxForm is how large a form may be where its route says nothing.
	maxForm = 64 << 10
	// formField holds what binds a form to its session: see exchange.token.
	formField = "form"
)

// enter lets an operator in, and sends anybody else to sign in and come back.
// A session of one factor, however it came about, is none here.
func (x *exchange) enter(rest string) bool {
	var cookie string
	if c, err := x.r.Cookie(signin.CookieName(x.system.ID, x.secure())); err == nil {
		cookie = c.Value
	}
	current, err := x.cfg.SignIn.Current(x.r.Context(), x.system, cookie)
	if errors.Is(err, signin.ErrNoSession) || err == nil && !current.TwoFactors() {
		x.toSignIn(rest, signin.Ticket{})
		return false
	}
	if err == nil {
		x.current = current
		x.who, err = x.cfg.Operators.Find(x.r.Context(), current.Customer.ID)
	}
	if err == nil {
		err = x.cfg.Registry.Fresh() // whose role was taken must not be let in by a deaf node
	}
	if err != nil {
		x.broken(err)
		return false
	}
	return true
}

func (x *exchange) secure() bool { return x.system.Snapshot().URL.Scheme == "https" }

// prove lets on whoever signed in a moment ago, where the route asks for that,
// and sends anybody else to sign in again, with both factors, and come back.
func (x *exchange) prove(rest string) bool {
	limit := freshPage
	if x.writes() {
		limit = freshFor
	}
	if !x.route.fresh || x.cfg.Now().Sub(x.current.Session.SignedIn) <= limit {
		return true
	}
	x.toSignIn(rest, signin.Ticket{Reauthenticate: true, Hint: x.who.Username})
	return false
}

// toSignIn asks for both factors. What was sent along is not kept: whoever sent
// a form comes back to its page, or to the page above where it has none.
func (x *exchange) toSignIn(rest string, t signin.Ticket) {
	if x.writes() && x.route.show == nil {
		rest = rest[:strings.LastIndex(rest, "/")]
	} else if x.r.URL.RawQuery != "" {
		rest += "?" + x.r.URL.RawQuery
	}
	t.Return, t.TwoFactors = rest, true
	location, err := x.cfg.SignIn.Begin(x.r.Context(), x.system, t)
	if errors.Is(err, signin.ErrReturn) {
		t.Return = "/"
		location, err = x.cfg.SignIn.Begin(x.r.Context(), x.system, t)
	}
	if err != nil {
		x.broken(err)
		return
	}
	x.lead(location)
}

// lead goes to an address below the console's own.
func (x *exchange) lead(location string) { x.leadTo(x.system.Snapshot().URL.String() + location) }

// token is what every form of a session holds in [formField]. Whoever signs in
// as somebody else in another tab sends none of their forms, and a stranger's
// page knows it for no session.
func (x *exchange) token() (string, error) {
	secret, err := x.formSecret()
	if err != nil {
		return "", err
	}
	tag := secret.MAC(x.current.Session.ID[:])
	return base64.RawURLEncoding.EncodeToString(tag[:]), nil
}

// bound tells whether a form was of this session when its page was shown.
func (x *exchange) bound(token string) (bool, error) {
	tag, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return false, nil
	}
	secret, err := x.formSecret()
	return err == nil && secret.Authentic(x.current.Session.ID[:], tag), err
}

func (x *exchange) formSecret() (*keyring.Secret, error) {
	return x.cfg.Ring.Secret(x.r.Context(), x.system.ID, "console-form")
}

// read reads a form. It may take the listener's time to cross, so whoever sends
// it is asked for afterwards: nobody does late what they may no longer do.
func (x *exchange) read() bool {
	if x.route != nil && x.route.upload && x.multipartForm() {
		return x.readParts()
	}
	limit := x.route.size
	if limit == 0 {
		limit = maxForm
	}
	x.r.Body = http.MaxBytesReader(x.w, x.r.Body, limit)
	var large *http.MaxBytesError
	switch err := x.r.ParseForm(); {
	case errors.As(err, &large):
		x.bare(http.StatusRequestEntityTooLarge, "This form holds more than the page takes. Nothing was done.")
		return false
	case err != nil:
		x.bare(http.StatusBadRequest, "The form could not be read, and nothing was done. Go back and send it once more.")
		return false
	}
	return true
}

// ours tells whether the form that was read is of this session.
func (x *exchange) ours() bool {
	bound, err := x.bound(x.r.PostForm.Get(formField))
	switch {
	case err != nil:
		x.broken(err)
	case !bound:
		x.bare(http.StatusForbidden, "This form is not of your present session, and nothing was done. Open its page again, and look who is signed in.")
	}
	return bound
}

// perform does what a form asks for, to its end even if the caller leaves.
func (x *exchange) perform() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.r.Context()), patience)
	defer cancel()
	x.r = x.r.WithContext(ctx)
	x.route.do(x)
}
