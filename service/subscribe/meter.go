package subscribe

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"sync"
	"time"

	"sallyport/service/environment"
	"sallyport/service/flush"
	"sallyport/store"
)

// Anonymous stands for the subscription in the usage of calls without a key.
const Anonymous = "anonymous"

const (
	meterShards = 8
	maxCounters = 128 << 10 // per shard, while the store cannot be reached
)

// MeterConfig constructs a [Meter]. All fields are required.
type MeterConfig struct {
	Store store.Writer
	Now   func() time.Time
	Log   *slog.Logger
}

// Meter counts forwarded calls per subscription, operation and minute. It is
// safe for concurrent use.
type Meter struct {
	cfg    MeterConfig
	seed   maphash.Seed
	shards [meterShards]meterShard
	writes sync.Mutex // one flush at a time
}

type meterShard struct {
	mu       sync.Mutex
	counters map[counterName]count
}

type counterName struct {
	env          store.EnvironmentID
	subscription string
	operation    string
	minute       int64 // unix minutes
}

type count struct{ calls, bytes int64 }

// NewMeter gives a meter that writes only when Run runs, or on Flush.
func NewMeter(c MeterConfig) *Meter {
	m := &Meter{cfg: c, seed: maphash.MakeSeed()}
	for i := range m.shards {
		m.shards[i].counters = map[counterName]count{}
	}
	return m
}

// Count adds calls of an operation ("api/operationId") and the bytes of their
// responses. An empty subscription is counted as [Anonymous].
func (m *Meter) Count(live *environment.Live, subscription, operation string, calls, bytes int64) {
	if subscription == "" {
		subscription = Anonymous
	}
	m.add(counterName{live.ID, subscription, operation, m.cfg.Now().Unix() / 60}, count{calls, bytes})
}

func (m *Meter) add(name counterName, n count) {
	s := &m.shards[maphash.String(m.seed, name.subscription)%meterShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	sum, found := s.counters[name]
	if !found && len(s.counters) >= maxCounters {
		return // in the caller's favour
	}
	sum.calls += n.calls
	sum.bytes += n.bytes
	s.counters[name] = sum
}

// Run writes each second until ctx ends, and once more then.
func (m *Meter) Run(ctx context.Context) {
	flush.Run(ctx, m.cfg.Log, "counts of usage", m.Flush)
}

// Flush writes what was counted. What cannot be written is kept for the next time.
func (m *Meter) Flush(ctx context.Context) error {
	m.writes.Lock()
	defer m.writes.Unlock()
	var all error
	for env, counters := range m.take() {
		if err := m.write(ctx, env, counters); err != nil {
			all = errors.Join(all, fmt.Errorf("usage of environment %d: %w", env, err))
			for name, n := range counters {
				m.add(name, n)
			}
		}
	}
	return all
}

// take empties the shards.
func (m *Meter) take() map[store.EnvironmentID]map[counterName]count {
	taken := map[store.EnvironmentID]map[counterName]count{}
	for i := range m.shards {
		s := &m.shards[i]
		s.mu.Lock()
		counters := s.counters
		if len(counters) > 0 {
			s.counters = make(map[counterName]count, len(counters))
		}
		s.mu.Unlock()
		for name, n := range counters {
			if taken[name.env] == nil {
				taken[name.env] = map[counterName]count{}
			}
			taken[name.env][name] = n
		}
	}
	return taken
}

func (m *Meter) write(ctx context.Context, env store.EnvironmentID, counters map[counterName]count) error {
	lines := make([]store.Usage, 0, len(counters))
	for name, n := range counters {
		lines = append(lines, store.Usage{
			Subscription: name.subscription, Operation: name.operation,
			Minute: time.Unix(name.minute*60, 0).UTC(), Calls: n.calls, Bytes: n.bytes,
		})
	}
	return m.cfg.Store.Write(ctx, env, func(tx store.Tx) error { return tx.AddUsage(ctx, lines) })
}
