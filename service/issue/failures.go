package issue

import (
	"net/netip"
	"sync"
	"time"
)

// failures counts failed client authentications in this node's memory, by
// client and source and by source alone. Secrets carry 256 bits, so no limit
// is needed against guessing; this one keeps a stranger from filling the audit
// ledger and a misconfigured client from hammering. A try is reserved before
// the secret is looked at and given back if it was right, so that a success
// costs no write anywhere and parallel guesses cannot slip through.
type failures struct {
	mu      sync.Mutex
	current map[failureKey]time.Time // when its debt is paid
	before  map[failureKey]time.Time // the generation before, still honoured
}

type failureKey struct {
	client string // empty: the source's own count
	source netip.Prefix
}

const (
	clientBurst = 10
	sourceBurst = 60
	failureCost = 6 * time.Second // of a client and source
	sourceCost  = time.Second
	maxFailures = 1 << 16 // keys of a generation
)

func newFailures() *failures {
	return &failures{current: map[failureKey]time.Time{}, before: map[failureKey]time.Time{}}
}

// reserve spends one try of client at source. It tells how long to wait if
// none is left, and then spends nothing.
func (f *failures) reserve(client string, source netip.Addr, now time.Time) (wait time.Duration) {
	byClient, bySource := keysOf(client, source)
	f.mu.Lock()
	defer f.mu.Unlock()
	one, all := f.debt(byClient, now), f.debt(bySource, now)
	wait = max(one+failureCost-clientBurst*failureCost, all+sourceCost-sourceBurst*sourceCost)
	if wait > 0 {
		return wait
	}
	f.set(byClient, now.Add(one+failureCost), now)
	f.set(bySource, now.Add(all+sourceCost), now)
	return 0
}

// reserveSource spends one try of source, whatever its client.
func (f *failures) reserveSource(source netip.Addr, now time.Time) (wait time.Duration) {
	_, bySource := keysOf("", source)
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.debt(bySource, now)
	if wait = all + sourceCost - sourceBurst*sourceCost; wait > 0 {
		return wait
	}
	f.set(bySource, now.Add(all+sourceCost), now)
	return 0
}

// giveBack returns a reserved try.
func (f *failures) giveBack(client string, source netip.Addr, now time.Time) {
	byClient, bySource := keysOf(client, source)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set(byClient, now.Add(f.debt(byClient, now)-failureCost), now)
	f.set(bySource, now.Add(f.debt(bySource, now)-sourceCost), now)
}

// debt is how long key still pays.
func (f *failures) debt(key failureKey, now time.Time) time.Duration {
	paid, found := f.current[key]
	if !found {
		paid = f.before[key]
	}
	return max(0, paid.Sub(now))
}

// set remembers a debt. A full generation becomes the one before, whose debts
// are the older ones: a flood of new sources forgets nobody's recent failures.
func (f *failures) set(key failureKey, paid, now time.Time) {
	if !paid.After(now) {
		delete(f.current, key)
		delete(f.before, key)
		return
	}
	if len(f.current) >= maxFailures {
		f.before, f.current = f.current, map[failureKey]time.Time{}
	}
	f.current[key] = paid
}

// keysOf counts an IPv6 network as one source, as its owner has them all.
func keysOf(client string, source netip.Addr) (byClient, bySource failureKey) {
	source = source.Unmap().WithZone("")
	bits := 32
	if source.Is6() {
		bits = 64
	}
	network, _ := source.Prefix(bits)
	return failureKey{client, network}, failureKey{"", network}
}
