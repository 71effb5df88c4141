package jit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/keyring"
	"sallyport/service/limit"
	"sallyport/service/source"
	"sallyport/store"
)

// Intake keeps the ledger and takes people along: intake.Service has it.
type Intake interface {
	Record(ctx context.Context, env store.EnvironmentID, migration, key string) (intake.Record, error)
	Admit(ctx context.Context, a intake.Arrival) (intake.Admission, error)
	Claimed(ctx context.Context, env store.EnvironmentID, migration string, id customer.Identifier) (bool, error)
}

// Events reads the audit ledger, addresses, and what is known of somebody's records: the
// store has them.
type Events interface {
	AuditEvents(ctx context.Context, env store.EnvironmentID, q store.AuditQuery) (events []store.ChainedEvent, next string, err error)
	Identifiers(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]customer.Identifier, error)
	RecordsOf(ctx context.Context, env store.EnvironmentID, customer string) ([]store.RecordMove, error)
}

// Directory finds people: directory.Directory has it.
type Directory interface {
	Find(ctx context.Context, env store.EnvironmentID, typed, region string) (store.Person, error)
}

// Keys lends the secret under which wrong passwords are remembered: keyring.Ring
// has it.
type Keys interface {
	Secret(ctx context.Context, env store.EnvironmentID, purpose string) (*keyring.Secret, error)
}

// Secrets lends the secrets of an environment: vault.Service has it.
type Secrets interface {
	Open(ctx context.Context, env store.EnvironmentID, name string) ([]byte, error)
}

// Config constructs a [Service]. All fields but Region are required.
type Config struct {
	Intake    Intake
	Directory Directory
	Keys      Keys
	Secrets   Secrets
	Limiter   *limit.Limiter
	Audit     *audit.Log
	Events    Events
	Log       *slog.Logger
	Now       func() time.Time
	Region    string // in which phone numbers without country code are read
	// Open makes the system of a connection: kinds.Open does, over what it needs. plan
	// is the migration's, with its secrets.
	Open func(ctx context.Context, live *environment.Live, spec *source.Spec, plan *migrate.Plan) (*source.System, error)
}

// Service asks earlier systems about people. It is safe for concurrent use, and
// has no background work.
type Service struct {
	cfg    Config
	mu     sync.Mutex
	lines  map[place]*connected
	wrong  memory // passwords that were refused, and who is unknown there
	spread memory // identifiers that a source tried in vain
}

// place is where a migration is.
type place struct {
	env  store.EnvironmentID
	name string
}

// New gives a service without connections.
func New(cfg Config) *Service { return &Service{cfg: cfg, lines: map[place]*connected{}} }

// Errors of this package.
var (
	// ErrMigration: there is no such migration, or it reaches no running system.
	ErrMigration = errors.New("no migration with a connection")
)

// asked are the migrations of an environment whose systems are asked at now, in
// their order. staged tells whether the person is known here.
func (s *Service) asked(live *environment.Live, staged bool) []*config.LiveMigration {
	snapshot := live.Snapshot()
	if snapshot == nil {
		return nil
	}
	return inOrder(snapshot, func(m *config.LiveMigration) bool {
		return m.JIT.Asks(s.cfg.Now()) && m.Connection != nil && (staged || m.JIT.Ask == config.AskSignIn)
	})
}

// migration gives one that has a connection; [ErrMigration].
func migration(live *environment.Live, name string) (*config.LiveMigration, error) {
	snapshot := live.Snapshot()
	if snapshot == nil || snapshot.Migrations[name] == nil || snapshot.Migrations[name].Connection == nil {
		return nil, ErrMigration
	}
	return snapshot.Migrations[name], nil
}

// owns tells whether an outcome has the identifier that was typed.
func owns(o migrate.Outcome, typed, region string) bool {
	for _, reading := range customer.Classify(typed, region) {
		for _, id := range o.Identifiers {
			if id.Kind == reading.Kind && id.Value == reading.Value {
				return true
			}
		}
	}
	return false
}
