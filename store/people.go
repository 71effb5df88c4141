package store

import (
	"context"

	"sallyport/pure/customer"
)

// Whole is a customer with everything that is theirs and outlives a session.
type Whole struct {
	Customer    customer.Customer
	Identifiers []customer.Identifier // by kind and value
	Credential  *Credential           // nil if there is none
	Factors     []Factor              // by kind and slot
	Passkeys    []Passkey             // the oldest first
	Links       []CustomerLink        // by provider, connection and subject
	Consents    []Consent             // by application and server
	Tags        []string              // sorted
	// Agreements are what they said, by kind, document and time: at most
	// [MaxWholeAgreements], first of all those that have not ended, then the newest.
	Agreements []Agreement
	Records    []RecordKey // by migration and key
}

// MaxWholeAgreements is how many answers come with somebody, however often they
// changed their mind.
const MaxWholeAgreements = 500

// RecordKey names a record of a migration's ledger.
type RecordKey struct{ Migration, Key string }

// People reads everybody at once, or one person whole.
type People interface {
	// EachPerson gives every customer of an environment, by id, with all that is
	// theirs, as everything was at one instant, while others read and write. Those
	// that walks made are nobody and left out. Before the first of them begin is told
	// how many will come. No more than a page of them is in memory, but the engine
	// keeps what others change meanwhile. What take is given is its own. Errors are
	// those of begin, of take and of the engine. [ErrNotFound] if there is no such
	// environment.
	EachPerson(ctx context.Context, env EnvironmentID, begin func(people int64) error, take func(Whole) error) error
	// WholePerson gives one of them, as everything that is theirs was at one instant.
	// [ErrNotFound], also of whom a walk made.
	WholePerson(ctx context.Context, env EnvironmentID, id customer.ID) (Whole, error)
}
