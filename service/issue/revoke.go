package issue

import (
	"context"
	"time"

	"sallyport/pure/customer"
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

// refuseGrant refuses a code or a refresh token without ending anything.
func (s *Service) refuseGrant(ctx context.Context, v View, c Client, reason Reason, d grantDetail) error {
	s.blame(c)
	entry := audit.Entry{
		Type: audit.TokenRefused, Actor: audit.Application(c.Application.Name), Application: c.Application.Name, Detail: d,
	}
	return s.refuse(ctx, v, entry, c.Address, &Refusal{Reason: reason})
}

// ending prepares the event and the refusal of whatever ends a grant.
func (s *Service) ending(c Client, as audit.Type, reason Reason, id store.GrantID, owner customer.ID) (store.Event, *Refusal) {
	refusal := &Refusal{Reason: reason, Reference: s.cfg.Audit.NewTrace()}
	return s.cfg.Audit.Event(audit.Entry{
		Type: as, Actor: audit.Application(c.Application.Name), Application: c.Application.Name, Customer: owner.String(),
		Result: string(reason), Trace: refusal.Reference, Detail: grantDetail{Grant: grantName(id)}, Personal: personalOf(c.Address),
	}), refusal
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
