package notify

import (
	"context"
	"fmt"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// Entry is a message as operators see it: without to whom it goes and what it says.
type Entry struct {
	ID       string
	Template message.Name
	Channel  message.Channel
	State    string // as store.MessageState spells it
	Reason   Reason // empty: it was not tried yet
	Sender   string // by whom it was tried last
	Customer customer.ID
	Attempts int
	Created  time.Time
	Updated  time.Time
	Due      time.Time // when it is tried next; zero: it is not
}

// Page asks for a page of the outbox; what is zero asks for all.
type Page struct {
	State    string
	Customer customer.ID
	Before   string // the last id seen
	Limit    int    // 1 to 1000
}

// States lists the states of messages in the order in which people read them.
func States() (all []string) {
	for _, state := range store.MessageStates() {
		all = append(all, string(state))
	}
	return all
}

// List gives a page of the outbox, newest first.
func (s *Service) List(ctx context.Context, env store.EnvironmentID, page Page) ([]Entry, error) {
	found, err := s.cfg.Store.Messages(ctx, env, store.MessagePage{
		State: store.MessageState(page.State), Customer: page.Customer, Before: page.Before, Limit: page.Limit,
	})
	if err != nil {
		return nil, fmt.Errorf("listing messages: %w", err)
	}
	entries := make([]Entry, len(found))
	for i, m := range found {
		entries[i] = entryOf(m)
	}
	return entries, nil
}

func entryOf(m store.Message) Entry {
	e := Entry{
		ID: m.ID, Template: message.Name(m.Template), Channel: message.Channel(m.Channel), State: string(m.State), Reason: Reason(m.Reason),
		Sender: m.Sender, Customer: m.Customer, Attempts: m.Attempts, Created: m.Created, Updated: m.Updated,
	}
	if m.State == store.MessageQueued {
		e.Due = m.Due
	}
	return e
}

// Retry has a message sent again that failed. [ErrEnded] if it did not fail, or nothing
// of it is left; store.ErrNotFound, store.ErrConflict.
func (s *Service) Retry(ctx context.Context, env store.EnvironmentID, id string, by audit.Actor) (Entry, error) {
	m, err := s.cfg.Store.Message(ctx, env, id)
	if err != nil {
		return Entry{}, fmt.Errorf("reading a message: %w", err)
	}
	if m.State != store.MessageFailed || len(m.Sealed) == 0 {
		return entryOf(m), ErrEnded
	}
	if c, err := s.open(ctx, env, m); err != nil || !c.Until.IsZero() && !s.cfg.Now().Before(c.Until) {
		return entryOf(m), ErrEnded
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
		return entryOf(m), fmt.Errorf("queueing a message again: %w", err)
	}
	s.Wake()
	return entryOf(m), nil
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
