package verify

import (
	"hash/maphash"
	"sync"
	"sync/atomic"

	"sallyport/store"
)

// Bounds of the cache. Longer tokens are verified each time.
const (
	shards             = 16
	maxRememberedBytes = 4 << 10
)

// cache remembers tokens whose signature was good. It is found by a seeded
// hash, which callers cannot steer, and believed only after comparing every
// byte. When a shard is full, an entry that was not used since the hand last
// passed makes way (CLOCK).
type cache struct {
	seed   maphash.Seed
	shards [shards]shard
}

type shard struct {
	mu    sync.RWMutex
	limit int
	at    map[uint64]int // place in ring
	ring  []*remembered
	hand  int
}

// remembered is immutable but for used.
type remembered struct {
	hash    uint64
	env     store.EnvironmentID
	text    string
	profile profile
	token   *Token
	used    atomic.Bool
}

func newCache(limit int) *cache {
	c := &cache{seed: maphash.MakeSeed()}
	for i := range c.shards {
		c.shards[i].limit = max(limit/shards, 1)
		c.shards[i].at = map[uint64]int{}
	}
	return c
}

func (c *cache) hash(env store.EnvironmentID, token string) uint64 {
	return maphash.String(c.seed, token) ^ uint64(env)*0x9e3779b97f4a7c15
}

// get gives what is known of token in env, or nil.
func (c *cache) get(hash uint64, env store.EnvironmentID, token string) *remembered {
	s := &c.shards[hash%shards]
	s.mu.RLock()
	defer s.mu.RUnlock()
	place, found := s.at[hash]
	if !found {
		return nil
	}
	e := s.ring[place]
	if e.env != env || e.text != token {
		return nil
	}
	if !e.used.Load() { // a write that is not needed would be shared by all cores
		e.used.Store(true)
	}
	return e
}

// put remembers e in place of what had the same hash.
func (c *cache) put(hash uint64, e *remembered) {
	if len(e.text) > maxRememberedBytes {
		return
	}
	e.hash = hash
	s := &c.shards[hash%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if place, found := s.at[hash]; found {
		s.ring[place] = e
		return
	}
	if len(s.ring) < s.limit {
		s.at[hash] = len(s.ring)
		s.ring = append(s.ring, e)
		return
	}
	for s.ring[s.hand].used.Swap(false) {
		s.hand = (s.hand + 1) % len(s.ring)
	}
	delete(s.at, s.ring[s.hand].hash)
	s.ring[s.hand], s.at[hash] = e, s.hand
	s.hand = (s.hand + 1) % len(s.ring)
}
