package issue

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/claim"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// Redeem spends a code (RFC 6749 §4.1.3). A code is spent at most once, on any
// node: a second redemption is refused and ends the first one's grant, with
// its tokens (OAuth 2.1 §4.1.3). So is, and does, one by another application:
// somebody has the code who should not. A wrong verifier or redirect URI is
// refused and spends nothing: neither tells who was robbed, and ending a grant
// for them would let anybody end it who ever saw the code.
func (s *Service) Redeem(ctx context.Context, v View, server *config.LiveServer, c Client, r oauth.TokenRequest) (oauth.TokenResponse, error) {
	if err := s.fresh(); err != nil {
		return oauth.TokenResponse{}, err
	}
	if !has(c.Application, access.AuthorizationCode) {
		return oauth.TokenResponse{}, &Refusal{Reason: NotRegistered}
	}
	if err := checkResources(server, r.Resources); err != nil {
		return oauth.TokenResponse{}, err
	}
	opened, err := s.openCode(ctx, v.Env, r.Code)
	if errors.Is(err, errCode) {
		return oauth.TokenResponse{}, s.refuseGrant(ctx, v, c, BadCode, grantDetail{})
	}
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	if reason := opened.check(server, c, r, s.cfg.Now()); reason != "" {
		if reason == ForeignCode {
			return oauth.TokenResponse{}, s.burn(ctx, v, c, opened)
		}
		return oauth.TokenResponse{}, s.refuseGrant(ctx, v, c, reason, grantDetail{Grant: grantName(opened.Grant)})
	}
	return s.redeem(ctx, v, server, c, opened)
}

// check compares a code with the request that presents it.
func (c code) check(server *config.LiveServer, client Client, r oauth.TokenRequest, now time.Time) Reason {
	switch {
	case c.Application != client.Application.Name || c.Server != server.Name:
		return ForeignCode
	case !c.Expires.After(now):
		return ExpiredCode
	case c.Redirect != r.RedirectURI:
		return WrongRedirect
	case c.challenge().Verify(r.CodeVerifier) != nil:
		return WrongVerifier
	}
	return ""
}

// redeem turns a good code into a grant and its first tokens.
func (s *Service) redeem(ctx context.Context, v View, server *config.LiveServer, c Client, from code) (oauth.TokenResponse, error) {
	now := s.cfg.Now()
	holder := holder{customer: from.Customer, session: from.Session, issued: from.Instant, detail: from.Detail}
	who, reason, err := s.who(ctx, v, c.Application, holder, now)
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	if reason != "" {
		return oauth.TokenResponse{}, s.refuseGrant(ctx, v, c, reason, grantDetail{Grant: grantName(from.Grant)})
	}
	q := &inquiry{view: v, server: server, application: c.Application, person: who, request: access.Request{
		Application: access.ApplicationID(c.Application.Name), Grant: access.AuthorizationCode, Subject: who.asSubject(server.Access),
		Scopes: from.Asked, Address: from.Address, At: from.Instant, Assurance: who.proved, Authenticated: who.at,
	}}
	i, err := s.allow(ctx, q, from.Granted, audit.TokenRefused)
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	i.now, i.nonce, i.wanted = now, from.Detail.Nonce, from.Detail.Wanted
	if err := s.unspent(ctx, v, server, c, from); err != nil {
		return oauth.TokenResponse{}, err
	}
	if err := s.consult(ctx, i, audit.TokenRefused); err != nil {
		return oauth.TokenResponse{}, err
	}
	grant, err := i.grant(from)
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	answer, err := s.answer(ctx, i, grant.ID, grant.Counter, grant.Refreshable)
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	spent, err := s.spend(ctx, i, c, grant)
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	if spent != nil {
		return oauth.TokenResponse{}, spent
	}
	return answer, nil
}

// unspent refuses a code that was spent before hooks are asked about it: what is never
// issued is nobody's business, and whoever repeats a code must not make us repeat
// questions. Storing the grant decides all the same: see spend.
func (s *Service) unspent(ctx context.Context, v View, server *config.LiveServer, c Client, from code) error {
	if len(server.Hooks) == 0 {
		return nil
	}
	switch _, err := s.cfg.Store.Grant(ctx, v.Env, from.Grant); {
	case err == nil:
		return s.endOnce(ctx, v, c, ending{audit.CodeReused, SpentCode, from.Grant})
	case !errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("looking for the grant of a code: %w", err)
	}
	return nil
}

// allow decides again under the live revision. Of what it grants, nothing
// beyond first is given.
func (s *Service) allow(ctx context.Context, q *inquiry, first []access.Scope, refusal audit.Type) (*issuance, error) {
	decision := q.decide()
	if !decision.Allowed {
		return nil, s.refuseDecided(ctx, q, decision, refusal)
	}
	granted := slices.DeleteFunc(slices.Clone(decision.Granted), func(s access.Scope) bool { return !slices.Contains(first, s) })
	if len(granted) == 0 {
		entry, record := q.record(decision)
		entry.Type, record.Reason = refusal, NothingLeft
		return nil, s.refuse(ctx, q.view, entry, q.request.Address, &Refusal{Reason: NothingLeft})
	}
	return &issuance{inquiry: q, decision: decision, granted: granted}, nil
}

// grant is the row that a code becomes.
func (i *issuance) grant(from code) (store.Grant, error) {
	kept, err := json.Marshal(from.Detail)
	if err != nil {
		return store.Grant{}, fmt.Errorf("encoding a grant: %w", err)
	}
	g := store.Grant{
		ID: from.Grant, Application: from.Application, Server: from.Server, Customer: from.Customer, Session: from.Session,
		GrantType: string(access.AuthorizationCode), Scopes: textsOf(i.granted), Detail: kept, Created: i.now, Used: i.now,
		Revision: i.view.Snapshot.Revision,
		// It must outlive its code and its access token, so that both can be ended.
		Expires: i.now.Add(max(i.decision.Lifetimes.Access, 2*codeLife)),
	}
	if !has(i.application, access.RefreshToken) {
		return g, nil
	}
	g.Refreshable = true
	g.Expires = i.now.Add(i.decision.Lifetimes.Refresh)
	if !i.has(oauth.ScopeOfflineAccess) && from.Detail.Ends.Before(g.Expires) {
		g.Expires = from.Detail.Ends
	}
	g.IdleExpires = i.idle(g.Expires)
	return g, nil
}

// idle is when a family ends unless it is used.
func (i *issuance) idle(end time.Time) time.Time {
	if i.decision.Lifetimes.Idle <= 0 {
		return time.Time{}
	}
	if idle := i.now.Add(i.decision.Lifetimes.Idle); idle.Before(end) {
		return idle
	}
	return end
}

// answer mints, before anything is stored: a transaction waits for nobody.
func (s *Service) answer(ctx context.Context, i *issuance, grant store.GrantID, counter int64, refreshable bool) (oauth.TokenResponse, error) {
	var id [24]byte
	copy(id[:], grant[:])
	if err := s.random(id[16:]); err != nil {
		return oauth.TokenResponse{}, err
	}
	i.jti = base64.RawURLEncoding.EncodeToString(id[:])
	if err := s.identify(ctx, i); err != nil {
		return oauth.TokenResponse{}, err
	}
	made, err := s.make(ctx, i)
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	answer := i.response(made)
	if refreshable {
		answer.RefreshToken, err = s.refreshToken(ctx, i.view.Env, grant, counter)
	}
	return answer, err
}

// identify loads identifiers if the claims parameter wants them in the ID token, and
// accounts if a claim of a token tells of them.
func (s *Service) identify(ctx context.Context, i *issuance) (err error) {
	if err := s.belong(ctx, i, claim.Access, claim.ID); err != nil {
		return err
	}
	if len(i.wanted.IDToken) > 0 && i.idToken() {
		i.person.identifiers, err = s.cfg.Store.Identifiers(ctx, i.view.Env, i.person.customer.ID)
	}
	return err
}

// spend stores the grant, which spends the code. If it was spent before, the
// stored grant ends with everything issued under it, and refused says so.
func (s *Service) spend(ctx context.Context, i *issuance, c Client, g store.Grant) (refused error, err error) {
	entry, record := i.record(i.decision)
	entry.Type, record.Token, record.Grant = audit.TokenIssued, i.jti, grantName(g.ID)
	issued := s.cfg.Audit.Event(entry)
	err = s.cfg.Store.Write(ctx, i.view.Env, func(tx store.Tx) error {
		if covered, err := i.covered(ctx, tx); err != nil || !covered {
			return cmp.Or(err, errUncovered)
		}
		if err := tx.CreateGrant(ctx, g); err != nil {
			return err
		}
		return tx.Audit(ctx, issued)
	})
	switch {
	case errors.Is(err, store.ErrExists):
		return s.endOnce(ctx, i.view, c, ending{audit.CodeReused, SpentCode, g.ID}), nil
	case errors.Is(err, store.ErrConflict): // its session ended since it was read
		return s.refuseGrant(ctx, i.view, c, SessionOver, grantDetail{Grant: grantName(g.ID)}), nil
	case errors.Is(err, errUncovered):
		return s.refuseGrant(ctx, i.view, c, ConsentOver, grantDetail{Grant: grantName(g.ID)}), nil
	case err != nil:
		return nil, fmt.Errorf("storing a grant: %w", err)
	}
	return nil, nil
}

// burn makes a code worthless that another application presented, and ends
// what it became already.
func (s *Service) burn(ctx context.Context, v View, c Client, from code) error {
	now := s.cfg.Now()
	dead := store.Grant{
		ID: from.Grant, Application: from.Application, Server: from.Server, Customer: from.Customer, Session: from.Session,
		GrantType: string(access.AuthorizationCode), Scopes: []string{}, Created: now, Expires: now.Add(2 * codeLife),
	}
	err := s.cfg.Store.Write(ctx, v.Env, func(tx store.Tx) error { return tx.CreateGrant(ctx, dead) })
	switch {
	case errors.Is(err, store.ErrConflict): // its session ended, and the code with it
		return s.refuseGrant(ctx, v, c, ForeignCode, grantDetail{Grant: grantName(from.Grant)})
	case err != nil && !errors.Is(err, store.ErrExists):
		return fmt.Errorf("ending a stolen code: %w", err)
	}
	return s.endOnce(ctx, v, c, ending{audit.TokenRefused, ForeignCode, from.Grant})
}

// holder is whose a code or a grant is.
type holder struct {
	customer customer.ID
	session  store.SessionID
	issued   time.Time // when the code or the grant was made
	detail   detail
	offline  bool // outlives its session
}

// who loads the customer and the session behind a code or a grant, and says
// why they may have nothing any more.
func (s *Service) who(ctx context.Context, v View, a *config.Application, h holder, now time.Time) (*person, Reason, error) {
	session, err := s.cfg.Store.Session(ctx, v.Env, h.session)
	missing := errors.Is(err, store.ErrNotFound)
	if err != nil && !missing {
		return nil, "", fmt.Errorf("reading a session: %w", err)
	}
	// A session is swept some time after its end, so one that offline access
	// outlived may be gone; before its end it cannot be.
	outlived := h.offline && !now.Before(h.detail.Ends)
	switch {
	case missing && !outlived, !missing && !session.Ended.IsZero(), !missing && !session.Expires.After(now) && !h.offline:
		return nil, SessionOver, nil
	case missing:
		session.Assurance, session.Created, session.SignedIn = h.detail.ACR, h.detail.SignedIn, h.detail.SignedIn
	}
	owner, err := s.cfg.Store.Customer(ctx, v.Env, h.customer)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, "", fmt.Errorf("reading a customer: %w", err)
	}
	if err != nil || owner.State != customer.Active {
		return nil, CustomerOff, nil
	}
	if !owner.Honours(h.issued, h.detail.SignedIn, session.Created) {
		return nil, SessionOver, nil
	}
	p := personOf(a, owner, h.session, h.detail)
	p.proved, p.at = AssuranceOf(session.Assurance), session.SignedIn
	return p, "", nil
}
