package gateway

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"sallyport/pure/quota"
)

// Kinds of limit.
type limitKind uint8

const (
	byKey limitKind = iota
	bySource
	byMistakes
	byApplication
	byCustomer
)

// bucket is what one limit counts.
type bucket struct {
	environment int64
	kind        limitKind
	name        string
	address     netip.Prefix
}

const (
	limiterShards = 16
	maxBuckets    = 16 << 10 // per shard
)

// limiter keeps limits in memory: one instant per bucket. Each spends and looks
// under one lock, so that no two calls share what is left.
type limiter struct {
	shared *shared // asked first, if there is one
	seed   maphash.Seed
	shards [limiterShards]limiterShard
}

type limiterShard struct {
	mu      sync.Mutex
	arrival map[bucket]int64 // theoretical arrival time, in unix nanoseconds
}

func newLimiter(counters Counters) *limiter {
	l := &limiter{seed: maphash.MakeSeed()}
	if counters != nil {
		l.shared = &shared{counters: counters}
	}
	for i := range l.shards {
		l.shards[i].arrival = map[bucket]int64{}
	}
	return l
}

// spend asks for cost calls.
func (l *limiter) spend(b bucket, limit quota.Limit, now time.Time, cost int) quota.Verdict {
	if verdict, answered := l.shared.spend(b, limit, now, cost); answered {
		return verdict
	}
	s := l.shard(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	before, known := s.arrival[b]
	if !known && len(s.arrival) >= maxBuckets {
		// Callers who are too many to be told apart share what one may have.
		if !s.tidy(now) {
			b = bucket{environment: b.environment, kind: b.kind}
			before = s.arrival[b]
		}
	}
	after, verdict := quota.Spend(limit, instant(before), now, cost)
	if verdict.Allowed && cost > 0 {
		s.arrival[b] = after.UnixNano()
	}
	return verdict
}

// refund gives back what was spent for a call that was not forwarded.
func (l *limiter) refund(b bucket, limit quota.Limit, now time.Time) {
	if l.shared.refund(b, limit, now) {
		return
	}
	s := l.shard(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	if before, known := s.arrival[b]; known {
		s.arrival[b] = quota.Refund(limit, instant(before), now, 1).UnixNano()
	}
}

func (l *limiter) shard(b bucket) *limiterShard {
	return &l.shards[maphash.Comparable(l.seed, b)%limiterShards]
}

// tidy forgets callers who have all their credit back, and tells whether there
// were any among those that it looked at.
func (s *limiterShard) tidy(now time.Time) bool {
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
