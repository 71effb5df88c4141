package store

import (
	"context"
	"time"

	"sallyport/pure/customer"
)

// FactorID names one second factor.
type FactorID [16]byte

// FactorKind is what a second factor is.
type FactorKind string

// The kinds. A customer has at most one factor of each in a slot. What is
// enrolled here goes to slot 0, so that two browsers which enrol at the same time
// meet each other; what an earlier system brings may fill several.
const (
	FactorTOTP     FactorKind = "totp"     // an authenticator app
	FactorRecovery FactorKind = "recovery" // a set of recovery codes
	FactorCard     FactorKind = "card"     // a card with codes; not confirmed before one of them was used
	// Kept as they were brought; nobody is asked for them.
	FactorHOTP  FactorKind = "hotp"  // a token that counts
	FactorPhone FactorKind = "phone" // codes by message or call
	FactorEmail FactorKind = "email" // codes by mail
	// FactorOwed is none, and never confirmed: an earlier system wanted a second factor of
	// somebody who came with a password alone. Nobody signs in as them without one.
	FactorOwed FactorKind = "owed"
	// FactorRegistering is none either: it marks whoever has not finished their
	// registration.
	FactorRegistering FactorKind = "registering"
	// FactorDeferred is none either: it marks whoever put setting up a second factor off
	// when they registered.
	FactorDeferred FactorKind = "deferred"
	// FactorAnswers is none either: answers to security questions, which are a hurdle of
	// recovery beside all others, and prove nobody.
	FactorAnswers FactorKind = "answers"
	// FactorAwaiting is none either: it marks whoever is to hear when they are in the
	// groups that its label names, and went on without.
	FactorAwaiting FactorKind = "awaiting"
)

// MaxFactorSlots is how many factors of one kind a customer can have.
const MaxFactorSlots = 16

// Factor is what a customer proves besides the password.
type Factor struct {
	ID        FactorID
	Customer  customer.ID
	Kind      FactorKind
	Slot      int       // 0 to [MaxFactorSlots]-1
	Label     string    // what the customer calls it
	Source    string    // who brought it: "migration/<name>"; empty: it was enrolled here
	Sealed    []byte    // the key, the set of codes or the address, sealed with the id as associated data
	Used      int64     // last time step that was taken; 0: none
	Confirmed time.Time // when the customer proved to have it; zero before
	Created   time.Time
	Version   int64 // compare-and-set
}

// Second tells whether it is asked for behind a first factor. Recovery codes are not: they
// stand in for one.
func (f Factor) Second() bool {
	switch f.Kind {
	case FactorTOTP, FactorCard:
		return !f.Confirmed.IsZero()
	case FactorPhone:
		return !f.Confirmed.IsZero() && f.Source == ""
	}
	return false
}

// Without is what a customer would have without some of what proves them.
type Without struct {
	Factor  FactorID  // zero: they keep all
	Passkey PasskeyID // empty: they keep all
}

// Seconds counts what is asked for behind a first factor, of all that a customer has: second
// factors, and passkeys that do not let in by themselves.
func (w Without) Seconds(factors []Factor, passkeys []Passkey) (left int) {
	for _, f := range factors {
		if f.ID != w.Factor && f.Second() {
			left++
		}
	}
	for _, k := range passkeys {
		if k.ID != w.Passkey && !k.Discoverable {
			left++
		}
	}
	return left
}

// Factors reads second factors.
type Factors interface {
	// Factors lists a customer's, by kind and slot.
	Factors(ctx context.Context, env EnvironmentID, id customer.ID) ([]Factor, error)
}

// FactorWriter changes second factors.
type FactorWriter interface {
	// PutFactor stores f if the stored Version still is f.Version (0: none is
	// stored yet), and raises it. An update replaces Sealed, Used and Confirmed
	// alone. [ErrConflict], also if the customer has another of the kind in the
	// slot; [ErrNotFound] if there is no such customer; [ErrInvalid] if there is
	// no such slot.
	PutFactor(ctx context.Context, f Factor) error
	// UseFactor takes a time step: it sets Used to step if that is later, and
	// raises Version; one conditional update, so of all who bring the code of
	// one step, on any node, one alone is let through. [ErrConflict] if the
	// step, or a later one, was taken; [ErrNotFound].
	UseFactor(ctx context.Context, id FactorID, step int64) error
	// DeleteFactor removes it; deleting what is gone is no error.
	DeleteFactor(ctx context.Context, id FactorID) error
}

// JourneyID names one customer's way through a journey in one browser.
type JourneyID [16]byte

// Journey is where a customer stands who has proved a first factor and not yet
// all that is asked.
type Journey struct {
	ID       JourneyID
	Customer customer.ID
	Digest   [8]byte // of the configured journey
	State    []byte  // sealed with the id as associated data
	Created  time.Time
	Expires  time.Time
	Version  int64 // compare-and-set
}

// Journeys reads journeys.
type Journeys interface {
	// Journey reads one, an expired one too; [ErrNotFound].
	Journey(ctx context.Context, env EnvironmentID, id JourneyID) (Journey, error)
}

// JourneyWriter changes journeys.
type JourneyWriter interface {
	// PutJourney stores j if the stored Version still is j.Version (0: none is
	// stored yet), and raises it. An update replaces State alone. [ErrConflict].
	PutJourney(ctx context.Context, j Journey) error
	// EndJourney removes one if its Version still is version, so that a journey
	// ends once. [ErrConflict], also if it is gone.
	EndJourney(ctx context.Context, id JourneyID, version int64) error
}
