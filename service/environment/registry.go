package environment

import (
	"context"
	"errors"
	"fmt"
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

// Config constructs a [Registry]. All fields but Console are required.
type Config struct {
	Store   Store
	Audit   *audit.Log
	Builtin map[string]string // variables that the process knows, e.g. listen.url
	Console string            // where operators sign in; empty: /console below the variable listen.url
	Now     func() time.Time
	Log     *slog.Logger
}

// Registry holds the live environments of this node. It is safe for
// concurrent use.
type Registry struct {
	cfg Config

	mu          sync.Mutex // guards what follows, on changes only
	byID        map[store.EnvironmentID]*Live
	subscribers []func(context.Context, store.FeedEntry)

	routes   atomic.Pointer[routes]
	names    atomic.Pointer[[]string] // see Hostnames
	follower follower
	walked   walked
}

// Live is one environment as this node serves it. It is safe for concurrent use.
type Live struct {
	ID        store.EnvironmentID
	Tenant    string
	Name      string
	Protected bool // since it was created; its configuration can protect it too
	Created   time.Time

	snapshot atomic.Pointer[config.Snapshot]
	reported atomic.Pointer[reported]
	newest   int64            // number of the newest revision looked at, usable or not; Registry.mu guards it
	seats    map[string]*Live // the environment as hosts of its brands see it; Registry.mu guards it
}

// Snapshot gives the configuration to serve a request by, nil if the
// environment has none, or none that this node can use. A request asks once
// and keeps what it got.
func (l *Live) Snapshot() *config.Snapshot { return l.snapshot.Load() }

// New gives a registry that knows no environment until [Registry.Start].
func New(cfg Config) *Registry {
	r := &Registry{cfg: cfg, byID: map[store.EnvironmentID]*Live{}}
	r.follower.wake = make(chan struct{}, 1)
	r.routes.Store(&routes{})
	r.names.Store(&[]string{})
	return r
}

// Start loads every environment with its newest revision and follows the feed
// to its present end. Run then goes on.
//
// A revision that this node cannot use is reported and leaves its environment
// without a snapshot, now and later: an older one may allow what it forbids.
// The others serve.
func (r *Registry) Start(ctx context.Context) error {
	if err := r.catchUp(ctx); err != nil {
		return fmt.Errorf("following the change feed: %w", err)
	}
	return r.installSystem()
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

// reconcile loads the environments whose newest revision is not live here. An
// error means that the store could not be asked, and to try again.
func (r *Registry) reconcile(ctx context.Context) error {
	environments, err := r.cfg.Store.Environments(ctx)
	if err != nil {
		return fmt.Errorf("listing environments: %w", err)
	}
	for _, e := range environments {
		if live := r.enlist(e); !r.current(live, e.Revision) {
			err = errors.Join(err, r.load(ctx, live, e.Revision))
		}
	}
	return err
}

// enlist makes e known.
func (r *Registry) enlist(e store.Environment) *Live {
	r.mu.Lock()
	defer r.mu.Unlock()
	live, known := r.byID[e.ID]
	if !known {
		live = &Live{ID: e.ID, Tenant: e.Tenant, Name: e.Name, Protected: e.Protected, Created: e.Created}
		r.byID[e.ID] = live
	}
	return live
}

// current tells whether live has nothing to gain from revision number.
func (r *Registry) current(live *Live, number int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return live.newest >= number
}

// load makes the newest revision of live's environment live: number, or one
// that came meanwhile.
func (r *Registry) load(ctx context.Context, live *Live, number int64) error {
	revision, err := r.cfg.Store.Revision(ctx, live.ID, 0)
	switch {
	case errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil:
		return fmt.Errorf("reading the newest revision: %w", errors.Join(err, ctx.Err()))
	case err != nil:
		r.withdraw(live, number)
		r.unusable(live, number, err)
		return nil // looked at again with the next reconciliation
	}
	snapshot, err := r.compile(live.Name, revision)
	if err != nil {
		r.unusable(live, revision.Number, err)
	}
	r.install(live, revision.Number, snapshot)
	return nil
}

func (r *Registry) unusable(live *Live, number int64, err error) {
	r.cfg.Log.Error("environment does not serve: its newest revision is not usable here",
		"tenant", live.Tenant, "environment", live.Name, "revision", number, "error", err)
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

// install makes revision number live, unless it or a newer one is: loads may
// overtake each other. A nil snapshot stands for a revision that is not usable.
func (r *Registry) install(live *Live, number int64, snapshot *config.Snapshot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if number > live.newest {
		live.newest = number
		live.snapshot.Store(snapshot)
		r.rebuildRoutes()
	}
}

// withdraw stops serving live until revision number, or a newer one, can be read.
func (r *Registry) withdraw(live *Live, number int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if number > live.newest {
		live.snapshot.Store(nil)
		r.rebuildRoutes()
	}
}
