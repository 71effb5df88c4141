package store

import (
	"context"
	"time"

	"sallyport/pure/customer"
)

// Consent is what a customer allowed one application to have from one
// authorization server. It has no end but its withdrawal.
type Consent struct {
	Customer    customer.ID
	Application string
	Server      string    // authorization server
	Scopes      []string  // exactly those that were shown and allowed; 16 KiB together at most
	Given       time.Time // when the first of them were
	Updated     time.Time // when they last changed
	Revision    int64     // the configuration under which they last changed
	Version     int64     // compare-and-set
}

// ConsentWithdrawn is the reason of grants that were revoked with a consent.
const ConsentWithdrawn = "consent-withdrawn"

// Consents reads what customers allowed.
type Consents interface {
	// Consent reads one; [ErrNotFound].
	Consent(ctx context.Context, env EnvironmentID, id customer.ID, application, server string) (Consent, error)
	// Consents lists a customer's, by application and server.
	Consents(ctx context.Context, env EnvironmentID, id customer.ID) ([]Consent, error)
}

// ConsentsTo says which consents are counted: those to an authorization server that
// name a scope.
type ConsentsTo struct{ Server, Scope string }

// ConsentCounts counts what customers allowed.
type ConsentCounts interface {
	// CountConsents counts them among the first limit consents of an environment, at
	// most 1,000,000; part tells that there are more than were looked at.
	CountConsents(ctx context.Context, env EnvironmentID, to ConsentsTo, limit int) (n int64, part bool, err error)
}

// ConsentWriter changes what customers allowed.
type ConsentWriter interface {
	// PutConsent stores c if the stored Version still is c.Version (0: none is
	// stored), and raises it; Given stays as it was stored first. [ErrConflict];
	// [ErrNotFound] if there is no such customer.
	PutConsent(ctx context.Context, c Consent) error
	// HoldConsent reads one and keeps it from changing until the transaction is
	// over: what is stored beside it is known to whoever withdraws it next.
	// [ErrNotFound].
	HoldConsent(ctx context.Context, id customer.ID, application, server string) (Consent, error)
	// DeleteConsent removes it and revokes the grants that the application has
	// from that server for the customer, for [ConsentWithdrawn]. It names those
	// that were not revoked before. [ErrNotFound]: nothing is revoked then.
	DeleteConsent(ctx context.Context, id customer.ID, application, server string, at time.Time) ([]GrantID, error)
}
