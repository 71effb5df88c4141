package certificate

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"sallyport/store"
)

// A lock is a lease: who holds it takes it anew all the time, so that it is over soon
// after a node is that could not let go of it.
const (
	lockLife  = 30 * time.Second
	lockAgain = 10 * time.Second // while it is held
	lockRetry = time.Second      // while somebody else holds it
)

// locks are those that this node holds.
type locks struct {
	cfg Config

	mu   sync.Mutex
	held map[string]hold
}

// hold is a lock that is held: each time under a name of its own, so that nobody of
// this node has it twice.
type hold struct {
	holder string
	end    context.CancelFunc
	ended  chan struct{}
}

func newLocks(cfg Config) *locks { return &locks{cfg: cfg, held: map[string]hold{}} }

// take waits until nobody else holds a name.
func (l *locks) take(ctx context.Context, name string) error {
	var id [16]byte
	if _, err := io.ReadFull(l.cfg.Rand, id[:]); err != nil {
		return fmt.Errorf("locking %s: %w", name, err)
	}
	holder := hex.EncodeToString(id[:])
	for {
		err := l.lease(ctx, name, holder)
		if err == nil {
			break
		}
		if !errors.Is(err, store.ErrConflict) {
			return fmt.Errorf("locking %s: %w", name, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockRetry):
		}
	}
	l.hold(name, holder)
	return nil
}

func (l *locks) lease(ctx context.Context, name, holder string) error {
	now := l.cfg.Now()
	lease := store.Lease{Name: name, Holder: holder, Until: now.Add(lockLife)}
	return l.cfg.Store.Write(ctx, store.System, func(tx store.Tx) error { return tx.TakeLease(ctx, lease, now) })
}

// hold takes a lock anew until it is let go of.
func (l *locks) hold(name, holder string) {
	ctx, end := context.WithCancel(context.Background())
	h := hold{holder, end, make(chan struct{})}
	l.mu.Lock()
	l.held[name] = h
	l.mu.Unlock()
	go func() {
		defer close(h.ended)
		ticker := time.NewTicker(lockAgain)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if err := l.lease(ctx, name, holder); err != nil && ctx.Err() == nil {
					l.cfg.Log.Warn("a lock cannot be held on to", "name", name, "error", err)
				}
			}
		}
	}()
}

// release lets go of a name, also for whoever was told to stop meanwhile.
func (l *locks) release(ctx context.Context, name string) error {
	l.mu.Lock()
	h, found := l.held[name]
	delete(l.held, name)
	l.mu.Unlock()
	if !found {
		return nil
	}
	h.end()
	<-h.ended
	ctx = context.WithoutCancel(ctx)
	return l.cfg.Store.Write(ctx, store.System, func(tx store.Tx) error { return tx.ReleaseLease(ctx, name, h.holder) })
}
