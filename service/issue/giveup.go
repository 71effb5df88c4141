package issue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/verify"
	"sallyport/store"
)

// GivenUp is what a revocation ended: a token, a grant with all its tokens, or
// nothing that was alive.
type GivenUp struct {
	Token *verify.Token
	Grant store.GrantID // zero: none
}

// Ended tells whether anything was.
func (g GivenUp) Ended() bool { return g.Token != nil || g.Grant != store.GrantID{} }

// clockSkew is how far the clocks of two nodes may be apart.
const clockSkew = 10 * time.Minute

// GiveUp ends a token that its application has no use for any more (RFC 7009).
// found is what service/verify says of it now, nil if it is no good access
// token of the server.
//
// A refresh token takes its grant with it, and so every access token under it
// (§2.1), whether it is the newest of its family or an older one. An access
// token ends alone: the application may have others, and be using them. What
// is not alive is not worth an error (§2.2); a token of another application is
// refused (§2.1) and lives on, so that nobody's name is enough to end it.
func (s *Service) GiveUp(ctx context.Context, v View, server *config.LiveServer, c Client, r oauth.TokenReference, found *verify.Token) (GivenUp, error) {
	if err := s.fresh(); err != nil {
		return GivenUp{}, err
	}
	if found == nil {
		return s.giveUpGrant(ctx, v, server, c, r.Token)
	}
	if found.ClientID != c.Application.Name {
		return GivenUp{}, s.refuseGrant(ctx, v, c, NotItsToken, grantDetail{Server: server.Name})
	}
	now := s.cfg.Now()
	entry := audit.Entry{Type: audit.TokenRevoked, Detail: givenUpDetail{Token: found.JTI, Server: server.Name}}
	if !found.Machine() {
		entry.Customer = found.Subject
	}
	event := s.givenUp(c, entry)
	news := store.FeedEntry{
		Kind: store.TokenRevoked, Subject: found.ClientID + "/" + found.JTI, At: now, Until: found.Expires.Add(clockSkew),
	}
	err := s.cfg.Store.Write(ctx, v.Env, func(tx store.Tx) error {
		if err := tx.Publish(ctx, news); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return GivenUp{}, fmt.Errorf("revoking a token: %w", err)
	}
	s.cfg.Feed.Wake()
	return GivenUp{Token: found}, nil
}

// giveUpGrant ends the grant of a refresh token.
func (s *Service) giveUpGrant(ctx context.Context, v View, server *config.LiveServer, c Client, token oauth.Secret) (GivenUp, error) {
	id, _, err := s.readRefresh(ctx, v.Env, token)
	if errors.Is(err, errRefresh) {
		return GivenUp{}, nil
	}
	if err != nil {
		return GivenUp{}, err
	}
	grant, err := s.cfg.Store.Grant(ctx, v.Env, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return GivenUp{}, nil
	case err != nil:
		return GivenUp{}, fmt.Errorf("reading a grant: %w", err)
	case grant.Application != c.Application.Name:
		return GivenUp{}, s.refuseGrant(ctx, v, c, NotItsToken, grantDetail{Grant: grantName(id), Server: server.Name})
	case grant.Server != server.Name || !grant.Revoked.IsZero():
		return GivenUp{}, nil // of another server, which has an endpoint of its own; or over
	}
	event := s.givenUp(c, audit.Entry{
		Type: audit.TokenRevoked, Customer: grant.Customer.String(), Detail: givenUpDetail{Grant: grantName(id), Server: server.Name},
	})
	err = s.cfg.Store.Write(ctx, v.Env, func(tx store.Tx) error { return s.end(ctx, tx, id, GaveUp, event) })
	if errors.Is(err, store.ErrNotFound) { // swept since it was read
		return GivenUp{}, nil
	}
	if err != nil {
		return GivenUp{}, fmt.Errorf("revoking a grant: %w", err)
	}
	s.cfg.Feed.Wake()
	return GivenUp{Grant: id}, nil
}

// givenUpDetail is the body of the event.
type givenUpDetail struct {
	Token  string `json:"token,omitempty"`
	Grant  string `json:"grant,omitempty"`
	Server string `json:"server"`
}

func (s *Service) givenUp(c Client, e audit.Entry) store.Event {
	e.Actor, e.Application, e.Personal = audit.Application(c.Application.Name), c.Application.Name, personalOf(c.Address)
	return s.cfg.Audit.Event(e)
}
