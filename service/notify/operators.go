package notify

import (
	"context"
	"fmt"
	"time"

	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// List gives a page of the outbox, newest first. To whom a message went is told by
// the customer alone: addresses stay sealed.
func (s *Service) List(ctx context.Context, env store.EnvironmentID, page store.MessagePage) ([]store.Message, error) {
	found, err := s.cfg.Store.Messages(ctx, env, page)
	if err != nil {
		return nil, fmt.Errorf("listing messages: %w", err)
	}
	return found, nil
}

// Retry has a message sent again that failed. [ErrEnded] if it did not fail, or nothing
// of it is left; store.ErrNotFound, store.ErrConflict.
func (s *Service) Retry(ctx context.Context, env store.EnvironmentID, id string, by audit.Actor) (store.Message, error) {
	m, err := s.cfg.Store.Message(ctx, env, id)
	if err != nil {
		return m, fmt.Errorf("reading a message: %w", err)
	}
	if m.State != store.MessageFailed || len(m.Sealed) == 0 {
		return m, ErrEnded
	}
	if c, err := s.open(ctx, env, m); err != nil || !c.Until.IsZero() && !s.cfg.Now().Before(c.Until) {
		return m, ErrEnded
	}
	now := s.cfg.Now()
	m.State, m.Reason, m.Attempts, m.Due, m.Updated, m.Keep = store.MessageQueued, string(RetryWaiting), 0, now, now, time.Time{}
	event := s.cfg.Audit.Event(s.entry(audit.MessageRetried, by, m))
	err = s.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		if err := tx.PutMessage(ctx, m); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return m, fmt.Errorf("queueing a message again: %w", err)
	}
	s.Wake()
	return m, nil
}

// Test sends a message that says that it is a test, and gives its id. The errors are
// those of [Service.Queue].
func (s *Service) Test(ctx context.Context, live *environment.Live, to To, brand string, by audit.Actor) (string, error) {
	row, err := s.row(ctx, live, Message{To: to, Template: message.Test, Brand: brand}, false)
	if err != nil {
		return "", err
	}
	event := s.cfg.Audit.Event(s.entry(audit.MessageTested, by, row))
	err = s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		if err := tx.PutMessage(ctx, row); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return "", fmt.Errorf("queueing a test: %w", err)
	}
	s.Wake()
	return row.ID, nil
}

func (s *Service) entry(what audit.Type, by audit.Actor, m store.Message) audit.Entry {
	e := audit.Entry{At: m.Updated, Type: what, Actor: by, Detail: detail{m.ID, m.Template, m.Channel, m.Sender, m.Attempts}}
	if !m.Customer.IsZero() {
		e.Customer = m.Customer.String()
	}
	return e
}
