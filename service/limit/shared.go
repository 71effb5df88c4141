package limit

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"sallyport/pure/quota"
)

// Counters are rate counters that all nodes share; store/redis has them. An
// error means that they cannot be reached.
type Counters interface {
	Spend(ctx context.Context, name string, limit quota.Limit, now time.Time, cost int) (quota.Verdict, error)
	Refund(ctx context.Context, name string, limit quota.Limit, now time.Time) error
}

// retryShared is how long a node counts for itself once the shared counters
// could not be reached. Limits then hold per node: they neither vanish nor stop
// all calls because a cache is down.
const retryShared = time.Second

// shared asks the shared counters while they can be reached.
type shared struct {
	counters Counters
	away     atomic.Int64 // unix nanoseconds until which they are not asked; 0: they answer
}

// spend asks, and tells whether it was answered. A nil shared never is.
func (s *shared) spend(b Bucket, rate quota.Limit, now time.Time, cost int) (quota.Verdict, bool) {
	if !s.reachable() {
		return quota.Verdict{}, false
	}
	// Not the request's context: a caller who hangs up must not leave a
	// counter half spent.
	verdict, err := s.counters.Spend(context.Background(), b.sharedName(), rate, now, cost)
	return verdict, s.heard(err)
}

// refund gives back, and tells whether that was heard.
func (s *shared) refund(b Bucket, rate quota.Limit, now time.Time) bool {
	return s.reachable() && s.heard(s.counters.Refund(context.Background(), b.sharedName(), rate, now))
}

// reachable and heard use the real clock: they measure a connection. Of all
// requests that come while the counters are away, one each retryShared asks
// whether they are back, for it may have to wait for an answer.
func (s *shared) reachable() bool {
	if s == nil {
		return false
	}
	until := s.away.Load()
	if until == 0 {
		return true
	}
	now := time.Now()
	return now.UnixNano() >= until && s.away.CompareAndSwap(until, now.Add(retryShared).UnixNano())
}

func (s *shared) heard(err error) bool {
	if err != nil {
		s.away.Store(time.Now().Add(retryShared).UnixNano())
	} else if s.away.Load() != 0 {
		s.away.Store(0)
	}
	return err == nil
}

// sharedName is the bucket's name among all nodes.
func (b Bucket) sharedName() string {
	return fmt.Sprintf("%d:%s:%s:%s", b.Environment, b.Kind, b.Name, b.Source)
}
