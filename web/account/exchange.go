package account

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"sallyport/pure/config"
	"sallyport/service/directory"
	"sallyport/service/notify"
	"sallyport/service/signin"
	"sallyport/web/design"
)

const (
	maxForm    = 16 << 10 // more than any form here needs
	maxCookies = 64       // more than a browser of ours sends
	patience   = time.Minute
)

// show answers a page.
func (x *exchange) show() {
	if x.route.open {
		x.route.show(x)
		return
	}
	if !x.enter() {
		return
	}
	if x.route.fresh {
		err := x.cfg.SignIn.Fresh(x.r.Context(), x.live, x.current, signin.FreshPage)
		if err != nil {
			x.fail(err)
			return
		}
	}
	x.route.show(x)
}

// do answers a form that one of our own pages sent, in the session that it was
// shown in. A form may take its time to cross, so whoever sends it is asked for
// when it is there.
func (x *exchange) do() {
	if x.strangers.Check(x.r) != nil {
		x.refuse(http.StatusForbidden, "This form came from another website", "For your safety we take this form only from our own pages. Nothing was done.")
		return
	}
	x.r.Body = http.MaxBytesReader(x.w, x.r.Body, maxForm)
	if x.r.ParseForm() != nil || x.r.Header.Get("Content-Type") == "" {
		x.refuse(http.StatusBadRequest, "We could not read this form", "Nothing was done. Go back, and send it once more.")
		return
	}
	if x.route.open {
		x.lasting(x.route.do)
		return
	}
	if !x.enter() {
		return
	}
	if subtle.ConstantTimeCompare([]byte(x.r.PostForm.Get("form")), []byte(x.token)) != 1 {
		x.refuse(http.StatusForbidden, "This form is not of your present session", "Nothing was done. Open its page again, and look who is signed in.")
		return
	}
	x.lasting(func(x *exchange) {
		if x.route.fresh {
			if err := x.cfg.SignIn.Fresh(x.r.Context(), x.live, x.current, signin.FreshFor); err != nil {
				x.fail(err)
				return
			}
		}
		x.route.do(x)
	})
}

// lasting does something to its end, even if the caller leaves.
func (x *exchange) lasting(do func(*exchange)) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.r.Context()), patience)
	defer cancel()
	x.r = x.r.WithContext(ctx)
	do(x)
}

// enter lets in whoever is signed in, and sends anybody else to sign in and come
// back.
func (x *exchange) enter() bool {
	var err error
	x.current, err = x.cfg.SignIn.Current(x.r.Context(), x.live, x.cookies()[signin.CookieName(x.live.ID, x.secure())])
	if err == nil {
		x.token, err = x.formToken()
	}
	if err != nil {
		x.fail(err)
	}
	return err == nil
}

// changes is the directory for what the customer changes, which is done only while they
// are signed in: the session may have ended since the form came.
func (x *exchange) changes() *directory.Directory {
	return x.cfg.Directory.While(x.cfg.SignIn.While(x.current))
}

// formToken binds the forms of a session to it. It tells nothing of the session
// to who does not have the environment's secret.
func (x *exchange) formToken() (string, error) {
	secret, err := x.cfg.Ring.Secret(x.r.Context(), x.live.ID, "account-form")
	if err != nil {
		return "", err
	}
	x.secret = secret
	tag := secret.MAC(x.current.Session.ID[:])
	return base64.RawURLEncoding.EncodeToString(tag[:]), nil
}

// page is where the form of the route is, or the page itself.
func (x *exchange) page() string {
	if x.route.page != "" {
		return x.route.page
	}
	return x.at
}

// fail answers for an error of a service.
func (x *exchange) fail(err error) {
	ticket := signin.Ticket{Return: x.url(x.page()), Application: x.applicationName()}
	if (x.r.Method != http.MethodPost || x.route.page == "") && x.r.URL.RawQuery != "" {
		ticket.Return = root + x.at + "?" + x.r.URL.RawQuery
	}
	switch {
	case errors.Is(err, signin.ErrNoSession):
		x.toSignIn(ticket, func(t signin.Ticket) (string, error) { return x.cfg.SignIn.Begin(x.r.Context(), x.live, t) })
	case errors.Is(err, signin.ErrNotFresh):
		x.toSignIn(ticket, func(t signin.Ticket) (string, error) {
			return x.cfg.SignIn.BeginAgain(x.r.Context(), x.live, x.current, t)
		})
	case errors.Is(err, x.cfg.Invalid):
		x.refuse(http.StatusNotFound, "There is no such page", "The address may be mistyped, or the page has moved.")
	default:
		x.broken(err)
	}
}

// toSignIn leads to sign-in. A query that cannot be come back to is left out.
func (x *exchange) toSignIn(t signin.Ticket, begin func(signin.Ticket) (string, error)) {
	location, err := begin(t)
	if errors.Is(err, signin.ErrReturn) {
		t.Return = root + x.page()
		location, err = begin(t)
	}
	if err != nil {
		x.broken(err)
		return
	}
	x.leadTo(location)
}

// lead goes on to one of these pages.
func (x *exchange) lead(at string) { x.leadTo(x.url(at)) }

// leadTo goes on to an address below the environment's own.
func (x *exchange) leadTo(location string) {
	design.Policy{}.Apply(x.w.Header())
	x.w.Header().Set("Location", x.snapshot.URL.String()+location)
	x.w.WriteHeader(http.StatusSeeOther)
}

// url is the address of one of these pages, below the environment's, with where
// the customer came from. more is the rest of the query, by name and value.
func (x *exchange) url(at string, more ...string) string {
	query := url.Values{}
	if x.application != nil {
		query.Set("application", x.application.Name)
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			query.Set(more[i], more[i+1])
		}
	}
	if len(query) == 0 {
		return root + at
	}
	return root + at + "?" + query.Encode()
}

// link is url as pages use it: with the path of the environment's own address.
func (x *exchange) link(at string, more ...string) string {
	return x.snapshot.URL.EscapedPath() + x.url(at, more...)
}

func (x *exchange) applicationName() string {
	if x.application == nil {
		return ""
	}
	return x.application.Name
}

// visit is what the request brought along.
func (x *exchange) visit() signin.Visit {
	return signin.Visit{Cookies: x.cookies(), Address: x.cfg.Address(x.r), Agent: x.r.UserAgent(), Language: x.language(), Chosen: design.Chosen(x.r)}
}

// cookies gives the values by name. Of two with one name the first counts.
func (x *exchange) cookies() map[string]string {
	values := map[string]string{}
	for _, c := range x.r.Cookies() {
		if _, known := values[c.Name]; !known && len(values) < maxCookies {
			values[c.Name] = c.Value
		}
	}
	return values
}

func (x *exchange) secure() bool { return x.snapshot.URL.Scheme == "https" }

func (x *exchange) setCookies(cookies ...signin.Cookie) {
	for _, c := range cookies {
		cookie := http.Cookie{
			Name: c.Name, Value: c.Value, Path: "/", MaxAge: int(c.Life.Seconds()),
			Secure: x.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		}
		if c.Value == "" {
			cookie.MaxAge = -1
		}
		http.SetCookie(x.w, &cookie)
	}
}

func (x *exchange) frame() design.Frame {
	var own []string
	if x.current != nil {
		own = append(own, string(notify.LanguageOf(x.current.Customer)))
	}
	return words.Speak(design.FrameOf(x.snapshot, x.application, x.cfg.Ribbon), x.r, own...)
}

// phrase gives a text in the language of the page. Texts without placeholders need it
// not: templates say what they are given.
func (x *exchange) phrase(text string, with ...any) string {
	return words.Say(x.frame().Language, text, with...)
}

func (x *exchange) refuseMethod() {
	allowed := []string{}
	if x.route.show != nil {
		allowed = append(allowed, "GET, HEAD")
	}
	if x.route.do != nil {
		allowed = append(allowed, "POST")
	}
	x.w.Header().Set("Allow", allowed[0])
	if len(allowed) > 1 {
		x.w.Header().Set("Allow", allowed[0]+", "+allowed[1])
	}
	x.refuse(http.StatusMethodNotAllowed, "This is not how this page works", "Pages are opened and forms are sent. Nothing was done.")
}

// refuse answers with what went wrong, and leads back.
func (x *exchange) refuse(status int, title, what string) {
	words.Error(x.w, x.r, design.ErrorPage{Frame: x.frame(), Status: status, Title: title, What: what, Ways: x.ways()})
}

// broken answers for an error that customers can do nothing about.
func (x *exchange) broken(err error) {
	if errors.Is(x.r.Context().Err(), context.Canceled) {
		return // they have gone
	}
	reference := x.cfg.NewTrace()
	x.cfg.Log.Error("account page failed", "path", x.r.URL.Path, "environment", x.live.ID, "reference", reference, "error", err)
	x.w.Header().Set("Retry-After", "5")
	words.Error(x.w, x.r, design.ErrorPage{
		Frame: x.frame(), Status: http.StatusServiceUnavailable, Title: "This does not work at the moment", Reference: reference,
		What: "Something went wrong on our side, and it is not your fault.", Fix: "Wait a moment, then try again.", Ways: x.ways(),
	})
}

// ways lead out of an error.
func (x *exchange) ways() []config.LabeledURL {
	own := config.LabeledURL{Label: "Go to your account", URL: x.snapshot.URL.String() + x.url("")}
	return slices.Concat([]config.LabeledURL{own}, x.home())
}

// home leads to the application that the customer came from.
func (x *exchange) home() []config.LabeledURL {
	if x.application == nil || x.application.Home == "" {
		return nil
	}
	return []config.LabeledURL{{Label: x.phrase("Back to %s", title(x.application)), URL: x.application.Home}}
}

func title(a *config.Application) string {
	if a.Title != "" {
		return a.Title
	}
	return a.Name
}
