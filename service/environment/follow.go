package environment

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/store"
)

const (
	pollEvery  = 500 * time.Millisecond // at least each second is promised
	pollWithin = 3 * time.Second        // a store that hangs is as good as away
	staleAfter = 5 * time.Second        // off is off within this time
	feedBatch  = 500
	feedKept   = time.Hour // of entries that matter to nodes that run, not to what starts later
	// reconcileEvery compares the live revisions with the stored ones even if
	// the feed is silent: a node that was suspended for longer than entries are
	// kept has missed some without knowing.
	reconcileEvery = 10 * time.Second
)

// ErrStale: this node has not heard of changes for longer than 5 seconds, so
// it must refuse whatever a change might have forbidden.
var ErrStale = errors.New("change feed not heard for 5 seconds")

type follower struct {
	mu         sync.Mutex // one goroutine follows at a time: Start, then Run
	position   int64
	reconciled time.Time

	heard atomic.Pointer[time.Time] // when the last successful poll began
	deaf  atomic.Bool               // the last poll failed
	wake  chan struct{}
}

// Subscribe calls f for each feed entry of every environment, in order, once
// each, from one goroutine at a time. By then this node serves the revision
// that an entry tells of, or a newer one. f must not block for long. Subscribe
// before Start: Start replays what is still kept.
func (r *Registry) Subscribe(f func(context.Context, store.FeedEntry)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.subscribers = append(r.subscribers, f)
}

// Run follows the feed until ctx ends.
func (r *Registry) Run(ctx context.Context) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-r.follower.wake:
		}
		err := r.catchUp(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			r.cfg.Log.Error("change feed unreachable", "error", err)
		case err == nil && failing:
			r.cfg.Log.Info("change feed heard again")
		}
		failing = err != nil
	}
}

// Wake makes Run look at the feed at once; whoever wrote to it calls this.
func (r *Registry) Wake() {
	select {
	case r.follower.wake <- struct{}{}:
	default:
	}
}

// Fresh returns [ErrStale] if the feed has not been heard for 5 seconds.
func (r *Registry) Fresh() error {
	// The time is kept whole, with its monotonic part, so that setting the
	// wall clock back does not make a deaf node trust itself.
	heard := r.follower.heard.Load()
	if heard == nil || r.cfg.Now().Sub(*heard) > staleAfter {
		return ErrStale
	}
	return nil
}

// Hears returns [ErrStale] if [Registry.Fresh] does, or if the last look at the
// feed failed: such a node may go stale at any moment, even where the store
// answers again, and should be sent nothing until it has caught up.
func (r *Registry) Hears() error {
	if r.follower.deaf.Load() {
		return ErrStale
	}
	return r.Fresh()
}

// catchUp reads the feed to its end.
func (r *Registry) catchUp(ctx context.Context) (err error) {
	f := &r.follower
	f.mu.Lock()
	defer f.mu.Unlock()
	defer func() { f.deaf.Store(err != nil) }()
	for {
		began := r.cfg.Now()
		entries, err := r.poll(ctx)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			r.tell(ctx, entry)
			f.position = entry.Position
		}
		if len(entries) < feedBatch {
			f.heard.Store(&began)
			return nil
		}
	}
}

// poll reads the next entries and makes live what they tell of. After an error
// nothing has moved, so that the next poll meets the same entries.
func (r *Registry) poll(ctx context.Context) ([]store.FeedEntry, error) {
	ctx, cancel := context.WithTimeout(ctx, pollWithin)
	defer cancel()
	f, now := &r.follower, r.cfg.Now()
	entries, err := r.cfg.Store.FeedAfter(ctx, f.position, feedBatch)
	if err != nil {
		return nil, err
	}
	since := now.Sub(f.reconciled)
	if since < 0 || since >= reconcileEvery || slices.ContainsFunc(entries, configures) {
		if err := r.reconcile(ctx); err != nil {
			return nil, err
		}
		f.reconciled = now
	}
	return entries, nil
}

func configures(entry store.FeedEntry) bool {
	return entry.Kind == store.RevisionApplied || entry.Kind == store.EnvironmentCreated
}

func (r *Registry) tell(ctx context.Context, entry store.FeedEntry) {
	r.mu.Lock()
	subscribers := r.subscribers
	r.mu.Unlock()
	for _, tell := range subscribers {
		tell(ctx, entry)
	}
}
