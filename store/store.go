// Package store is the contract between Sallyport's services and the engines
// that keep its state: records, small interfaces and errors. It decides
// nothing and opens nothing; store/sqlite and store/postgres implement it and
// store/storetest holds both to one conformance suite.
//
// Three rules run through the contract.
//
// Every method and every primary key leads with the environment, so nothing
// is ever found across environments.
//
// Reading happens through [Reader] on committed state. Writing happens only in
// [Store.Write]: the function it is given sees one transaction, and once Write
// has returned nil everything it wrote, its audit events and its change-feed
// entries are durable together or not at all. Engines coalesce concurrent
// writes into one commit where that is cheaper.
//
// Nothing secret is readable here: private keys, imported hashes and seeds
// arrive sealed, generated secrets arrive as SHA-256.
package store

import (
	"context"
	"errors"
	"time"
)

// EnvironmentID numbers an environment within an installation, from 1.
// Zero is no environment. [System] is the built-in one of the operators.
type EnvironmentID int64

// System is the environment that holds the operators and installation-wide
// events; every engine creates it with the schema.
const System EnvironmentID = 1

// Errors that services react to. Engines wrap them; compare with errors.Is.
var (
	// ErrNotFound: no such record in this environment.
	ErrNotFound = errors.New("not found")
	// ErrExists: the key, or a unique value such as an identifier, is taken.
	ErrExists = errors.New("already exists")
	// ErrConflict: the record moved on since it was read (compare-and-set).
	ErrConflict = errors.New("changed meanwhile")
	// ErrUnavailable: the engine cannot be reached or is out of space now; the
	// same call may succeed later. Nothing was written, unless the connection
	// to a remote engine broke while it committed: then nobody can know, and a
	// repeated call meets its own compare-and-set.
	ErrUnavailable = errors.New("storage unavailable")
	// ErrSchema: the database was made by a newer release, or by nobody.
	ErrSchema = errors.New("schema not usable")
	// ErrLocked: another process has this embedded store open.
	ErrLocked = errors.New("in use by another process")
	// ErrInvalid: a value that no engine stores: above a limit of this
	// contract, text that is not UTF-8 or holds a NUL, a cursor nobody gave.
	ErrInvalid = errors.New("invalid value")
)

// Store keeps one installation. It is safe for concurrent use.
type Store interface {
	Reader
	Writer
	Copier
	People
	// Ping tells whether the engine answers; it wraps [ErrUnavailable].
	Ping(ctx context.Context) error
	// Sweep deletes at most limit rows that had expired at now (sessions, journeys,
	// grants, attempts, feed entries, operators' links, messages) and tells how many it deleted. It is
	// indexed, and holds no lock for longer than a batch.
	Sweep(ctx context.Context, now time.Time, limit int) (int, error)
	// Close waits for running writes and releases the engine.
	Close() error
}

// Writer changes state.
type Writer interface {
	// Write runs do in one transaction on env and commits it. It returns do's
	// error unchanged after rolling back. do may run more than once when the
	// engine retries, so it must have no other effects and must set its
	// results afresh each time. After an error of package store from a method
	// of Tx, do may go on: that method wrote nothing, what came before stays.
	// An environment that does not exist is [ErrNotFound]. Others wait while do
	// runs, so it must not wait for anything, least of all for another Write.
	Write(ctx context.Context, env EnvironmentID, do func(Tx) error) error
	// Record appends audit events that belong to no other change. It returns
	// when they are durable; concurrent calls share commits, so it is cheap
	// enough for each issued token.
	Record(ctx context.Context, env EnvironmentID, events ...Event) error
}

// Reader reads committed state.
type Reader interface {
	Environments
	Revisions
	Feed
	Customers
	Links
	Factors
	Passkeys
	Journeys
	Sessions
	Grants
	Consents
	ConsentCounts
	Accounts
	Claims
	Agreements
	Tags
	Erasures
	Keys
	Secrets
	Subscriptions
	Audit
	Migrations
	UsageLedger
	Operators
	Changes
	Populations
	Walks
	Uses
	Vault
	Certificates
	Backups
	Jobs
	Rivals
	Outbox
	HookEvents
	Funnels
}

// Tx is one transaction on one environment. It reads its own writes. It is
// used by one goroutine and is dead once Write's function returns.
type Tx interface {
	EnvironmentWriter
	RevisionWriter
	FeedWriter
	CustomerWriter
	LinkWriter
	FactorWriter
	PasskeyWriter
	JourneyWriter
	SessionWriter
	GrantWriter
	ConsentWriter
	AccountWriter
	ClaimWriter
	AgreementWriter
	TagWriter
	ErasureWriter
	KeyWriter
	SecretWriter
	SubscriptionWriter
	AttemptWriter
	AuditWriter
	MigrationWriter
	UsageWriter
	OperatorWriter
	ChangeWriter
	WalkWriter
	UseWriter
	VaultWriter
	CertificateWriter
	BackupWriter
	JobWriter
	RivalWriter
	OutboxWriter
	HookEventWriter
	FunnelWriter
}
