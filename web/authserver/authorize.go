package authserver

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"sallyport/protocol/oauth"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/service/signin"
)

// visit is a browser at the authorization endpoint. Its steps fill it in.
type visit struct {
	*exchange
	pending     issue.Pending
	request     oauth.AuthorizationRequest
	application *config.Application
	destination oauth.Destination
	person      *issue.Person // nil: nobody is signed in
	hinted      string        // sub of the id_token_hint
	continued   bool
	answer      *issue.Answered // to the question whether the application may have it; nil: none was given
	allowed     bool            // the answer is yes
	agreed      bool            // and it was taken
}

// authorize is the authorization endpoint (RFC 6749 §3.1, OIDC Core §3.1.2).
func (x *exchange) authorize() {
	v := &visit{exchange: x, pending: issue.Pending{Began: x.cfg.Now()}}
	var err error
	if x.r.Method == http.MethodPost {
		v.pending.Parameters, err = x.form()
	} else {
		v.pending.Parameters, err = oauth.ParseParameters(x.r.URL.RawQuery)
	}
	if err != nil {
		x.errorPage(x.note(audit.AuthRefused, nil, x.oauthError(err)))
		return
	}
	v.run()
}

// resume goes on with a request that waited for somebody to sign in. It is
// checked from the beginning: the configuration may have changed meanwhile.
func (x *exchange) resume() {
	v := &visit{exchange: x, continued: true}
	var err error
	v.pending, err = x.cfg.Issue.Resume(x.r.Context(), x.view, x.server, x.r.URL.Query().Get("r"))
	switch {
	case errors.Is(err, issue.ErrPending):
		x.errorPage(x.note(audit.AuthRefused, nil, oauth.InvalidRequest("the request is too old, or not one of ours")))
	case err != nil:
		x.errorPage(x.oauthError(err))
	default:
		v.run()
	}
}

// run takes the steps in order. Until the destination is matched, an error is
// shown here and sent nowhere (RFC 6749 §4.1.2.1).
func (v *visit) run() {
	for _, step := range []func(*visit) error{
		(*visit).parse,
		(*visit).goHome,
		(*visit).acceptable,
		(*visit).readHint,
		(*visit).readSession,
		(*visit).admit,
		(*visit).heed,
		(*visit).grant,
	} {
		if err := step(v); err != nil {
			v.refuse(err)
			return
		}
	}
}

// errAnswered ends the steps: the browser has its answer.
var errAnswered = errors.New("answered")

// parse checks the form of the request and, before anything is answered,
// where answers may go.
func (v *visit) parse() error {
	request, formError := oauth.ParseAuthorizationRequest(v.pending.Parameters)
	var local *oauth.NotRedirectableError
	if errors.As(formError, &local) {
		return formError
	}
	application, known := v.view.Snapshot.Applications[string(request.Return.ClientID)]
	if !known {
		return &oauth.NotRedirectableError{Shown: oauth.InvalidRequest("client_id is not registered")}
	}
	match := request.Return.MatchExactly
	if application.Type == config.TypeNative {
		match = request.Return.Match
	}
	destination, err := match(application.Redirects)
	if err != nil {
		return err
	}
	v.request, v.application, v.destination = request, application, destination
	return formError
}

func (v *visit) acceptable() error { return issue.Acceptable(v.server, v.application, v.request) }

// readHint learns whom an ID token of ours names; its age does not matter
// (OIDC Core §3.1.2.1).
func (v *visit) readHint() error {
	hint := v.request.IDTokenHint.Reveal()
	if hint == "" {
		return nil
	}
	signing, err := v.cfg.Issue.Signing(v.r.Context(), v.view, v.server)
	if err != nil {
		return err
	}
	payload, _, err := signing.ID.Verify(hint)
	var claims struct {
		Issuer  string `json:"iss"`
		Subject string `json:"sub"`
	}
	if err != nil || json.Unmarshal(payload, &claims) != nil || claims.Issuer != v.server.Issuer || claims.Subject == "" {
		return oauth.InvalidRequest("id_token_hint is not an ID token of this server")
	}
	v.hinted = claims.Subject
	return nil
}

// readSession finds out who is signed in, if anybody is.
func (v *visit) readSession() (err error) {
	v.person, err = v.exchange.person()
	return err
}

// admit sends the browser to sign in if the session does not answer the request.
func (v *visit) admit() error {
	meeting := issue.Visit{
		Request: v.request, Person: v.person, Subject: v.hinted, Reachable: issue.Reachable(v.view.Snapshot),
		MaxAge: v.application.MaxAge.Std(), Began: v.pending.Began, Continued: v.continued, Now: v.cfg.Now(),
	}
	admission, err := issue.Admit(meeting)
	if err != nil || admission == issue.Proceed {
		return err
	}
	if admission == issue.SignInAgain && !v.person.Session.SignedIn.Before(v.pending.Began) {
		v.pending.Began = meeting.Now // else what is too old by now would do for the next ticket, too
	}
	two := v.pending.Stepped || meeting.TwoFactors() ||
		v.cfg.Issue.Foresee(v.view, v.server, v.application, v.request, v.cfg.Address(v.r))
	return v.signIn(signin.Ticket{Reauthenticate: admission == issue.SignInAgain, TwoFactors: two})
}

// signIn lets the request wait for whoever signs in.
func (v *visit) signIn(t signin.Ticket) error {
	pending, err := v.cfg.Issue.Suspend(v.r.Context(), v.view, v.server, v.pending)
	if errors.Is(err, issue.ErrPendingSize) {
		return oauth.InvalidRequest("the request is too long")
	}
	if err != nil {
		return err
	}
	t.Return = "/" + v.server.Name + "/authorize/continue?r=" + url.QueryEscape(pending)
	t.Application, t.Created, t.Languages = v.application.Name, v.pending.Began, v.request.UILocales
	if t.Hint, err = v.hint(t); err != nil {
		return err
	}
	location, err := v.cfg.SignIn.Begin(v.r.Context(), v.live, t)
	if err != nil {
		return err
	}
	v.redirect(v.view.Snapshot.URL.String() + location)
	return errAnswered
}

// hint is the name that the page of sign-in shows as typed already: what the
// application knows, or whoever is signed in and is to prove more. Who is asked to
// sign in again is asked for the name, too.
func (v *visit) hint(t signin.Ticket) (string, error) {
	if v.request.LoginHint != "" || t.Reauthenticate || !t.TwoFactors || v.person == nil {
		return v.request.LoginHint, nil
	}
	if v.hinted != "" && v.hinted != v.person.Customer.ID.String() {
		return "", nil
	}
	return v.cfg.Issue.SignInName(v.r.Context(), v.view, v.person.Customer)
}

// grant answers with a code, or sends the browser to what is needed first.
func (v *visit) grant() error {
	authorized, err := v.cfg.Issue.Authorize(v.r.Context(), v.view, v.authorization())
	switch {
	case errors.Is(err, issue.ErrPendingSize):
		return oauth.InvalidRequest("the request is too long")
	case err != nil:
		return err
	case authorized.StepUp != nil:
		return v.stepUp(*authorized.StepUp)
	case authorized.Ask != nil:
		return v.ask(authorized.Ask)
	}
	v.respond(v.destination.Success(authorized.Code, v.server.Issuer))
	return nil
}

// stepUp sends the browser to a sign-in that the rules ask for. One that is to be
// made anew must be younger than the request, which may have waited for long.
func (v *visit) stepUp(to issue.StepUp) error {
	v.pending.Stepped = v.pending.Stepped || to.TwoFactors
	if to.Anew && !v.person.Session.SignedIn.Before(v.pending.Began) {
		v.pending.Began = v.cfg.Now()
	}
	return v.signIn(signin.Ticket{TwoFactors: to.TwoFactors, Reauthenticate: to.Anew})
}

func (v *visit) authorization() issue.Authorization {
	return issue.Authorization{
		Server: v.server, Application: v.application, Request: v.request, Person: *v.person,
		Address: v.cfg.Address(v.r), Pending: v.pending, Agreed: v.agreed,
	}
}

// refuse shows an error here, or sends it to the application once its address
// is known to be its own.
func (v *visit) refuse(err error) {
	var local *oauth.NotRedirectableError
	switch {
	case errors.Is(err, errAnswered):
	case errors.As(err, &local):
		v.errorPage(v.note(audit.AuthRefused, nil, local.Shown))
	case v.application == nil:
		v.errorPage(v.oauthError(err))
	default:
		e := v.note(audit.AuthRefused, v.application, v.authorizeError(err))
		v.respond(v.destination.Failure(e, v.server.Issuer))
	}
}

// authorizeError puts the table's words for a grant into those of this
// endpoint: here it is the customer who was refused.
func (v *visit) authorizeError(err error) *oauth.Error {
	e := v.oauthError(err)
	if e.Code != oauth.CodeInvalidGrant {
		return e
	}
	var refusal *issue.Refusal
	if errors.As(err, &refusal) && refusal.Reason == issue.SessionOver {
		return oauth.LoginRequired(e.Description).WithReference(e.Reference)
	}
	return oauth.AccessDenied(e.Description).WithReference(e.Reference)
}

// respond sends the browser back to the application, with status 303 and
// never 307, which would repeat a form (RFC 9700 §4.12).
func (v *visit) respond(response oauth.Response) {
	if response.Mode == oauth.ResponseModeFormPost {
		v.postPage(response)
		return
	}
	v.redirect(response.Location())
}

func (x *exchange) redirect(location string) {
	// http.Redirect would clean up the path of a redirect URI, which must go
	// out byte for byte.
	x.w.Header().Set("Location", strings.NewReplacer("\r", "", "\n", "").Replace(location))
	x.w.WriteHeader(http.StatusSeeOther)
}
