package environment

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"sallyport/store"
)

const (
	pollEvery  = 500 * time.Millisecond // at least each second is promised
	staleAfter = 5 * time.Second        // off is off within this time
	feedBatch  = 500
)

// ErrStale: this node has not heard of changes for longer than 5 seconds, so
// it must refuse whatever a change might have forbidden.
var ErrStale = errors.New("change feed not heard for 5 seconds")

type follower struct {
	position int64        // only the following goroutine moves it
	heard    atomic.Int64 // unix nanoseconds of the last successful poll
	wake     chan struct{}
}

// Subscribe calls f for each feed entry of every environment, in order, once
// each, from one goroutine. f must not block for long. Subscribe before Start:
// Start replays what is still of consequence.
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
		if err != nil && !failing && ctx.Err() == nil {
			r.cfg.Log.Error("change feed unreachable", "error", err)
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
	heard := time.Unix(0, r.follower.heard.Load())
	if r.cfg.Now().Sub(heard) > staleAfter {
		return ErrStale
	}
	return nil
}

// catchUp reads the feed to its end.
func (r *Registry) catchUp(ctx context.Context) error {
	for {
		began := r.cfg.Now()
		entries, err := r.cfg.Store.FeedAfter(ctx, r.follower.position, feedBatch)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			r.handle(ctx, entry)
			r.follower.position = entry.Position
		}
		if len(entries) < feedBatch {
			r.follower.heard.Store(began.UnixNano())
			return nil
		}
	}
}

// handle acts on one entry and tells the subscribers.
func (r *Registry) handle(ctx context.Context, entry store.FeedEntry) {
	switch entry.Kind {
	case store.RevisionApplied, store.EnvironmentCreated:
		if err := r.reload(ctx, entry); err != nil {
			r.cfg.Log.Error("a new revision could not be made live", "environment", entry.Env, "revision", entry.Subject, "error", err)
		}
	}
	r.mu.Lock()
	subscribers := r.subscribers
	r.mu.Unlock()
	for _, tell := range subscribers {
		tell(ctx, entry)
	}
}

// reload loads the environments that entry is about.
func (r *Registry) reload(ctx context.Context, entry store.FeedEntry) error {
	environments, err := r.cfg.Store.Environments(ctx)
	if err != nil {
		return err
	}
	for _, e := range environments {
		_, known := r.ByID(e.ID)
		if e.ID == entry.Env || !known {
			err = errors.Join(err, r.load(ctx, e))
		}
	}
	return err
}
