package issue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sallyport/service/audit"
	"sallyport/store"
)

// feedLife is how long a revocation must be heard of: until the last access
// token under the grant is dead by itself.
const feedLife = 24*time.Hour + 10*time.Minute

// grantDetail is the body of events about a grant or a code.
type grantDetail struct {
	Grant  string `json:"grant,omitempty"`
	Server string `json:"server,omitempty"`
}

// refuseGrant refuses a code or a refresh token without ending anything. A public
// client proves nothing, so whoever writes its name could fill the ledger: its
// refusals are recorded as those of nobody in particular are, see [Service.Note].
// It is not limited by them: they may be those of other browsers at its address.
func (s *Service) refuseGrant(ctx context.Context, v View, c Client, reason Reason, d grantDetail) error {
	if c.Public && s.notes.reserveSource(c.Address, s.cfg.Now()) > 0 {
		return &Refusal{Reason: reason}
	}
	entry := audit.Entry{
		Type: audit.TokenRefused, Actor: audit.Application(c.Application.Name), Application: c.Application.Name, Detail: d,
	}
	return s.refuse(ctx, v, entry, c.Address, &Refusal{Reason: reason})
}

// ending is a grant that ends because of what a client presented.
type ending struct {
	as     audit.Type
	reason Reason
	grant  store.GrantID
}

// endOnce ends a grant, tells every node and the ledger, and refuses. Of one that
// has ended it only refuses: what nodes are told they keep for a day, and whoever
// repeats themselves must not fill it.
func (s *Service) endOnce(ctx context.Context, v View, c Client, e ending) error {
	grant, err := s.cfg.Store.Grant(ctx, v.Env, e.grant)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && !grant.Revoked.IsZero():
		return s.refuseGrant(ctx, v, c, e.reason, grantDetail{Grant: grantName(e.grant)})
	case err != nil:
		return fmt.Errorf("reading a grant: %w", err)
	}
	refusal := &Refusal{Reason: e.reason, Reference: s.cfg.Audit.NewTrace()}
	event := s.cfg.Audit.Event(audit.Entry{
		Type: e.as, Actor: audit.Application(c.Application.Name), Application: c.Application.Name, Customer: grant.Customer.String(),
		Result: string(e.reason), Trace: refusal.Reference, Detail: grantDetail{Grant: grantName(e.grant)}, Personal: personalOf(c.Address),
	})
	err = s.cfg.Store.Write(ctx, v.Env, func(tx store.Tx) error { return s.end(ctx, tx, e.grant, e.reason, event) })
	if err != nil {
		return fmt.Errorf("ending a grant: %w", err)
	}
	s.cfg.Feed.Wake()
	return refusal
}

// end revokes a grant and everything issued under it, on every node.
func (s *Service) end(ctx context.Context, tx store.Tx, id store.GrantID, reason Reason, event store.Event) error {
	now := s.cfg.Now()
	if err := tx.RevokeGrant(ctx, id, now, string(reason)); err != nil {
		return err
	}
	entry := store.FeedEntry{Kind: store.GrantRevoked, Subject: grantName(id), At: now, Until: now.Add(feedLife)}
	if err := tx.Publish(ctx, entry); err != nil {
		return err
	}
	return tx.Audit(ctx, event)
}
