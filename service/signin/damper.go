package signin

import (
	"sync"
	"time"

	"sallyport/store"
)

const (
	dampFor  = 10 * time.Second
	dampKeys = 10_000
)

// damper lets one audit event pass for each counter in ten seconds, so that who
// is already limited cannot fill the ledger. Its zero value is ready.
type damper struct {
	mu   sync.Mutex
	last map[store.AttemptKey]dampened
}

type dampened struct {
	at     time.Time
	trace  string // of the event that passed
	silent int    // events that did not pass since
}

// pass tells whether an event about keys is to be written. If not, it gives the
// trace of the one that was, so that what the caller is shown leads there; if
// so, how many about the first key were not written since the last that was.
func (d *damper) pass(now time.Time, trace string, keys ...store.AttemptKey) (shown string, silent int, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last == nil {
		d.last = map[store.AttemptKey]dampened{}
	}
	shown, ok = trace, true
	for _, key := range keys {
		if seen, found := d.last[key]; found && now.Sub(seen.at) < dampFor {
			shown, ok = seen.trace, false
		}
	}
	silent = d.last[keys[0]].silent
	d.makeRoom(now)
	for _, key := range keys {
		seen := d.last[key]
		switch {
		case ok:
			d.last[key] = dampened{at: now, trace: trace}
		case !seen.at.IsZero():
			seen.silent++
			d.last[key] = seen
		}
	}
	return shown, silent, ok
}

// makeRoom keeps the map bounded: what is old goes, or everything.
func (d *damper) makeRoom(now time.Time) {
	if len(d.last) < dampKeys {
		return
	}
	for key, seen := range d.last {
		if now.Sub(seen.at) >= dampFor {
			delete(d.last, key)
		}
	}
	if len(d.last) >= dampKeys {
		clear(d.last)
	}
}
