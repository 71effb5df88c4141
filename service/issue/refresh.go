package issue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/store"
)

// Refresh gives new tokens for a refresh token and rotates it (RFC 6749 §6).
// The live revision decides again. A token that was rotated before, or that
// another application presents, ends the family (RFC 9700 §2.2.2, §4.14).
func (s *Service) Refresh(ctx context.Context, v View, server *config.LiveServer, c Client, r oauth.TokenRequest) (oauth.TokenResponse, error) {
	if err := s.fresh(); err != nil {
		return oauth.TokenResponse{}, err
	}
	if !has(c.Application, access.RefreshToken) {
		return oauth.TokenResponse{}, &Refusal{Reason: NotRegistered}
	}
	if err := checkResources(server, r.Resources); err != nil {
		return oauth.TokenResponse{}, err
	}
	id, counter, err := s.readRefresh(ctx, v.Env, r.RefreshToken)
	if errors.Is(err, errRefresh) {
		return oauth.TokenResponse{}, s.refuseGrant(ctx, v, c, BadRefresh, grantDetail{})
	}
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	grant, err := s.cfg.Store.Grant(ctx, v.Env, id)
	if errors.Is(err, store.ErrNotFound) {
		return oauth.TokenResponse{}, s.refuseGrant(ctx, v, c, ExpiredGrant, grantDetail{Grant: grantName(id)})
	}
	if err != nil {
		return oauth.TokenResponse{}, fmt.Errorf("reading a grant: %w", err)
	}
	if reason := usable(grant, counter, server, c, s.cfg.Now()); reason != "" {
		return oauth.TokenResponse{}, s.refuseFamily(ctx, v, c, grant, reason)
	}
	switch recalled, err := s.recalled(ctx, v, grant); {
	case err != nil:
		return oauth.TokenResponse{}, err
	case recalled:
		return oauth.TokenResponse{}, s.endOnce(ctx, v, c, ending{audit.TokenRefused, RecalledGrant, id})
	}
	return s.refresh(ctx, v, server, c, grant, r)
}

// usable says why a grant cannot be refreshed with the token of a counter.
func usable(g store.Grant, counter int64, server *config.LiveServer, c Client, now time.Time) Reason {
	switch {
	case g.Application != c.Application.Name:
		return ForeignToken
	case g.Reason == store.SessionOver:
		return SessionOver
	case g.Reason == store.ConsentWithdrawn:
		return ConsentOver
	case !g.Revoked.IsZero():
		return RevokedGrant
	case counter < g.Counter:
		return ReusedRefresh
	case counter > g.Counter || !g.Refreshable || g.Server != server.Name:
		return BadRefresh // of another server, or of a store that was since restored
	case !g.Expires.After(now), !g.IdleExpires.IsZero() && !g.IdleExpires.After(now):
		return ExpiredGrant
	}
	return ""
}

// refuseFamily refuses, and ends the family where the token was stolen.
func (s *Service) refuseFamily(ctx context.Context, v View, c Client, g store.Grant, reason Reason) error {
	if reason != ReusedRefresh && reason != ForeignToken {
		return s.refuseGrant(ctx, v, c, reason, grantDetail{Grant: grantName(g.ID), Server: g.Server})
	}
	as := audit.RefreshReused
	if reason == ForeignToken {
		as = audit.TokenRefused
	}
	return s.endOnce(ctx, v, c, ending{as, reason, g.ID})
}

// refresh decides again and rotates.
func (s *Service) refresh(ctx context.Context, v View, server *config.LiveServer, c Client, g store.Grant, r oauth.TokenRequest) (oauth.TokenResponse, error) {
	now := s.cfg.Now()
	original := scopesOf(g.Scopes)
	holder, err := holderOf(g)
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	who, reason, err := s.who(ctx, v, c.Application, holder, now)
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	if reason != "" {
		return oauth.TokenResponse{}, s.refuseGrant(ctx, v, c, reason, grantDetail{Grant: grantName(g.ID)})
	}
	q := &inquiry{view: v, server: server, application: c.Application, person: who, request: access.Request{
		Application: access.ApplicationID(c.Application.Name), Grant: access.GrantType(g.GrantType), Subject: who.asSubject(server.Access),
		Scopes: scopesOf(r.Scopes), Original: original, Address: c.Address, At: now, Assurance: who.proved, Authenticated: who.at,
	}}
	i, err := s.allow(ctx, q, original, audit.TokenRefused)
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	i.now, i.wanted = now, holder.detail.Wanted // no nonce: OIDC Core §12.2
	switch consented, err := s.consented(ctx, i); {
	case err != nil:
		return oauth.TokenResponse{}, err
	case !consented:
		return oauth.TokenResponse{}, s.refuseGrant(ctx, v, c, ConsentOver, grantDetail{Grant: grantName(g.ID)})
	}
	if err := s.consult(ctx, i, audit.TokenRefused); err != nil {
		return oauth.TokenResponse{}, err
	}
	answer, err := s.answer(ctx, i, g.ID, g.Counter+1, true)
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	if err := s.rotate(ctx, i, c, g); err != nil {
		return oauth.TokenResponse{}, err
	}
	return answer, nil
}

// rotation is one use of a grant's newest refresh token.
func (i *issuance) rotation(g store.Grant) store.Rotation {
	return store.Rotation{
		Grant: g.ID, Counter: g.Counter, At: i.now, IdleExpires: i.idle(g.Expires), Revision: i.view.Snapshot.Revision,
	}
}

// rotate raises the counter, if it still is the one that was presented.
func (s *Service) rotate(ctx context.Context, i *issuance, c Client, g store.Grant) error {
	entry, record := i.record(i.decision)
	entry.Type, record.Token, record.Grant = audit.TokenRefreshed, i.jti, grantName(g.ID)
	event := s.cfg.Audit.Event(entry)
	err := s.cfg.Store.Write(ctx, i.view.Env, func(tx store.Tx) error {
		if err := tx.RotateGrant(ctx, i.rotation(g)); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	if !errors.Is(err, store.ErrConflict) {
		return err
	}
	// It changed since it was read: by the same token on its way a second
	// time, or because it ended. Either way this one is refused.
	now, err := s.cfg.Store.Grant(ctx, i.view.Env, g.ID)
	if err != nil {
		return fmt.Errorf("reading a grant again: %w", err)
	}
	reason := usable(now, g.Counter, i.server, c, i.now)
	if reason == "" {
		reason = RevokedGrant
	}
	return s.refuseFamily(ctx, i.view, c, now, reason)
}
