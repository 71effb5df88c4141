package issue

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/store"
)

// Reasons that have to do with consent.
const (
	ConsentNeeded Reason = "consent-required"  // prompt=none, and the customer must be asked
	ConsentDenied Reason = "consent-denied"    // the customer was asked, and said no
	ConsentOver   Reason = "consent-withdrawn" // what was issued is not covered by a consent any more
)

// Question is what a customer is asked to allow an application.
type Question struct {
	Scopes []access.Scope // all that it asks for, sorted
	New    []access.Scope // of them, what it is not allowed yet; all of them if it asks anew
	Who    string         // how the customer is known, to themselves
	Sealed string         // to be given to [Service.OpenAnswer] with the answer
}

// wantsConsent lists what a customer is asked for, sorted: the scopes that would
// be granted, and those whose claims are asked for by name (OIDC Core §5.5), which
// would tell as much.
func wantsConsent(granted []access.Scope, w wanted) []access.Scope {
	wants := slices.Clone(granted)
	for _, claim := range standardClaims {
		if w.IDToken.has(claim.name) || w.Userinfo.has(claim.name) {
			wants = append(wants, access.Scope(claim.scope))
		}
	}
	slices.Sort(wants)
	return slices.Compact(wants)
}

// asksConsent tells whether customers decide about all that an application may have.
func asksConsent(a *config.Application) bool { return a.Consent == config.ConsentRequired }

// needsConsent lists what of it a customer must have allowed, sorted: everything, or
// of an application whose consent is implicit the scopes that ask by themselves.
func needsConsent(server *config.LiveServer, a *config.Application, granted []access.Scope, w wanted) []access.Scope {
	if asksConsent(a) {
		return wantsConsent(granted, w)
	}
	if len(server.Asks) == 0 {
		return nil
	}
	needs := slices.DeleteFunc(slices.Clone(granted), func(s access.Scope) bool { return !server.Asks[string(s)] })
	slices.Sort(needs)
	return needs
}

// shown lists what the page of a question names, sorted: what consent is needed for
// or, where the application wants to ask anew, all that it would get.
func (a Authorization) shown(granted []access.Scope) []access.Scope {
	w := wantedBy(a.Request.Claims)
	if a.Request.Asks(oauth.PromptConsent) {
		return wantsConsent(granted, w)
	}
	return needsConsent(a.Server, a.Application, granted, w)
}

// consentOf reads what a customer allows now; nothing if there is no consent.
func (s *Service) consentOf(ctx context.Context, v View, id customer.ID, application, server string) (store.Consent, error) {
	c, err := s.cfg.Store.Consent(ctx, v.Env, id, application, server)
	if errors.Is(err, store.ErrNotFound) {
		return store.Consent{Customer: id, Application: application, Server: server}, nil
	}
	if err != nil {
		return c, fmt.Errorf("reading a consent: %w", err)
	}
	return c, nil
}

// beyond lists what a consent does not cover.
func beyond(wants []access.Scope, c store.Consent) []access.Scope {
	return slices.DeleteFunc(slices.Clone(wants), func(s access.Scope) bool { return slices.Contains(c.Scopes, string(s)) })
}

// question gives what the customer must be asked before a code is made; nil if
// nothing. [ConsentNeeded] where prompt=none forbids to ask.
func (s *Service) question(ctx context.Context, q *inquiry, a Authorization, granted []access.Scope) (*Question, error) {
	anew := a.Request.Asks(oauth.PromptConsent) && !a.Agreed
	needs := needsConsent(a.Server, a.Application, granted, wantedBy(a.Request.Claims))
	if !anew && len(needs) == 0 {
		return nil, nil
	}
	consent, err := s.consentOf(ctx, q.view, a.Person.Customer.ID, a.Application.Name, a.Server.Name)
	if err != nil {
		return nil, err
	}
	wants, missing := a.shown(granted), beyond(needs, consent)
	switch {
	case len(missing) == 0 && !anew:
		return nil, nil
	case a.Request.Asks(oauth.PromptNone):
		return nil, &Refusal{Reason: ConsentNeeded}
	case len(missing) == 0:
		missing = wants
	case anew:
		missing = beyond(wants, consent)
	}
	who, err := s.nameOfCustomer(ctx, q.view, a.Person.Customer)
	if err != nil {
		return nil, err
	}
	sealed, err := s.sealQuestion(ctx, q.view, a, wants)
	return &Question{Scopes: wants, New: missing, Who: who, Sealed: sealed}, err
}

// nameOfCustomer gives what customers know themselves by.
func (s *Service) nameOfCustomer(ctx context.Context, v View, c customer.Customer) (string, error) {
	name, err := s.SignInName(ctx, v, c)
	if err != nil || name == "" || c.Name == "" {
		return c.Name + name, err
	}
	return c.Name + ", " + name, nil
}

// SignInName gives what a customer can type as their name when they sign in;
// empty if there is nothing.
func (s *Service) SignInName(ctx context.Context, v View, c customer.Customer) (string, error) {
	identifiers, err := s.cfg.Store.Identifiers(ctx, v.Env, c.ID)
	if err != nil {
		return "", fmt.Errorf("reading identifiers: %w", err)
	}
	p := person{customer: c, identifiers: identifiers}
	for _, kind := range []customer.IdentifierKind{customer.Email, customer.Username, customer.Phone} {
		if best, found := p.identifier(kind); found {
			return best.Display, nil
		}
	}
	return "", nil
}

// errUncovered: what is to be issued is within no consent.
var errUncovered = errors.New("not covered by a consent")

// covered tells whether what is to be issued is within a consent that is held in
// the transaction; true where none is needed.
func (i *issuance) covered(ctx context.Context, tx store.Tx) (bool, error) {
	needs := needsConsent(i.server, i.application, i.granted, i.wanted)
	if len(needs) == 0 {
		return true, nil
	}
	consent, err := tx.HoldConsent(ctx, i.person.customer.ID, i.application.Name, i.server.Name)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return len(beyond(needs, consent)) == 0, err
}

// consented is covered without a transaction, where a withdrawal meanwhile ends
// the grant: what a refresh gives out is dead then, or is not given.
func (s *Service) consented(ctx context.Context, i *issuance) (bool, error) {
	needs := needsConsent(i.server, i.application, i.granted, i.wanted)
	if len(needs) == 0 {
		return true, nil
	}
	consent, err := s.consentOf(ctx, i.view, i.person.customer.ID, i.application.Name, i.server.Name)
	return err == nil && len(beyond(needs, consent)) == 0, err
}
