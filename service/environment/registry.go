package environment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/store"
)

// Store is what a registry needs of the store.
type Store interface {
	store.Environments
	store.Revisions
	store.Feed
	store.Writer
}

// Config constructs a [Registry]. All fields are required.
type Config struct {
	Store   Store
	Audit   *audit.Log
	Builtin map[string]string // variables that the process knows, e.g. listen.url
	Now     func() time.Time
	Rand    io.Reader
	Log     *slog.Logger
}

// Registry holds the live environments of this node. It is safe for
// concurrent use.
type Registry struct {
	cfg Config

	mu          sync.Mutex // guards what follows, on changes only
	byID        map[store.EnvironmentID]*Live
	subscribers []func(context.Context, store.FeedEntry)

	routes   atomic.Pointer[[]route]
	follower follower
}

// Live is one environment as this node serves it. It is safe for concurrent use.
type Live struct {
	store.Environment
	snapshot atomic.Pointer[config.Snapshot]
}

// Snapshot gives the configuration to serve a request by, nil if the
// environment has none yet. A request asks once and keeps what it got.
func (l *Live) Snapshot() *config.Snapshot { return l.snapshot.Load() }

// New gives a registry that knows no environment until [Registry.Start].
func New(cfg Config) *Registry {
	r := &Registry{cfg: cfg, byID: map[store.EnvironmentID]*Live{}}
	r.follower.wake = make(chan struct{}, 1)
	r.routes.Store(&[]route{})
	return r
}

// Start loads every environment with its newest revision and notes where the
// feed stands. Run then follows. A revision that no longer compiles is
// reported and leaves its environment without a snapshot: the others serve.
func (r *Registry) Start(ctx context.Context) error {
	if err := r.catchUp(ctx); err != nil {
		return err
	}
	environments, err := r.cfg.Store.Environments(ctx)
	if err != nil {
		return fmt.Errorf("listing environments: %w", err)
	}
	for _, e := range environments {
		if err := r.load(ctx, e); err != nil {
			r.cfg.Log.Error("environment has no usable revision", "tenant", e.Tenant, "environment", e.Name, "error", err)
		}
	}
	return nil
}

// Environments lists what is live, in no order.
func (r *Registry) Environments() []*Live {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]*Live, 0, len(r.byID))
	for _, live := range r.byID {
		all = append(all, live)
	}
	return all
}

// ByID gives one environment.
func (r *Registry) ByID(id store.EnvironmentID) (*Live, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	live, found := r.byID[id]
	return live, found
}

// ByName gives one environment.
func (r *Registry) ByName(tenant, name string) (*Live, bool) {
	for _, live := range r.Environments() {
		if live.Tenant == tenant && live.Name == name {
			return live, true
		}
	}
	return nil, false
}

// load makes the newest revision of e live.
func (r *Registry) load(ctx context.Context, e store.Environment) error {
	revision, err := r.cfg.Store.Revision(ctx, e.ID, 0)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("reading the newest revision: %w", err)
	}
	var snapshot *config.Snapshot
	if err == nil {
		if snapshot, err = r.compile(e.Name, revision); err != nil {
			r.install(e, nil)
			return err
		}
	}
	r.install(e, snapshot)
	return nil
}

// compile turns a stored revision into a snapshot.
func (r *Registry) compile(environment string, revision store.Revision) (*config.Snapshot, error) {
	tree, err := config.Decode(revision.Content)
	if err != nil {
		return nil, fmt.Errorf("decoding revision %d: %w", revision.Number, err)
	}
	snapshot, problems := config.Compile(tree, environment, r.cfg.Builtin)
	if snapshot == nil {
		return nil, &InvalidError{Problems: problems}
	}
	snapshot.Revision, snapshot.Digest = revision.Number, revision.Digest
	return snapshot, nil
}

// install makes snapshot live unless a newer one is: loads may overtake.
func (r *Registry) install(e store.Environment, snapshot *config.Snapshot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	live, found := r.byID[e.ID]
	if !found {
		live = &Live{Environment: e}
		r.byID[e.ID] = live
	}
	current := live.snapshot.Load()
	if snapshot != nil && (current == nil || current.Revision < snapshot.Revision) {
		live.snapshot.Store(snapshot)
	}
	r.rebuildRoutes()
}
