package issue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/keyring"
	"sallyport/service/verify"
	"sallyport/store"
)

// Introspect tells an application about a token (RFC 7662). found is what
// service/verify says of it now, nil if it is no good access token of the
// server. An application may look into tokens of its own and, of servers that
// it is registered to introspect, into any access token; of an opaque one of its
// own, which it could not read, it sees no configured claim. Whatever else is
// asked about is not active, and nobody learns why (§2.2).
//
// A refresh token is told to its own application alone: a resource server that
// asks about one must not be led to take it for an access token.
func (s *Service) Introspect(ctx context.Context, v View, server *config.LiveServer, c Client, r oauth.TokenReference, found *verify.Token) (none oauth.IntrospectionResponse, err error) {
	if err := s.fresh(); err != nil {
		return none, err
	}
	if c.Public {
		// Its name is no secret, so anybody could go through tokens (§2.1, §4).
		return none, &Refusal{Reason: WrongClient}
	}
	if found == nil {
		return s.inspectRefresh(ctx, v, server, c, r.Token)
	}
	answer := oauth.IntrospectionResponse{Active: true, TokenType: oauth.TokenTypeBearer, Members: found.Claims}
	switch {
	case slices.Contains(c.Application.Introspects, found.Server):
		if of := v.Snapshot.Servers[found.Server]; of != nil {
			answer.Members, err = s.asNow(ctx, v, of, found)
		}
		return answer, err
	case found.ClientID != c.Application.Name:
		return none, nil
	case strings.HasPrefix(r.Token.Reveal(), keyring.OpaquePrefix):
		answer.Members, err = holdersClaims(found.Claims)
	}
	return answer, err
}

// holdersClaims leaves of an opaque token what every token says. The rest is for
// the services that it is shown to: an application that carries it must not read
// here what was sealed so that it cannot.
func holdersClaims(claims []byte) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(claims, &members); err != nil {
		return nil, fmt.Errorf("reading the claims of a token: %w", err)
	}
	maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool { return !Reserved(name) })
	return json.Marshal(members)
}

// inspectRefresh asks of a refresh token what a refresh would ask, and ends
// nothing: an old token that is only looked at proves no theft.
func (s *Service) inspectRefresh(ctx context.Context, v View, server *config.LiveServer, c Client, token oauth.Secret) (none oauth.IntrospectionResponse, err error) {
	id, counter, err := s.readRefresh(ctx, v.Env, token)
	if errors.Is(err, errRefresh) {
		return none, nil
	}
	if err != nil {
		return none, err
	}
	grant, err := s.cfg.Store.Grant(ctx, v.Env, id)
	if errors.Is(err, store.ErrNotFound) {
		return none, nil
	}
	if err != nil {
		return none, fmt.Errorf("reading a grant: %w", err)
	}
	_, served := c.Application.Assigned[server.Name]
	if !served || !has(c.Application, access.RefreshToken) || usable(grant, counter, server, c, s.cfg.Now()) != "" {
		return none, nil
	}
	if recalled, err := s.recalled(ctx, v, grant); err != nil || recalled {
		return none, err
	}
	holder, err := holderOf(grant)
	if err != nil {
		return none, err
	}
	who, reason, err := s.who(ctx, v, c.Application, holder, s.cfg.Now())
	if err != nil || reason != "" {
		return none, err
	}
	asked := &issuance{
		inquiry: &inquiry{view: v, server: server, application: c.Application, person: who},
		granted: scopesOf(grant.Scopes), wanted: holder.detail.Wanted,
	}
	if consented, err := s.consented(ctx, asked); err != nil || !consented {
		return none, err
	}
	members, err := refreshClaims(server, grant, who).MarshalJSON()
	return oauth.IntrospectionResponse{Active: true, Members: members}, err
}

// refreshClaims say of a refresh token what an access token says of itself. It
// has no aud, as no API takes it.
func refreshClaims(server *config.LiveServer, g store.Grant, who *person) Claims {
	end := g.Expires
	if !g.IdleExpires.IsZero() && g.IdleExpires.Before(end) {
		end = g.IdleExpires
	}
	return Claims{
		{"iss", server.Issuer},
		{"sub", who.subject},
		{"client_id", g.Application},
		{"iat", g.Created.Unix()},
		{"exp", end.Truncate(time.Second).Unix()},
		{"scope", joinScopes(scopesOf(g.Scopes))},
		{"auth_time", who.signedIn.Unix()},
		{"acr", who.acr},
	}
}

// holderOf reads from a grant whose it is.
func holderOf(g store.Grant) (holder, error) {
	var kept detail
	if err := json.Unmarshal(g.Detail, &kept); err != nil {
		return holder{}, fmt.Errorf("reading a grant's detail: %w", err)
	}
	return holder{
		customer: g.Customer, session: g.Session, issued: g.Created, detail: kept,
		offline: contains(scopesOf(g.Scopes), oauth.ScopeOfflineAccess),
	}, nil
}
