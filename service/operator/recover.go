package operator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// revocationKept is how long every node remembers that what an operator had was
// revoked: as long as the longest access token lives, and a little more.
const revocationKept = 24*time.Hour + 10*time.Minute

type recoveryDetail struct {
	Factors int `json:"factors_removed"`
}

// recover sets the password of an operator and ends what they had. Second
// factors stay unless the link takes them: a lost password is no reason to trust
// whoever found it with the rest.
func (s *Service) recover(ctx context.Context, in Invitation, password string) error {
	id := in.link.Role.Operator
	c, err := s.cfg.Store.Customer(ctx, store.System, id)
	if err != nil {
		return fmt.Errorf("reading an operator: %w", err)
	}
	// Again, now that a version is held: whoever got a role since the link was
	// opened is let in by it no more.
	if good, err := s.vouched(ctx, in.link); err != nil || !good {
		return errors.Join(err, ErrLink)
	}
	credential, err := s.credential(ctx, id, password)
	if err != nil {
		return err
	}
	before, err := s.cfg.Store.Credential(ctx, store.System, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("reading a credential: %w", err)
	}
	credential.Version = before.Version
	var factors []store.Factor
	if in.Anew {
		if factors, err = s.cfg.Store.Factors(ctx, store.System, id); err != nil {
			return fmt.Errorf("reading second factors: %w", err)
		}
	}
	event := audit.Entry{Type: audit.OperatorRecovered, Actor: audit.Operator(in.Username), Detail: recoveryDetail{len(factors)}}
	return spent(s.cut(ctx, c, event, func(tx store.Tx) error {
		if err := tx.TakeOperatorLink(ctx, in.hash); err != nil {
			return err
		}
		for _, f := range factors {
			if err := tx.DeleteFactor(ctx, f.ID); err != nil {
				return err
			}
		}
		return tx.PutCredential(ctx, *credential)
	}))
}

// Disable keeps an operator out: nothing that they have counts any more, on any
// node, and they cannot sign in. Roles stay, for [Service.Enable]. Doing it twice
// is no error. [ErrUnknown], [ErrLastOwner], store.ErrConflict: see
// [Service.Expecting].
func (s *Service) Disable(ctx context.Context, username string, by audit.Actor) error {
	return s.setState(ctx, username, customer.Disabled, by)
}

// Enable lets an operator sign in again; sessions of before stay dead.
// [ErrUnknown], store.ErrConflict.
func (s *Service) Enable(ctx context.Context, username string, by audit.Actor) error {
	return s.setState(ctx, username, customer.Active, by)
}

type stateDetail struct {
	Operator string         `json:"operator"`
	From     customer.State `json:"from"`
	To       customer.State `json:"to"`
}

func (s *Service) setState(ctx context.Context, username string, state customer.State, by audit.Actor) error {
	person, err := s.byUsername(ctx, username)
	if err != nil {
		return err
	}
	c, err := s.current(person.Customer)
	if err != nil || c.State == state {
		return err
	}
	if state == customer.Disabled {
		// Two at once may still leave nobody; then the server makes a link at its next start.
		if alone, err := s.onlyOwner(ctx, c.ID); err != nil || alone {
			return errors.Join(err, ErrLastOwner)
		}
	}
	entry := audit.Entry{Type: audit.OperatorChanged, Actor: by, Detail: stateDetail{person.Identifier.Value, c.State, state}}
	c.State = state
	if err := s.cut(ctx, c, entry, func(store.Tx) error { return nil }); err != nil {
		return fmt.Errorf("making operator %s %s: %w", person.Identifier.Value, state, err)
	}
	return nil
}

// cut stores a changed operator in one transaction with what else changes, after
// which nothing counts that they had.
func (s *Service) cut(ctx context.Context, c customer.Customer, entry audit.Entry, change func(store.Tx) error) error {
	now := s.cfg.Now()
	c.Updated = now
	if c.NotBefore.Before(now) { // another node's clock may be ahead: a cut is never taken back
		c.NotBefore = now
	}
	entry.At, entry.Customer = now, c.ID.String()
	event := s.cfg.Audit.Event(entry)
	return s.cfg.Store.Write(ctx, store.System, func(tx store.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		if err := tx.UpdateCustomer(ctx, c); err != nil {
			return err
		}
		err := tx.Publish(ctx, store.FeedEntry{
			Kind: store.CustomerRevoked, Subject: c.ID.String(), At: c.NotBefore, Until: c.NotBefore.Add(revocationKept),
		})
		return errors.Join(err, tx.Audit(ctx, event))
	})
}
