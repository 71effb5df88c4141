package store

import (
	"context"
	"time"

	"sallyport/pure/customer"
)

// AgreementKind says what somebody was asked.
type AgreementKind string

// The kinds.
const (
	AgreedDocument AgreementKind = "document" // terms and the like, by version
	AgreedPurpose  AgreementKind = "purpose"  // what their data may be used for
)

// Agreement is what a customer said to a document or a purpose. It is never changed
// but by its end, so that the ledger of agreements tells what held when.
type Agreement struct {
	Customer  customer.ID
	Kind      AgreementKind
	Document  string // name of the document or purpose in the configuration
	Version   string // that they were shown
	Refused   bool   // they said no, and are not asked again by the same version
	Given     time.Time
	Withdrawn time.Time // zero while it holds
	Replaced  bool      // it ended as they said something newer
	Evidence  []byte    // JSON: what they were shown and how they said it; at most 4 KiB
}

// Holds tells whether the agreement was given and still stands.
func (a Agreement) Holds() bool { return !a.Refused && a.Withdrawn.IsZero() }

// Agreements reads what customers agreed to.
type Agreements interface {
	// Agreements lists a customer's by kind, document and time, those that ended too, at
	// most 1000.
	Agreements(ctx context.Context, env EnvironmentID, id customer.ID) ([]Agreement, error)
	// Answers lists those that have not ended, by kind and document.
	Answers(ctx context.Context, env EnvironmentID, id customer.ID) ([]Agreement, error)
}

// AgreementWriter adds to them.
type AgreementWriter interface {
	// PutAgreement stores a and ends what they said to the same before, as Replaced.
	// [ErrNotFound] if there is no such customer; [ErrExists] if something was said to
	// the same at that very instant; [ErrInvalid] above the limits.
	PutAgreement(ctx context.Context, a Agreement) error
	// KeepAgreements stores what people said elsewhere just as it stands, ended or not,
	// and ends nothing. What is there of the same instant stays. [ErrNotFound] if there
	// is no such customer, [ErrInvalid] above the limits.
	KeepAgreements(ctx context.Context, all []Agreement) error
	// WithdrawAgreement ends the one that holds; [ErrNotFound] if none does.
	WithdrawAgreement(ctx context.Context, id customer.ID, kind AgreementKind, document string, at time.Time) error
}

// Tags reads the words that operators put on customers.
type Tags interface {
	// TagsOf lists a customer's, sorted.
	TagsOf(ctx context.Context, env EnvironmentID, id customer.ID) ([]string, error)
	// TaggedCustomers lists who wears a tag, by id, behind after, at most limit, up to 200.
	TaggedCustomers(ctx context.Context, env EnvironmentID, tag string, after customer.ID, limit int) ([]customer.Customer, error)
}

// TagWriter changes them.
type TagWriter interface {
	// PutTags puts tags on a customer; one that is there already stays.
	// [ErrNotFound] if there is no such customer; [ErrInvalid] if they would have more
	// than [customer.MaxTags].
	PutTags(ctx context.Context, id customer.ID, tags []string) error
	// DeleteTags takes tags off; taking off what is not there is no error.
	DeleteTags(ctx context.Context, id customer.ID, tags []string) error
}
