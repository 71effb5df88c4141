package claim

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/service/notify"
	"sallyport/service/source"
	"sallyport/store"
)

// Store is what the service needs of the store.
type Store interface {
	store.Accounts
	store.Claims
	store.Writer
	Customer(ctx context.Context, env store.EnvironmentID, id customer.ID) (customer.Customer, error)
	Identifiers(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]customer.Identifier, error)
}

// Keys lends the secret that counters are named by: keyring.Ring has it.
type Keys interface {
	Secret(ctx context.Context, env store.EnvironmentID, purpose string) (*keyring.Secret, error)
}

// Notifier tells customers what was decided: notify.Service does.
type Notifier interface {
	Tell(ctx context.Context, tx store.Tx, live *environment.Live, n notify.Notice) error
}

// Config constructs a [Service]. Every field is required, but Notify and Region.
type Config struct {
	Store Store
	Keys  Keys
	Audit *audit.Log
	Log   *slog.Logger
	Now   func() time.Time
	Rand  io.Reader // safe for concurrent use
	// Open opens the place of a connection.
	Open   func(ctx context.Context, live *environment.Live, spec *source.Spec) (*source.System, error)
	Notify Notifier // nil: nobody is told
	Region string   // ISO 3166 code in which phone numbers without country code are read; empty: none
}

// Service links accounts to customers. It is safe for concurrent use.
type Service struct {
	cfg   Config
	mu    sync.Mutex
	lines map[place]*opened
}

// New gives a service. Close it.
func New(cfg Config) *Service { return &Service{cfg: cfg, lines: map[place]*opened{}} }

// Errors.
var (
	// ErrNoRevision: the environment has no usable configuration.
	ErrNoRevision = errors.New("environment has no revision")
	// ErrDecided: the claim does not wait any more.
	ErrDecided = errors.New("the claim was decided already")
	// ErrNumber: what was typed can be no number of an account.
	ErrNumber = errors.New("not a number of an account")
	// ErrUnavailable: where accounts are kept cannot be asked now.
	ErrUnavailable = errors.New("accounts cannot be looked up now")
)

// Outcome is what came of a claim.
type Outcome string

// The outcomes.
const (
	Linked      Outcome = "linked"
	Refused     Outcome = "refused" // what was said does not prove it
	Waits       Outcome = "waits"   // for a person to decide
	Unavailable Outcome = "unavailable"
)

// Why claims wait.
const (
	BecauseTries  = "too-many-tries"
	BecauseOwned  = "owned"  // somebody else owns the account
	BecauseClosed = "closed" // nobody joins it
)

// Claimant is who claims an account, signed in or on their way.
type Claimant struct {
	Customer    customer.ID
	Application string
	Address     string // source, as it is counted
	Brand       string // whose customer; empty: of no brand
	Personal    any    // what audit keeps beside the chain and can erase; nil: nothing
}

// Said is what they say.
type Said struct {
	Number string
	Facts  map[string]string // by name
}

// Answer is what came of it.
type Answer struct {
	Outcome Outcome
	Account customer.Account // that was linked
	Claim   store.ClaimID    // that waits
	// Reference is of the event that tells of it.
	Reference string
}

// What is kept of a claim, as the store has it.
type (
	Kept  = store.Claim
	Page  = store.ClaimPage
	State = store.ClaimState
)
