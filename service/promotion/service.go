package promotion

import (
	"context"
	"sync"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/review"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// Store is what the service needs of the store.
type Store interface {
	store.Changes
	store.Populations
	store.ConsentCounts
	store.Writer
}

// Environments is what the service needs of the registry: environment.Registry has it.
type Environments interface {
	Compiled(live *environment.Live, tree *config.Tree) (*config.Snapshot, []config.Problem, error)
	Revision(ctx context.Context, live *environment.Live, number int64) (environment.Revision, *config.Tree, error)
	Promote(ctx context.Context, env store.EnvironmentID, c environment.Change, also environment.Also) (int64, error)
}

// Operators tells who may approve: operator.Service has it.
type Operators interface {
	// MayApprove tells whether an operator may approve changes of an environment
	// now: they are not disabled, and hold a role that allows it there.
	MayApprove(ctx context.Context, id customer.ID, tenant, environment string) (bool, error)
}

// Gate judges a change by something that is not its own: expectations, the size of
// tokens, maturity. It must not write to what it is given.
type Gate func(Considered) ([]review.Gate, error)

// Considered is a change as gates see it.
type Considered struct {
	Live   *environment.Live
	Tree   *config.Tree     // what is proposed
	Before *config.Snapshot // nil: the environment has no revision
	After  *config.Snapshot
	Review *review.Review
}

// Config constructs a [Service]. All fields but Gates and Crash are required.
type Config struct {
	Store        Store
	Environments Environments
	Operators    Operators
	Audit        *audit.Log
	Now          func() time.Time
	Gates        []Gate
	// Crash is told each point around a durable write, for tests that stop the
	// process there: one of [CrashPoints].
	Crash func(point string)
}

// The points that Config.Crash is told.
const (
	BeforeApply = "promotion.apply.before-write"
	WithinApply = "promotion.apply.within-write"
	AfterApply  = "promotion.apply.after-write"
	BeforeUndo  = "promotion.undo.before-write"
	WithinUndo  = "promotion.undo.within-write"
	AfterUndo   = "promotion.undo.after-write"
)

// CrashPoints lists the points.
func CrashPoints() []string {
	return []string{BeforeApply, WithinApply, AfterApply, BeforeUndo, WithinUndo, AfterUndo}
}

// Service takes configurations to environments. It is safe for concurrent use.
type Service struct {
	cfg Config

	mu      sync.Mutex
	counted map[store.EnvironmentID]*counted
}

// New gives a service. It has no background work.
func New(cfg Config) *Service {
	if cfg.Crash == nil {
		cfg.Crash = func(string) {}
	}
	return &Service{cfg: cfg, counted: map[store.EnvironmentID]*counted{}}
}

// By is the operator who does something.
type By struct {
	ID   customer.ID // zero for somebody at a terminal of the host, who cannot approve
	Name string
}

func (b By) actor() audit.Actor { return audit.Operator(b.Name) }
