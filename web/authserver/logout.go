package authserver

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"sallyport/protocol/oauth"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/service/signin"
	"sallyport/web/design"
)

// logout is the end session endpoint (OpenID Connect RP-Initiated Logout 1.0 §2).
func (x *exchange) logout() {
	parameters, err := oauth.ParseParameters(x.r.URL.RawQuery)
	if err != nil {
		x.errorPage(x.oauthError(err))
		return
	}
	asked, err := x.cfg.Issue.ReadLogout(x.r.Context(), x.view, x.server, parameters)
	if err != nil {
		x.errorPage(x.oauthError(err))
		return
	}
	if home := x.homeOf(asked.Application); home != x.view.Snapshot.URL {
		x.redirect(x.under(home) + "/logout?" + x.r.URL.RawQuery)
		return
	}
	x.signOut(asked)
}

// logoutPosted takes the same as a form. It comes from the application's page,
// where browsers send no session cookie along, so it goes on by an address that
// holds what was asked, sealed.
func (x *exchange) logoutPosted() {
	parameters, err := x.form()
	if err != nil {
		x.errorPage(x.oauthError(err))
		return
	}
	asked, err := x.cfg.Issue.ReadLogout(x.r.Context(), x.view, x.server, parameters)
	if err == nil {
		var sealed string
		if sealed, err = x.cfg.Issue.SealLogout(x.r.Context(), x.view, x.server, asked, nil); err == nil {
			x.redirect(x.under(x.homeOf(asked.Application)) + "/logout/continue?r=" + url.QueryEscape(sealed))
			return
		}
	}
	if errors.Is(err, issue.ErrPendingSize) {
		err = oauth.InvalidRequest("the request is too long")
	}
	x.errorPage(x.oauthError(err))
}

// logoutContinued goes on with what was posted.
func (x *exchange) logoutContinued() {
	asked, err := x.cfg.Issue.OpenLogout(x.r.Context(), x.view, x.server, x.r.URL.Query().Get("r"), nil)
	switch {
	case errors.Is(err, issue.ErrPending):
		x.signOut(issue.Logout{}) // the customer may still want to
	case err != nil:
		x.errorPage(x.oauthError(err))
	default:
		x.signOut(asked)
	}
}

// signOut ends the session at once only for the application that was given an ID
// token in it, on a page that the customer sees. Whoever else asks, the customer
// is asked: no picture on a stranger's page signs anybody out.
func (x *exchange) signOut(asked issue.Logout) {
	person, err := x.person()
	switch {
	case err != nil:
		x.errorPage(x.oauthError(err))
	case person == nil:
		x.signedOut(asked)
	case asked.Session == person.Session.ID && x.seen():
		x.end(person, asked, audit.Application(asked.Application))
	default:
		x.askSignOut(person, asked)
	}
}

// seen tells whether the request is the browser's own page going here, as far as
// the browser tells (Fetch Metadata; older ones do not).
func (x *exchange) seen() bool {
	h := x.r.Header
	return h.Get("Sec-Purpose") == "" && cmp.Or(h.Get("Sec-Fetch-Mode"), "navigate") == "navigate" &&
		cmp.Or(h.Get("Sec-Fetch-Dest"), "document") == "document"
}

func (x *exchange) askSignOut(person *issue.Person, asked issue.Logout) {
	sealed, err := x.cfg.Issue.SealLogout(x.r.Context(), x.view, x.server, asked, person)
	if errors.Is(err, issue.ErrPendingSize) {
		x.errorPage(oauth.InvalidRequest("the request is too long"))
		return
	}
	if err != nil {
		x.errorPage(x.oauthError(err))
		return
	}
	application := x.view.Snapshot.Applications[asked.Application]
	page := design.SignOutPage{
		Who: person.Customer.Name, Action: x.here() + "/logout/confirm", Request: sealed, Policy: design.LeadingTo(application),
	}
	if application != nil {
		page.Application = titleOf(application)
		page.Ways = x.wayTo(application, stayTo)
	}
	x.signOutPage(page, application)
}

// logoutConfirmed is the answer to askSignOut, from our own page only.
func (x *exchange) logoutConfirmed() {
	if x.strangers.Check(x.r) != nil {
		x.foreignForm()
		return
	}
	form, err := x.form() // which may take its time, so whose it is is asked afterwards
	if err != nil {
		x.errorPage(x.oauthError(err))
		return
	}
	person, err := x.person()
	if err != nil {
		x.errorPage(x.oauthError(err))
		return
	}
	if person == nil { // sent twice
		x.signedOut(issue.Logout{})
		return
	}
	asked, err := x.cfg.Issue.OpenLogout(x.r.Context(), x.view, x.server, form.Get("request"), person)
	switch {
	case errors.Is(err, issue.ErrPending): // too old, or somebody else's by now
		x.askSignOut(person, issue.Logout{})
	case err != nil:
		x.errorPage(x.oauthError(err))
	default:
		x.end(person, asked, audit.Customer(person.Customer.ID.String()))
	}
}

// end ends the session and everything that was issued under it.
func (x *exchange) end(person *issue.Person, asked issue.Logout, by audit.Actor) {
	current := signin.Current(*person)
	if err := x.cfg.SignIn.End(x.r.Context(), x.live, &current, by); err != nil {
		x.errorPage(x.oauthError(err))
		return
	}
	http.SetCookie(x.w, &http.Cookie{
		Name: x.cookieName(), Path: "/", MaxAge: -1, Secure: x.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	x.signedOut(asked)
}

// signedOut leads back to the application, or says that it is done.
func (x *exchange) signedOut(asked issue.Logout) {
	application := x.view.Snapshot.Applications[asked.Application]
	if asked.Redirect == "" {
		page := design.SignOutPage{Done: true}
		if application != nil {
			page.Ways = x.wayTo(application, goTo)
		}
		x.signOutPage(page, application)
		return
	}
	location := asked.Redirect
	if asked.State != "" {
		separator := "?"
		if strings.Contains(location, "?") {
			separator = "&"
		}
		location += separator + url.Values{"state": {asked.State}}.Encode()
	}
	design.LeadingTo(application).Apply(x.w.Header())
	x.redirect(location)
}

func (x *exchange) signOutPage(p design.SignOutPage, application *config.Application) {
	p.Frame = x.frame(application)
	if err := words.SignOut(x.w, x.r, p); err != nil { // cannot be: a test renders it
		x.errorPage(x.oauthError(err))
	}
}

// wayTo leads to the pages of an application, if it has any.
func (x *exchange) wayTo(a *config.Application, how string) []config.LabeledURL {
	if a.Home == "" {
		return nil
	}
	return []config.LabeledURL{{Label: words.Say(x.frame(nil).Language, how, titleOf(a)), URL: a.Home}}
}

func titleOf(a *config.Application) string { return cmp.Or(a.Title, a.Name) }
