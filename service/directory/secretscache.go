package directory

import (
	"context"
	"fmt"
	"sync"

	"sallyport/store"
)

// secretCache remembers the secrets of applications until the change feed says
// that they changed. Only names from the configuration are looked up, which
// bounds it.
type secretCache struct {
	mu     sync.RWMutex
	hashes map[secretOwner][]store.Secret
	epoch  uint64 // rises with each change: what was read before is not kept
}

type secretOwner struct {
	env         store.EnvironmentID
	application string
}

func (c *secretCache) get(ctx context.Context, from store.Secrets, env store.EnvironmentID, application string) ([]store.Secret, error) {
	owner := secretOwner{env, application}
	c.mu.RLock()
	known, found := c.hashes[owner]
	epoch := c.epoch
	c.mu.RUnlock()
	if found {
		return known, nil
	}
	known, err := from.Secrets(ctx, env, application)
	if err != nil {
		return nil, fmt.Errorf("reading the secrets of %s: %w", application, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch == epoch {
		c.hashes[owner] = known
	}
	return known, nil
}

func (c *secretCache) forget(env store.EnvironmentID, application string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.hashes, secretOwner{env, application})
	c.epoch++
}
