package relational

import (
	"context"
	"fmt"
	"sync"

	"sallyport/store"
)

// Known remembers which environments exist; they never go. Its zero value
// knows none. It is safe for concurrent use.
type Known struct{ seen sync.Map }

// Check refuses an environment that was never created: [store.ErrNotFound].
func (k *Known) Check(ctx context.Context, c Conn, env store.EnvironmentID) error {
	if _, known := k.seen.Load(env); known {
		return nil
	}
	found, err := exists(ctx, c, "SELECT 1 FROM environments WHERE id = ?", int64(env))
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("environment %d: %w", env, store.ErrNotFound)
	}
	k.seen.Store(env, true)
	return nil
}

// Ping reads something that is always there.
func Ping(ctx context.Context, c Conn) error {
	_, err := exists(ctx, c, "SELECT 1 FROM environments WHERE id = ?", int64(store.System))
	return err
}
