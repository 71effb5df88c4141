package jit

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/quota"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/service/limit"
	"sallyport/store"
)

// The buckets of the guard.
const (
	ofAll        limit.Kind = "jit"
	ofSource     limit.Kind = "jit-source"
	ofIdentifier limit.Kind = "jit-identifier"
	ofSpread     limit.Kind = "jit-spread"
)

const spreadTime = time.Hour

// digest names something without telling it.
type digest [32]byte

// memory is what is remembered for a time, and bounded: when it is full, what is
// over goes, or everything. The zero value is ready.
type memory struct {
	mu    sync.Mutex
	until map[digest]time.Time
}

const maxMemory = 100_000

// has tells whether something is remembered at now.
func (m *memory) has(d digest, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return now.Before(m.until[d])
}

// keep remembers something.
func (m *memory) keep(d digest, until, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.until == nil {
		m.until = map[digest]time.Time{}
	}
	if len(m.until) >= maxMemory {
		for old, end := range m.until {
			if !now.Before(end) {
				delete(m.until, old)
			}
		}
		if len(m.until) >= maxMemory {
			clear(m.until)
		}
	}
	m.until[d] = until
}

// mac gives a digest of parts that cannot run into each other, since none has a zero
// byte but the last.
func mac(secret *keyring.Secret, parts ...string) digest {
	return secret.MAC([]byte(strings.Join(parts, "\x00")))
}

// nameOf is an identifier by all its readings, so that spelling it otherwise is no
// second chance; empty for what nobody can be called.
func nameOf(typed, region string) string {
	var readings []string
	for _, id := range customer.Classify(typed, region) {
		readings = append(readings, string(id.Kind)+":"+id.Value)
	}
	slices.Sort(readings)
	return strings.Join(readings, "\x01")
}

// reservation is what one question spent.
type reservation struct {
	limiter *limit.Limiter
	now     time.Time
	spent   []charge
}

type charge struct {
	bucket limit.Bucket
	rate   quota.Limit
}

// take spends from one bucket, and tells how long to wait if there is nothing left.
func (r *reservation) take(b limit.Bucket, rate quota.Limit) (wait time.Duration) {
	verdict := r.limiter.Spend(b, rate, r.now, 1)
	if !verdict.Allowed {
		return max(verdict.RetryAfter, time.Second)
	}
	r.spent = append(r.spent, charge{b, rate})
	return 0
}

// giveBack returns what was spent, but for what counts questions in all: these were
// asked.
func (r *reservation) giveBack() {
	for _, c := range r.spent {
		if c.bucket.Kind != ofAll {
			r.limiter.Refund(c.bucket, c.rate, r.now)
		}
	}
	r.spent = nil
}

func bucket(env store.EnvironmentID, kind limit.Kind, name string, address netip.Addr) limit.Bucket {
	return limit.Bucket{Environment: env, Kind: kind, Name: name, Source: limit.Source(address)}
}

func spreadOf(j *config.LiveJIT) quota.Limit {
	return quota.Limit{Count: j.Spread, Period: spreadTime, Burst: j.Spread}
}

// Asks tells whether earlier systems are asked in an environment at all.
func (s *Service) Asks(live *environment.Live) bool { return len(s.asked(live, true)) > 0 }

// Full tells for how long a source may not bring anything to earlier systems, since
// it asked too much in vain; zero if it may.
func (s *Service) Full(live *environment.Live, address netip.Addr) (wait time.Duration) {
	now := s.cfg.Now()
	for _, m := range s.asked(live, true) {
		for kind, rate := range map[limit.Kind]quota.Limit{ofSource: m.JIT.Source.Limit(), ofSpread: spreadOf(m.JIT)} {
			verdict := s.cfg.Limiter.Spend(bucket(live.ID, kind, m.Name, address), rate, now, 0)
			if verdict.Remaining < 1 {
				wait = max(wait, rate.Interval(), time.Second)
			}
		}
	}
	return wait
}

// refusal is why the guard lets a question not through.
type refusal struct {
	wait    time.Duration
	limited bool // by who asks, or about whom; else by how much is asked in all
}

// guard reserves a question, or tells why there is none.
func (s *Service) guard(q *question, m *config.LiveMigration) (*reservation, *refusal) {
	r := &reservation{limiter: s.cfg.Limiter, now: s.cfg.Now()}
	about := mac(q.secret, "identifier", m.Name, q.name)
	tried := mac(q.secret, "tried", m.Name, limit.Source(q.login.Address).String(), q.name)
	charges := []charge{
		{bucket(q.live.ID, ofSource, m.Name, q.login.Address), m.JIT.Source.Limit()},
		{limit.Bucket{Environment: q.live.ID, Kind: ofIdentifier, Name: m.Name + "/" + hexOf(about)}, m.JIT.Identifier.Limit()},
	}
	if !s.spread.has(tried, r.now) {
		charges = append(charges, charge{bucket(q.live.ID, ofSpread, m.Name, q.login.Address), spreadOf(m.JIT)})
	}
	for _, c := range charges {
		if wait := r.take(c.bucket, c.rate); wait > 0 {
			r.giveBack()
			return nil, &refusal{wait, true}
		}
	}
	if wait := r.take(limit.Bucket{Environment: q.live.ID, Kind: ofAll, Name: m.Name}, m.JIT.Limit.Limit()); wait > 0 {
		r.giveBack()
		return nil, &refusal{wait, false}
	}
	return r, nil
}

// vain notes that a source asked about an identifier in vain.
func (s *Service) vain(q *question, m *config.LiveMigration) {
	now := s.cfg.Now()
	s.spread.keep(mac(q.secret, "tried", m.Name, limit.Source(q.login.Address).String(), q.name), now.Add(spreadTime), now)
}
