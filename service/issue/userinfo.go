package issue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/claim"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/store"
)

// Bearer is what a verified access token says of its holder.
type Bearer struct {
	Subject     string
	Application string
	Scopes      []access.Scope
	Grant       store.GrantID
}

// Userinfo gives the claims of the customer behind an access token that
// service/verify found good (OIDC Core §5.3): always sub, and what the scopes
// and the claims parameter of the authorization asked for.
func (s *Service) Userinfo(ctx context.Context, v View, server *config.LiveServer, b Bearer) (Claims, error) {
	if err := s.fresh(); err != nil {
		return nil, err
	}
	id, err := customer.ParseID(b.Subject)
	application, known := v.Snapshot.Applications[b.Application]
	if err != nil || !known || !contains(b.Scopes, oauth.ScopeOpenID) {
		return nil, &Refusal{Reason: NoOpenID}
	}
	owner, err := s.cfg.Store.Customer(ctx, v.Env, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("reading a customer: %w", err)
	}
	if err != nil || owner.State != customer.Active {
		return nil, &Refusal{Reason: CustomerOff}
	}
	grant, kept, err := s.askedOf(ctx, v.Env, b.Grant, owner)
	if err != nil {
		return nil, err
	}
	p := personOf(application, owner, store.SessionID{}, detail{})
	if p.identifiers, err = s.cfg.Store.Identifiers(ctx, v.Env, id); err != nil {
		return nil, fmt.Errorf("reading identifiers: %w", err)
	}
	i := &issuance{
		inquiry: &inquiry{view: v, server: server, application: application, person: p, request: access.Request{
			Grant: access.GrantType(grant.GrantType), Assurance: AssuranceOf(kept.ACR),
		}},
		granted: b.Scopes, wanted: kept.Wanted,
	}
	if err := s.belong(ctx, i, claim.Userinfo); err != nil {
		return nil, err
	}
	claims := i.userinfoClaims()
	s.tellFailures(ctx, i)
	return claims, nil
}

func (i *issuance) userinfoClaims() Claims {
	c := Claims{{"sub", i.person.subject}}
	c.standard(i.person, func(name string) bool {
		if i.byName(i.wanted.Userinfo, name) {
			return true
		}
		for _, standard := range standardClaims {
			if standard.name == name {
				return i.has(standard.scope)
			}
		}
		return false
	})
	c.configured(i, claim.Userinfo)
	return c
}

// askedOf finds the token's grant, and what it remembers of its authorization. A
// grant that has ended takes its tokens with it.
func (s *Service) askedOf(ctx context.Context, env store.EnvironmentID, id store.GrantID, owner customer.Customer) (store.Grant, detail, error) {
	grant, err := s.cfg.Store.Grant(ctx, env, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Grant{}, detail{}, fmt.Errorf("reading a grant: %w", err)
	}
	if err != nil || !grant.Revoked.IsZero() || !owner.Honours(grant.Created) {
		return store.Grant{}, detail{}, &Refusal{Reason: RevokedGrant}
	}
	var kept detail
	if err := json.Unmarshal(grant.Detail, &kept); err != nil {
		return store.Grant{}, detail{}, fmt.Errorf("reading a grant's detail: %w", err)
	}
	return grant, kept, nil
}
