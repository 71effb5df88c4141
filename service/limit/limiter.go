package limit

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"sallyport/pure/quota"
	"sallyport/store"
)

// Kind tells the limits of one caller apart. Kinds are part of what nodes share,
// so each has one meaning in the whole program.
type Kind string

// Bucket is what one limit counts.
type Bucket struct {
	Environment store.EnvironmentID
	Kind        Kind
	Name        string       // of an application, a key or the like; may be empty
	Source      netip.Prefix // see [Source]; may be zero
}

// Source is what is counted as one source: an IPv4 address, or the /64 that a
// household or a machine has of IPv6; zero for an unknown address.
func Source(address netip.Addr) netip.Prefix {
	address = address.Unmap().WithZone("")
	if !address.IsValid() {
		return netip.Prefix{}
	}
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	prefix, err := address.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

const (
	shards     = 16
	maxBuckets = 16 << 10 // per shard
)

// Limiter keeps limits in memory: one instant per bucket. Each spends and looks
// under one lock, so that no two calls share what is left. It is safe for
// concurrent use. It keeps a quarter of a million buckets; callers who are more
// share what one of their kind may have.
type Limiter struct {
	shared *shared // asked first, if there is one
	seed   maphash.Seed
	shards [shards]shard
}

type shard struct {
	mu      sync.Mutex
	arrival map[Bucket]int64 // theoretical arrival time, in unix nanoseconds
}

// New gives a limiter that asks counters, which all nodes share, and counts for
// itself while they cannot be reached; nil: always.
func New(counters Counters) *Limiter {
	l := &Limiter{seed: maphash.MakeSeed()}
	if counters != nil {
		l.shared = &shared{counters: counters}
	}
	for i := range l.shards {
		l.shards[i].arrival = map[Bucket]int64{}
	}
	return l
}

// Spend asks for cost calls of b at now, under rate (see quota.Spend).
func (l *Limiter) Spend(b Bucket, rate quota.Limit, now time.Time, cost int) quota.Verdict {
	if verdict, answered := l.shared.spend(b, rate, now, cost); answered {
		return verdict
	}
	s := l.shard(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	before, known := s.arrival[b]
	if !known && len(s.arrival) >= maxBuckets {
		// Callers who are too many to be told apart share what one may have.
		if !s.tidy(now) {
			b = Bucket{Environment: b.Environment, Kind: b.Kind}
			before = s.arrival[b]
		}
	}
	after, verdict := quota.Spend(rate, instant(before), now, cost)
	if verdict.Allowed && cost > 0 {
		s.arrival[b] = after.UnixNano()
	}
	return verdict
}

// Refund gives one call back that came to nothing.
func (l *Limiter) Refund(b Bucket, rate quota.Limit, now time.Time) {
	if l.shared.refund(b, rate, now) {
		return
	}
	s := l.shard(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	if before, known := s.arrival[b]; known {
		s.arrival[b] = quota.Refund(rate, instant(before), now, 1).UnixNano()
	}
}

func (l *Limiter) shard(b Bucket) *shard {
	return &l.shards[maphash.Comparable(l.seed, b)%shards]
}

// tidy forgets callers who have all their credit back, and tells whether there
// were any among those that it looked at.
func (s *shard) tidy(now time.Time) bool {
	const look = 64
	looked, found := 0, false
	for b, arrival := range s.arrival {
		if arrival <= now.UnixNano() {
			delete(s.arrival, b)
			found = true
		}
		if looked++; looked == look {
			break
		}
	}
	return found
}

func instant(nanoseconds int64) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds)
}
