package keyring

import (
	"context"
	"fmt"

	"sallyport/store"
)

// Published lists the keys of env that change, by owner and creation: those with
// a public part, of every authorization server and of the gateway's authority,
// and those of opaque tokens. What is private is left out, and so are the
// secrets of purposes, which nobody rotates or publishes.
func (r *Ring) Published(ctx context.Context, env store.EnvironmentID) ([]store.Key, error) {
	stored, err := r.cfg.Store.Keys(ctx, env, "")
	if err != nil {
		return nil, fmt.Errorf("listing keys: %w", err)
	}
	var published []store.Key
	for _, key := range stored {
		if len(key.Public) == 0 && key.Algorithm != string(OpaqueAlgorithm) {
			continue
		}
		key.Sealed = nil
		published = append(published, key)
	}
	return published, nil
}
