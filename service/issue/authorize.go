package issue

import (
	"context"
	"net/netip"
	"slices"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/store"
)

// Authorization is a request for a code, of a customer who is signed in. Its
// redirect URI has been matched with the registration.
type Authorization struct {
	Server      *config.LiveServer
	Application *config.Application
	Request     oauth.AuthorizationRequest
	Person      Person
	Address     netip.Addr // the browser's; zero if unknown
	Pending     Pending    // the request as it travels while the customer is asked
	Agreed      bool       // the customer has just said yes to it: see [Service.Agree]
}

// Authorized is what the browser takes back to the application, or what is
// needed first.
type Authorized struct {
	Code    oauth.Secret
	Granted []access.Scope
	StepUp  *StepUp   // no code: the customer must sign in again, and come back
	Ask     *Question // no code: the customer must be asked
}

// Acceptable checks what a request can be refused for before anybody signs in:
// that the application may use the flow, PKCE as it is registered (RFC 9700
// §2.1.1) and the resource (RFC 8707). Authorize checks it again.
func Acceptable(server *config.LiveServer, a *config.Application, r oauth.AuthorizationRequest) error {
	public := a.Authentication == string(oauth.AuthNone)
	switch {
	case !has(a, access.AuthorizationCode):
		return &Refusal{Reason: NotRegistered}
	case r.Challenge.IsZero() && (public || a.PKCE != "optional"):
		return &Refusal{Reason: ChallengeMissing}
	}
	return checkResources(server, r.Resources)
}

// checkResources takes the server's audience only, by whichever name it is
// written: a token has one audience (RFC 9068 §3).
func checkResources(server *config.LiveServer, resources []string) error {
	for _, resource := range resources {
		if resource != server.Audience {
			return &Refusal{Reason: WrongResource}
		}
	}
	return nil
}

// Authorize decides a request and makes a code for it, unless the customer must
// do something first. A [Refusal] may be sent to the application. Too little
// assurance is refused only where more cannot be had: where the journey does not
// reach it, prompt=none forbids it (LoginNeeded), or it was tried already. A sign-in
// that is too old for the rules is asked for anew as often as it takes.
// ConsentNeeded where prompt=none forbids to ask; [ErrPendingSize].
func (s *Service) Authorize(ctx context.Context, v View, a Authorization) (Authorized, error) {
	if err := s.fresh(); err != nil {
		return Authorized{}, err
	}
	if err := Acceptable(a.Server, a.Application, a.Request); err != nil {
		return Authorized{}, err
	}
	q, err := s.asked(v, a)
	if err != nil {
		return Authorized{}, err
	}
	decision := q.decide()
	switch {
	case decision.Allowed:
	case !q.helps(decision, a.Pending.Stepped):
		return Authorized{}, s.refuseDecided(ctx, q, decision, audit.AuthRefused)
	case a.Request.Asks(oauth.PromptNone):
		return Authorized{}, &Refusal{Reason: LoginNeeded}
	default:
		return Authorized{StepUp: q.stepUp(decision)}, nil
	}
	if ask, err := s.question(ctx, q, a, decision.Granted); err != nil || ask != nil {
		return Authorized{Ask: ask}, err
	}
	c := a.code(q, decision)
	if err := s.random(c.Grant[:]); err != nil {
		return Authorized{}, err
	}
	sealed, err := s.sealCode(ctx, v.Env, c)
	if err != nil {
		return Authorized{}, err
	}
	entry, record := q.record(decision)
	entry.Type, record.Grant = audit.Authorized, grantName(c.Grant)
	if err := s.cfg.Audit.Record(ctx, v.Env, entry); err != nil {
		return Authorized{}, err
	}
	return Authorized{Code: sealed, Granted: decision.Granted}, nil
}

// asked puts the question of an authorization.
func (s *Service) asked(v View, a Authorization) (*inquiry, error) {
	now := s.cfg.Now()
	switch {
	case !alive(a.Person.Session, now):
		return nil, &Refusal{Reason: SessionOver}
	case a.Person.Customer.State != customer.Active:
		return nil, &Refusal{Reason: CustomerOff}
	case !a.Person.Customer.Honours(a.Person.Session.Created, a.Person.Session.SignedIn):
		return nil, &Refusal{Reason: SessionOver}
	}
	scopes, err := askable(a.Application, scopesOf(a.Request.Scopes))
	if err != nil {
		return nil, err
	}
	p := personOf(a.Application, a.Person.Customer, a.Person.Session.ID, detailOf(a))
	return &inquiry{
		view: v, server: a.Server, application: a.Application, person: p,
		request: access.Request{
			Application: access.ApplicationID(a.Application.Name), Grant: access.AuthorizationCode,
			Subject: p.asSubject(a.Server.Access), Scopes: scopes, Address: a.Address, At: now,
			Assurance: AssuranceOf(a.Person.Session.Assurance), Authenticated: a.Person.Session.SignedIn,
		},
	}, nil
}

// askable leaves offline_access out where the application cannot refresh: it
// is to be ignored then (OIDC Core §11). What asks for nothing else asks for
// nothing, which must not become the defaults.
func askable(a *config.Application, scopes []access.Scope) ([]access.Scope, error) {
	if has(a, access.RefreshToken) || !contains(scopes, oauth.ScopeOfflineAccess) {
		return scopes, nil
	}
	scopes = slices.DeleteFunc(scopes, func(s access.Scope) bool { return string(s) == string(oauth.ScopeOfflineAccess) })
	if len(scopes) == 0 {
		return nil, &Refusal{Reason: NothingAsked}
	}
	return scopes, nil
}

func detailOf(a Authorization) detail {
	session := a.Person.Session
	return detail{
		Nonce: a.Request.Nonce, SignedIn: session.SignedIn, ACR: toldACR(a.Request, session.Assurance), AMR: session.Methods,
		Wanted: wantedBy(a.Request.Claims), Ends: session.Expires,
	}
}

func personOf(a *config.Application, c customer.Customer, session store.SessionID, d detail) *person {
	return &person{
		customer: c, subject: directory.Subject(c.ID, a.Name), session: session,
		signedIn: d.SignedIn, acr: d.ACR, amr: d.AMR,
	}
}

// code is the code of an allowed request, still without the id of its grant.
func (a Authorization) code(q *inquiry, d access.Decision) code {
	return code{
		Server: a.Server.Name, Application: a.Application.Name, Redirect: a.Request.Return.RedirectURI,
		Challenge: a.Request.Challenge.Value, Asked: q.request.Scopes, Granted: d.Granted,
		Address: q.request.Address, Instant: q.request.At, Expires: q.request.At.Add(codeLife),
		Detail: detailOf(a), Customer: a.Person.Customer.ID, Session: a.Person.Session.ID,
	}
}
