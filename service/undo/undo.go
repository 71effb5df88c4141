package undo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/service/notify"
	"sallyport/store"
)

// Store is what the service needs of the store.
type Store interface {
	store.Factors
	store.Passkeys
	store.Writer
	Customer(ctx context.Context, env store.EnvironmentID, id customer.ID) (customer.Customer, error)
	Credential(ctx context.Context, env store.EnvironmentID, id customer.ID) (store.Credential, error)
	Identifiers(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]customer.Identifier, error)
	PersonByIdentifier(ctx context.Context, env store.EnvironmentID, kind customer.IdentifierKind, value string) (store.Person, error)
}

// Keys lends the secret that seals links: keyring.Ring has it.
type Keys interface {
	Secret(ctx context.Context, env store.EnvironmentID, purpose string) (*keyring.Secret, error)
}

// Sealer seals credentials and factors at rest: keyring.Master has it.
type Sealer interface {
	Seal(ctx context.Context, env store.EnvironmentID, row string, plaintext []byte) ([]byte, error)
}

// Notices tells customers what was changed: notify.Service has it.
type Notices interface {
	Tell(ctx context.Context, tx store.Tx, live *environment.Live, n notify.Notice) error
}

// Config constructs a [Service]. All fields are required but the last.
type Config struct {
	Store   Store
	Keys    Keys
	Sealer  Sealer
	Feed    interface{ Wake() } // is told that a change was published
	Audit   *audit.Log
	Notices Notices
	Now     func() time.Time
	Rand    io.Reader           // safe for concurrent use, as crypto/rand.Reader is
	Cost    passhash.Argon2Cost // of the hash that no password fits; zero: passhash.DefaultCost
}

// Service makes links and does what they say. It is safe for concurrent use.
type Service struct{ cfg Config }

// New gives a service. It has no background work.
func New(cfg Config) *Service {
	if cfg.Cost == (passhash.Argon2Cost{}) {
		cfg.Cost = passhash.DefaultCost
	}
	return &Service{cfg}
}

// From is where somebody pressed the button, for the ledger.
type From struct {
	Address string `json:"address,omitempty"`
	Agent   string `json:"agent,omitempty"`
}

// Done is what was taken back.
type Done struct {
	Address  customer.Identifier // that the link was sent to
	Held     bool                // it is the customer's, so they recover by it
	Restored bool                // it was put back
	First    bool                // the address comes first again that did before
	Gone     int                 // addresses and factors that were taken away
	Desk     bool                // something could not be taken back: the help desk knows more than a link
}

const tries = 3 // at a customer whom somebody else changes meanwhile

// TakeBack does what a link is for, once: it ends everything that is signed in as the
// customer, makes the password worthless, takes away addresses that were added lately, and the
// factor that the change added, puts the address back that it removed, has the one come first that did, and tells the ledger and
// every address of before. [ErrOver].
func (s *Service) TakeBack(ctx context.Context, live *environment.Live, token string, from From) (Done, error) {
	c, err := s.open(ctx, live, token)
	if err != nil {
		return Done{}, err
	}
	for try := 1; ; try++ {
		done, err := s.takeBack(ctx, live, c, from)
		if !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrExists) || try == tries {
			return done, err
		}
	}
}

func (s *Service) takeBack(ctx context.Context, live *environment.Live, c claim, from From) (Done, error) {
	p, err := s.plan(ctx, live, c)
	if err != nil {
		return Done{}, err
	}
	once, err := s.once(ctx, live, c)
	if err != nil {
		return Done{}, err
	}
	cut, news := directory.Cut(p.customer, s.cfg.Now())
	err = s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		if wait, err := tx.ReserveAttempts(ctx, []store.Attempt{once}, s.cfg.Now()); wait > 0 || err != nil {
			return errors.Join(err, overIf(wait > 0))
		}
		if err := tx.UpdateCustomer(ctx, cut); err != nil {
			return err
		}
		if err := tx.Publish(ctx, news); err != nil {
			return err
		}
		if err := p.write(ctx, tx); err != nil {
			return err
		}
		for _, e := range p.events(s, c, from) {
			if err := tx.Audit(ctx, e); err != nil {
				return err
			}
		}
		return s.cfg.Notices.Tell(ctx, tx, live, notify.Notice{
			Customer: cut, Addresses: p.told, What: message.ChangeUndone, Values: map[string]string{"link": live.Snapshot().URL.String() + "/account"},
		})
	})
	if err != nil {
		if errors.Is(err, ErrOver) {
			return Done{}, ErrOver
		}
		return Done{}, fmt.Errorf("taking a change back: %w", err)
	}
	s.cfg.Feed.Wake()
	return p.done, nil
}

func overIf(over bool) error {
	if over {
		return ErrOver
	}
	return nil
}
