package keyring

import (
	"context"
	"fmt"

	"sallyport/store"
)

// Published lists the keys of env that have a public part, of every
// authorization server and of the gateway's authority, by owner and creation.
// Their private parts are left out, and so are the secrets of purposes, which
// nobody rotates or publishes.
func (r *Ring) Published(ctx context.Context, env store.EnvironmentID) ([]store.Key, error) {
	stored, err := r.cfg.Store.Keys(ctx, env, "")
	if err != nil {
		return nil, fmt.Errorf("listing keys: %w", err)
	}
	var published []store.Key
	for _, key := range stored {
		if len(key.Public) == 0 {
			continue
		}
		key.Sealed = nil
		published = append(published, key)
	}
	return published, nil
}
