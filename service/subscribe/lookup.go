package subscribe

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"sync"
	"time"

	"sallyport/service/environment"
	"sallyport/store"
)

// Bounds of what is remembered of look-ups.
const (
	maxKnown   = 64 << 10
	maxUnknown = 4 << 10
	unknownFor = time.Second // a key that was just made must work everywhere
)

// Lookup finds the subscription that a key belongs to. With [ErrSuspended] and
// [ErrExpired] it gives the subscription too, for the record; with
// [ErrUnknownKey] none. Other errors mean that the store cannot be asked.
//
// It relies on the change feed: ask the registry whether that is fresh.
func (s *Service) Lookup(ctx context.Context, live *environment.Live, key string) (*Subscription, error) {
	if !looksRight(key) {
		return nil, ErrUnknownKey
	}
	now := s.cfg.Now()
	sub, err := s.byDigest(ctx, live.ID, Key(key).digest(), now)
	switch {
	case err != nil:
		return nil, err
	case sub.State != Active:
		return sub, ErrSuspended
	case !sub.Expires.IsZero() && !now.Before(sub.Expires):
		return sub, ErrExpired
	}
	return sub, nil
}

func (s *Service) byDigest(ctx context.Context, env store.EnvironmentID, digest [32]byte, now time.Time) (*Subscription, error) {
	name := keyName{env, digest}
	sub, absent, epoch := s.seen.get(name, now)
	if absent {
		return nil, ErrUnknownKey
	}
	if sub == nil {
		found, err := s.cfg.Store.SubscriptionByKey(ctx, env, digest)
		if errors.Is(err, store.ErrNotFound) {
			s.seen.miss(name, now, epoch)
			return nil, ErrUnknownKey
		}
		if err != nil {
			return nil, fmt.Errorf("looking for a subscription: %w", err)
		}
		sub = &found
		s.seen.hit(name, sub, epoch)
	}
	// Whatever path led here, the key is believed only by its whole digest, in
	// constant time.
	if subtle.ConstantTimeCompare(sub.Primary[:], digest[:])|subtle.ConstantTimeCompare(sub.Secondary[:], digest[:]) != 1 {
		return nil, ErrUnknownKey
	}
	return sub, nil
}

type keyName struct {
	env    store.EnvironmentID
	digest [32]byte
}

// seen remembers look-ups.
type seen struct {
	mu      sync.RWMutex
	known   map[keyName]*Subscription
	unknown map[keyName]time.Time // until when
	epoch   uint64                // rises with each change: what was read before is not kept
}

func newSeen() *seen {
	return &seen{known: map[keyName]*Subscription{}, unknown: map[keyName]time.Time{}}
}

func (s *seen) get(name keyName, now time.Time) (sub *Subscription, absent bool, epoch uint64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if sub = s.known[name]; sub != nil {
		return sub, false, s.epoch
	}
	until, found := s.unknown[name]
	return nil, found && now.Before(until), s.epoch
}

func (s *seen) hit(name keyName, sub *Subscription, epoch uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch != epoch {
		return
	}
	if len(s.known) >= maxKnown {
		for other := range s.known { // any: the order of maps is random
			delete(s.known, other)
			break
		}
	}
	s.known[name] = sub
}

func (s *seen) miss(name keyName, now time.Time, epoch uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch != epoch {
		return
	}
	if len(s.unknown) >= maxUnknown {
		clear(s.unknown)
	}
	s.unknown[name] = now.Add(unknownFor)
}

// forget drops what is known of one subscription, and of all keys that had none.
func (s *seen) forget(env store.EnvironmentID, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch++
	clear(s.unknown)
	for name, sub := range s.known {
		if name.env == env && sub.ID == id {
			delete(s.known, name)
		}
	}
}
