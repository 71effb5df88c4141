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

// Takers are given everybody, and then what several of them have in common, row by row.
// What they are given is theirs. An error of one ends all.
type Takers struct {
	// Begin is told first how many people will come.
	Begin  func(people int64) error
	Person func(Whole) error // by id
	// Account comes by id, and its premises and members, by their ids, behind it.
	Account  func(customer.Account) error
	Premises func(customer.Premises) error
	Member   func(customer.Member) error
	Claim    func(Claim) error // by id, behind the last account
}

// People reads everybody at once, or one person whole.
type People interface {
	// EachPerson gives every customer of an environment, with all that is theirs, and
	// every account, as everything was at one instant, while others read and write.
	// Those that walks made are nobody and left out. No more than a page of rows is in
	// memory, but the engine keeps what others change meanwhile. Errors are those of the
	// takers and of the engine. [ErrNotFound] if there is no such environment.
	EachPerson(ctx context.Context, env EnvironmentID, to Takers) error
	// OnePerson gives one of them, and their accounts as a member sees them: themselves
	// alone of the members, and the premises that they are shown. [ErrNotFound], also of
	// whom a walk made.
	OnePerson(ctx context.Context, env EnvironmentID, id customer.ID, to Takers) error
	// WholePerson gives one of them, as everything that is theirs was at one instant.
	// [ErrNotFound], also of whom a walk made.
	WholePerson(ctx context.Context, env EnvironmentID, id customer.ID) (Whole, error)
}
