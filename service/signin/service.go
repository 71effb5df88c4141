package signin

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"runtime"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/pure/password"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/service/notify"
	"sallyport/store"
)

// Store is what the service needs of the store.
type Store interface {
	store.Sessions
	store.Factors
	store.Passkeys
	store.Journeys
	store.Writer
	AuditEvents(ctx context.Context, env store.EnvironmentID, q store.AuditQuery) (events []store.ChainedEvent, next string, err error)
	TagsOf(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]string, error)
	Customer(ctx context.Context, env store.EnvironmentID, id customer.ID) (customer.Customer, error)
	Credential(ctx context.Context, env store.EnvironmentID, id customer.ID) (store.Credential, error)
	PersonByIdentifier(ctx context.Context, env store.EnvironmentID, kind customer.IdentifierKind, value string) (store.Person, error)
	RecordsOf(ctx context.Context, env store.EnvironmentID, customer string) ([]store.RecordMove, error)
	Identifiers(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]customer.Identifier, error)
}

// Directory finds people: directory.Directory has it.
type Directory interface {
	Find(ctx context.Context, env store.EnvironmentID, typed, region string) (store.Person, error)
	// Free takes what somebody has just now proved from whoever has it without proof.
	Free(ctx context.Context, tx store.Tx, live *environment.Live, i customer.Identifier, id customer.ID) (from customer.ID, err error)
}

// Keys lends the secrets that seal tickets and cookies: keyring.Ring has it.
type Keys interface {
	Secret(ctx context.Context, env store.EnvironmentID, purpose string) (*keyring.Secret, error)
}

// Sealer opens and seals credentials, factors and journeys at rest: keyring.Master has it.
type Sealer interface {
	Seal(ctx context.Context, env store.EnvironmentID, row string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, env store.EnvironmentID, row string, sealed []byte) ([]byte, error)
}

// Passwords judges new passwords: passwords.Service has it. The errors are those of
// package password, and what says that none can be judged now.
type Passwords interface {
	Customer(ctx context.Context, snapshot *config.Snapshot, beside bool, text string, names ...string) error
	// Stolen tells whether a password that somebody has is known to be stolen, or one of
	// the most common.
	Stolen(snapshot *config.Snapshot, text string) (bool, error)
}

// rules judges by the rules alone.
type rules struct{}

func (rules) Customer(_ context.Context, snapshot *config.Snapshot, beside bool, text string, names ...string) error {
	return password.Check(text, snapshot.Tenant.Passwords.Characters(beside), names...)
}

func (rules) Stolen(_ *config.Snapshot, text string) (bool, error) {
	return password.Common(text), nil
}

// Feed is told that a change was published: environment.Registry has it.
type Feed interface{ Wake() }

// Config constructs a [Service]. Fields without a default are required.
type Config struct {
	Store     Store
	Directory Directory
	Keys      Keys
	Sealer    Sealer
	Feed      Feed
	Audit     *audit.Log
	Now       func() time.Time
	Rand      io.Reader // safe for concurrent use, as crypto/rand.Reader is
	Log       *slog.Logger

	Cards Cards // takes codes of cards; nil: nobody has one
	Codes Codes // sends and checks codes; nil: no journey that asks for one goes on
	// Delivers tells whether an environment has somebody who delivers by a channel; nil:
	// all have, by all.
	Delivers  func(live *environment.Live, by code.Channel) bool
	Tasks     map[journey.Ask]Task // what steps ask for besides those of this package
	Notices   Notices              // tells customers what was changed; nil: nobody does
	Undo      notify.Undo          // makes links that take a change back; nil: there are none
	Points    Points               // who is asked and told at points of journeys; nil: nobody
	Observer  Observer             // counts what customers do; nil: nobody does
	Legacy    Legacy               // who is asked about whoever has no password here; nil: nobody
	Earlier   Earlier              // who is asked about whoever proved an address; nil: nobody
	Passwords Passwords            // judges new passwords; nil: the rules of package password do
	Region    string               // ISO 3166 code in which phone numbers without country code are read; empty: none
	Cost      passhash.Argon2Cost  // of new hashes; zero: passhash.DefaultCost
	Limits    Limits               // zero fields: [DefaultLimits]
	Workers   int                  // hashes at once; 0: one below the number of CPUs, at least 1
	Queue     int                  // visitors who may wait for a worker; 0: 16 for each worker
	Tick      time.Duration        // answers to a secret leave at multiples of it; 0: 250 ms
	// Sleep waits for d or until ctx ends; nil: a timer.
	Sleep func(ctx context.Context, d time.Duration)
}

// Service runs sign-in journeys. It is safe for concurrent use.
type Service struct {
	cfg     Config
	workers *workers
	dummy   *passhash.Hash // what a guess at nobody's password is compared with
	damper  damper
	parties parties
	sets    sets
	tasks   map[journey.Ask]Task
}

// New gives a service. It has no background work and nothing to subscribe.
func New(cfg Config) *Service {
	if cfg.Cost == (passhash.Argon2Cost{}) {
		cfg.Cost = passhash.DefaultCost
	}
	if cfg.Workers <= 0 {
		cfg.Workers = max(1, runtime.NumCPU()-1)
	}
	if cfg.Queue <= 0 {
		cfg.Queue = 16 * cfg.Workers
	}
	if cfg.Tick <= 0 {
		cfg.Tick = 250 * time.Millisecond
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	if cfg.Passwords == nil {
		cfg.Passwords = rules{}
	}
	cfg.Limits = cfg.Limits.complete()
	s := &Service{cfg: cfg, workers: newWorkers(cfg.Workers, cfg.Queue), dummy: dummyHash(cfg.Cost), tasks: map[journey.Ask]Task{}}
	s.tasks[journey.NewPassword] = &newPassword{}
	s.tasks[journey.Profile] = &profile{}
	s.tasks[journey.Access] = &access{}
	s.tasks[journey.Questions] = &questions{}
	maps.Copy(s.tasks, cfg.Tasks)
	return s
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
