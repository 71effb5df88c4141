package walk

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/pure/config"
	"sallyport/pure/expect"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// Store is what the service needs of the store.
type Store interface {
	store.Walks
	store.Writer
}

// Sealer seals credentials at rest: keyring.Master has it.
type Sealer interface {
	Seal(ctx context.Context, env store.EnvironmentID, row string, plaintext []byte) ([]byte, error)
}

// Lender lends secrets to applications: directory.Secrets has it.
type Lender interface {
	LendSecret(ctx context.Context, env store.EnvironmentID, application string, until time.Time, by audit.Actor) (id, secret string, err error)
	DeleteSecret(ctx context.Context, env store.EnvironmentID, application, id string, by audit.Actor) error
}

// Config constructs a [Service]. Everything but Cost is required.
type Config struct {
	Store   Store
	Sealer  Sealer
	Secrets Lender
	Audit   *audit.Log
	Now     func() time.Time
	Rand    io.Reader
	Cost    passhash.Argon2Cost // zero: passhash.DefaultCost
}

// Service keeps walks. It is safe for concurrent use.
type Service struct{ cfg Config }

// New gives a service.
func New(cfg Config) *Service {
	if cfg.Cost == (passhash.Argon2Cost{}) {
		cfg.Cost = passhash.DefaultCost
	}
	return &Service{cfg}
}

// Errors of the service, besides those of the store and of package expect.
var (
	// ErrForbidden: the environment is protected, production, or the operators'.
	ErrForbidden = errors.New("no walks in this environment")
	// ErrRunning: another run of the environment goes on.
	ErrRunning = errors.New("a walk of this environment is under way")
	// ErrOver: the run has ended, was given up, or is somebody else's.
	ErrOver = errors.New("the walk is over")
	// ErrMoved: the configuration changed while it was walked, so nothing can be said.
	ErrMoved = errors.New("the configuration changed during the walk")
	// ErrTooManyCustomers: more contexts of customers than a run may invent.
	ErrTooManyCustomers = errors.New("too many customers to invent")
)

// Limits of a run.
const (
	MaxWalks     = 2000
	MaxCustomers = 200
	// Life is how long a run may take; then it is given up.
	Life = expect.WalkTime

	kept = 10 // reports
)

// live names of environments that nobody walks in, whether protected or not.
var productions = []string{"production", "prod", "live"}

// forbidden reports whether an environment must not be walked in.
func forbidden(live *environment.Live, s *config.Snapshot) bool {
	return live.System() || live.Protected || s.Tenant.Environments[live.Name].Protected || slices.Contains(productions, live.Name)
}
