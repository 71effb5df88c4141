package code

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"sallyport/protocol/otp"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

const (
	cardKept   = 60 * 24 * time.Hour // how long a card may lie in the post and in a drawer before it is used first
	cardPosted = 30 * 24 * time.Hour // how long its letter is worth sending
	cardTries  = 3                   // at a change that somebody else made meanwhile
)

// Errors about cards.
var (
	// ErrNoCard: the customer has none that is good.
	ErrNoCard = errors.New("no card of codes")
	// ErrCardUnreadable: it cannot be opened, so nobody can tell what is on it.
	ErrCardUnreadable = errors.New("a card of codes cannot be read")
)

// Letter is a card on its way. Codes are in clear: whoever keeps it seals it.
type Letter struct {
	Customer customer.Customer
	Address  string   // postal, a line each
	Codes    []string // in order, from 1
	Brand    string
	Once     string // names the letter: it is sent once, ever
	Until    time.Time
}

// Letters takes letters in the transaction of the caller, and tells the customer by
// what else they can be reached that a card is on its way.
type Letters interface {
	Card(ctx context.Context, tx store.Tx, live *environment.Live, l Letter) error
}

// CardStore is what [Cards] need of the store.
type CardStore interface {
	store.Writer
	Customer(ctx context.Context, env store.EnvironmentID, id customer.ID) (customer.Customer, error)
	Factors(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]store.Factor, error)
}

// Sealer seals cards at rest: keyring.Master has it.
type Sealer interface {
	Seal(ctx context.Context, env store.EnvironmentID, row string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, env store.EnvironmentID, row string, sealed []byte) ([]byte, error)
}

// CardsConfig constructs [Cards]. All fields are required.
type CardsConfig struct {
	Store   CardStore
	Sealer  Sealer
	Letters Letters
	Audit   *audit.Log
	Now     func() time.Time
	Rand    io.Reader
}

// Cards keeps cards of codes: second factors for people without a phone. A card that
// was posted takes the place of the one before when one of its codes is used, so nobody
// is without one while the post is on its way. It is safe for concurrent use.
type Cards struct{ cfg CardsConfig }

// NewCards gives a service. It has no background work.
func NewCards(cfg CardsConfig) *Cards { return &Cards{cfg} }

// CardState is what a customer has.
type CardState struct {
	InUse   bool
	Left    int       // codes of the one in use
	Since   time.Time // when it was used first
	Waiting time.Time // when one was posted that was not used yet; zero: there is none
}

// CardOrder says where a card goes.
type CardOrder struct {
	Address string // postal, a line each: of the customer's record, and nobody's word
	Brand   string
	By      audit.Actor
	Reason  string // for the ledger
	// With is done in the transaction of the order, whose end its error is; nil: nothing.
	With func(ctx context.Context, tx store.Tx) error
}

// cardDetail is the body of events.
type cardDetail struct {
	Kind   store.FactorKind `json:"kind"`
	Left   *int             `json:"left,omitempty"`
	Reason string           `json:"reason,omitempty"`
}

// Issue makes a card and has it posted, in one transaction. One that is still on its way
// is good no more; the one in use goes on until a code of the new one is used. Errors
// are store.ErrNotFound, store.ErrConflict if another was ordered at the same time, and
// those of [Letters].
func (c *Cards) Issue(ctx context.Context, live *environment.Live, id customer.ID, o CardOrder) error {
	who, err := c.cfg.Store.Customer(ctx, live.ID, id)
	if err != nil {
		return fmt.Errorf("issuing a card: %w", err)
	}
	before, err := c.cards(ctx, live, id)
	if err != nil {
		return err
	}
	f, codes, err := c.fresh(ctx, live, id, before)
	if err != nil {
		return fmt.Errorf("issuing a card: %w", err)
	}
	letter := Letter{
		Customer: who, Address: o.Address, Codes: codes, Brand: o.Brand, Once: "card/" + hex.EncodeToString(f.ID[:]), Until: c.cfg.Now().Add(cardPosted),
	}
	err = c.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		if o.With != nil {
			if err := o.With(ctx, tx); err != nil {
				return err
			}
		}
		for _, old := range before {
			if old.Confirmed.IsZero() {
				if err := tx.DeleteFactor(ctx, old.ID); err != nil {
					return err
				}
			}
		}
		if err := tx.PutFactor(ctx, f); err != nil {
			return err
		}
		if err := c.cfg.Letters.Card(ctx, tx, live, letter); err != nil {
			return err
		}
		return tx.Audit(ctx, c.event(audit.CardIssued, o.By, id, cardDetail{Kind: store.FactorCard, Reason: o.Reason}))
	})
	if err != nil {
		return fmt.Errorf("issuing a card: %w", err)
	}
	return nil
}

// fresh makes a card for the slot that none in use has.
func (c *Cards) fresh(ctx context.Context, live *environment.Live, id customer.ID, before []store.Factor) (f store.Factor, codes []string, err error) {
	codes, card, err := otp.NewCard(c.cfg.Rand)
	if err != nil {
		return f, nil, err
	}
	f = store.Factor{Customer: id, Kind: store.FactorCard, Created: c.cfg.Now()}
	if slices.ContainsFunc(before, func(old store.Factor) bool { return !old.Confirmed.IsZero() && old.Slot == 0 }) {
		f.Slot = 1
	}
	if _, err := io.ReadFull(c.cfg.Rand, f.ID[:]); err != nil {
		return f, nil, err
	}
	f.Sealed, err = c.cfg.Sealer.Seal(ctx, live.ID, factorRow(f.ID), card.Encode())
	return f, codes, err
}

// factorRow is the associated data under which a factor is sealed, as service/signin has it.
func factorRow(id store.FactorID) string { return "factor/" + hex.EncodeToString(id[:]) }

// cards are those that are good: in use, or posted not too long ago.
func (c *Cards) cards(ctx context.Context, live *environment.Live, id customer.ID) ([]store.Factor, error) {
	all, err := c.cfg.Store.Factors(ctx, live.ID, id)
	if err != nil {
		return nil, fmt.Errorf("reading cards: %w", err)
	}
	return slices.DeleteFunc(all, func(f store.Factor) bool { return f.Kind != store.FactorCard }), nil
}

func (c *Cards) good(f store.Factor) bool {
	return !f.Confirmed.IsZero() || c.cfg.Now().Sub(f.Created) < cardKept
}

func (c *Cards) open(ctx context.Context, live *environment.Live, f store.Factor) (otp.Card, error) {
	encoded, err := c.cfg.Sealer.Open(ctx, live.ID, factorRow(f.ID), f.Sealed)
	if err != nil {
		return otp.Card{}, fmt.Errorf("%w: %w", ErrCardUnreadable, err)
	}
	card, err := otp.DecodeCard(encoded)
	if err != nil {
		return otp.Card{}, fmt.Errorf("%w: %w", ErrCardUnreadable, err)
	}
	return card, nil
}

// State tells what a customer has.
func (c *Cards) State(ctx context.Context, live *environment.Live, id customer.ID) (state CardState, err error) {
	cards, err := c.cards(ctx, live, id)
	if err != nil {
		return state, err
	}
	for _, f := range cards {
		switch {
		case f.Confirmed.IsZero() && c.good(f):
			state.Waiting = f.Created
		case !f.Confirmed.IsZero():
			card, err := c.open(ctx, live, f)
			if err != nil {
				return state, err
			}
			state.InUse, state.Left, state.Since = true, card.Left(), f.Confirmed
		}
	}
	return state, nil
}

// CardTaken is what became of something typed.
type CardTaken struct {
	Match bool
	Left  int // codes that the card still has
}

// Take strikes out the code that was typed, of the card in use or of one that came by
// post, which then takes its place. The caller has counted the try before
// (store.AttemptWriter), and acts on a match only. [ErrNoCard], [ErrCardUnreadable];
// store.ErrConflict if somebody else changes the cards all the time.
func (c *Cards) Take(ctx context.Context, live *environment.Live, id customer.ID, typed string) (CardTaken, error) {
	for try := 1; ; try++ {
		taken, err := c.take(ctx, live, id, typed)
		if !errors.Is(err, store.ErrConflict) || try == cardTries {
			return taken, err
		}
	}
}

func (c *Cards) take(ctx context.Context, live *environment.Live, id customer.ID, typed string) (CardTaken, error) {
	cards, err := c.cards(ctx, live, id)
	if err != nil {
		return CardTaken{}, err
	}
	cards = slices.DeleteFunc(cards, func(f store.Factor) bool { return !c.good(f) })
	if len(cards) == 0 {
		return CardTaken{}, ErrNoCard
	}
	for _, f := range cards {
		card, err := c.open(ctx, live, f)
		if err != nil {
			return CardTaken{}, err
		}
		if rest, _, ok := card.Take(typed); ok {
			if err := c.strike(ctx, live, f, rest, cards); err != nil {
				return CardTaken{}, err
			}
			return CardTaken{Match: true, Left: rest.Left()}, nil
		}
	}
	return CardTaken{}, nil
}

// strike stores what is left of a card. The first code of a new one ends all others.
func (c *Cards) strike(ctx context.Context, live *environment.Live, f store.Factor, rest otp.Card, cards []store.Factor) (err error) {
	first, left := f.Confirmed.IsZero(), rest.Left()
	if first {
		f.Confirmed = c.cfg.Now()
	}
	if f.Sealed, err = c.cfg.Sealer.Seal(ctx, live.ID, factorRow(f.ID), rest.Encode()); err != nil {
		return fmt.Errorf("striking out a code: %w", err)
	}
	actor := audit.Customer(f.Customer.String())
	err = c.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		if err := tx.PutFactor(ctx, f); err != nil {
			return err
		}
		if first {
			for _, old := range cards {
				if old.ID != f.ID {
					if err := tx.DeleteFactor(ctx, old.ID); err != nil {
						return err
					}
				}
			}
			if err := tx.Audit(ctx, c.event(audit.FactorEnrolled, actor, f.Customer, cardDetail{Kind: f.Kind})); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, c.event(audit.FactorUsed, actor, f.Customer, cardDetail{Kind: f.Kind, Left: &left}))
	})
	if err != nil {
		return fmt.Errorf("striking out a code: %w", err)
	}
	return nil
}

// Withdraw ends all cards of a customer, as when one was lost. [ErrNoCard].
func (c *Cards) Withdraw(ctx context.Context, live *environment.Live, id customer.ID, by audit.Actor) error {
	cards, err := c.cards(ctx, live, id)
	if err != nil {
		return err
	}
	if len(cards) == 0 {
		return ErrNoCard
	}
	err = c.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		for _, f := range cards {
			if err := tx.DeleteFactor(ctx, f.ID); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, c.event(audit.FactorRemoved, by, id, cardDetail{Kind: store.FactorCard}))
	})
	if err != nil {
		return fmt.Errorf("withdrawing a card: %w", err)
	}
	return nil
}

func (c *Cards) event(kind audit.Type, by audit.Actor, id customer.ID, detail cardDetail) store.Event {
	return c.cfg.Audit.Event(audit.Entry{At: c.cfg.Now(), Type: kind, Actor: by, Customer: id.String(), Detail: detail})
}
