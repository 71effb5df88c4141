package signin

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// endedByOwner is why the ledger says that a session ended which its customer
// ended from another one.
const endedByOwner = "ended by its customer"

// atOnce is how many sessions one transaction ends.
const atOnce = 50

func sessionName(id store.SessionID) string { return hex.EncodeToString(id[:]) }

// Browser is one in which a customer is signed in.
type Browser struct {
	Session  string    // names it, and proves nothing
	Agent    string    // as it calls itself; a stranger's text
	Address  string    // from where the customer signed in; empty: not known
	Methods  []string  // by what, such as "pwd"
	SignedIn time.Time // last
	Used     time.Time // last, give or take ten minutes
	This     bool      // the one that asks
}

// Sessions gives a page of the browsers in which whoever asks is signed in,
// newest first, and where the next begins (empty at the end). after is empty for
// the first page; what nobody gave is store.ErrInvalid.
func (s *Service) Sessions(ctx context.Context, live *environment.Live, current *Current, after string, limit int) (page []Browser, next string, err error) {
	found, next, err := s.sessions(ctx, live, current, after, limit)
	for _, session := range found {
		page = append(page, Browser{
			Session: sessionName(session.ID), Agent: session.Agent, Address: session.Address, Methods: session.Methods,
			SignedIn: session.SignedIn, Used: later(session.Used, session.SignedIn), This: session.ID == current.Session.ID,
		})
	}
	return page, next, err
}

// later is the later of two instants: a release before left one of them out.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (s *Service) sessions(ctx context.Context, live *environment.Live, current *Current, after string, limit int) (page []store.Session, next string, err error) {
	found, next, err := s.cfg.Store.SessionsOf(ctx, live.ID, store.SessionPage{
		Customer: current.Customer.ID, At: s.cfg.Now(), After: after, Limit: limit,
	})
	if err != nil {
		return nil, "", fmt.Errorf("listing sessions: %w", err)
	}
	for _, session := range found {
		if !current.Customer.Honours(session.Created, session.SignedIn) {
			return page, "", nil // nor does any behind it, which is older
		}
		page = append(page, session)
	}
	return page, next, nil
}

// EndOne ends a session of whoever is signed in, by its name, their own one too.
// [ErrNoSession] if they have none of that name that lives: somebody else's is
// as unknown as one that never was.
func (s *Service) EndOne(ctx context.Context, live *environment.Live, current *Current, v Visit, name string) error {
	r, err := s.own(ctx, live, current, v)
	if err != nil {
		return err
	}
	var id store.SessionID
	if raw, err := hex.DecodeString(name); err != nil || copy(id[:], raw) != len(id) || len(raw) != len(id) {
		return ErrNoSession
	}
	session, err := s.cfg.Store.Session(ctx, live.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		return ErrNoSession
	}
	if err != nil {
		return fmt.Errorf("reading a session: %w", err)
	}
	lives := session.Ended.IsZero() && session.Expires.After(s.cfg.Now()) && current.Customer.Honours(session.Created, session.SignedIn)
	if session.Customer != current.Customer.ID || !lives {
		return ErrNoSession
	}
	return r.endSessions(ctx, []store.Session{session})
}

// EndOthers ends every session of whoever is signed in but this one, and tells
// how many there were. What begins meanwhile is not among them.
func (s *Service) EndOthers(ctx context.Context, live *environment.Live, current *Current, v Visit) (ended int, err error) {
	r, err := s.own(ctx, live, current, v)
	if err != nil {
		return 0, err
	}
	after := ""
	for {
		page, next, err := s.sessions(ctx, live, current, after, atOnce)
		if err != nil {
			return ended, err
		}
		others := page[:0]
		for _, session := range page {
			if session.ID != current.Session.ID {
				others = append(others, session)
			}
		}
		if err := r.endSessions(ctx, others); err != nil {
			return ended, err
		}
		ended += len(others)
		if next == "" {
			if ended > 0 {
				err = r.writeTold(ctx, message.SignedOut, func(store.Tx) error { return nil })
			}
			return ended, err
		}
		after = next
	}
}

// endSessions ends sessions of the customer in one transaction; every node hears
// of it, and the ledger who did it and from where.
func (r *run) endSessions(ctx context.Context, sessions []store.Session) error {
	if len(sessions) == 0 {
		return nil
	}
	now, id := r.cfg.Now(), r.person.Customer.ID.String()
	events := make([]store.Event, len(sessions))
	for i, session := range sessions {
		events[i] = r.cfg.Audit.Event(audit.Entry{
			At: now, Type: audit.SignedOut, Actor: audit.Customer(id), Customer: id,
			Detail: sessionDetail{sessionName(session.ID), endedByOwner}, Personal: r.personal(),
		})
	}
	err := r.write(ctx, func(tx store.Tx) error {
		for i, session := range sessions {
			if err := endSession(ctx, tx, session.ID, now); err != nil {
				return err
			}
			if err := tx.Audit(ctx, events[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ending sessions: %w", err)
	}
	r.cfg.Feed.Wake()
	return nil
}
