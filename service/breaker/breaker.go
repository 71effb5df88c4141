// Package breaker keeps callers from waiting for something that does not answer: an
// earlier system, a hook. It knows neither; whoever asks says how each question went.
package breaker

import (
	"sync"
	"time"
)

// MaxFaults is how many in a row have something left alone.
const MaxFaults = 5

const (
	firstRest = 5 * time.Second  // before one question tries it again
	longRest  = 60 * time.Second // the longest, after rests that doubled
)

// Breaker keeps questions from what does not answer: after five faults in a row it is
// left alone for five seconds, then one question at a time tries it, each failure
// doubling the rest up to Longest. The zero value is ready. It is safe for concurrent
// use, Longest apart. Each node has its own.
type Breaker struct {
	Longest time.Duration // the longest rest; zero: a minute

	mu     sync.Mutex
	faults int
	rest   time.Duration
	open   bool
	until  time.Time // when the next question may try
	trying bool      // one does
	why    string    // of the last fault
}

// Pass is leave to ask. Give it back by exactly one of Report and Release.
type Pass struct{ trial bool }

// Change is what a question did to a breaker.
type Change uint8

// The changes.
const (
	Unchanged Change = iota
	Opened
	Closed
)

// Admit tells whether there may be a question at now.
func (b *Breaker) Admit(now time.Time) (Pass, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.open:
		return Pass{}, true
	case b.trying || now.Before(b.until):
		return Pass{}, false
	}
	b.trying = true
	return Pass{trial: true}, true
}

// Stands tells whether whoever was admitted, and waited since, may still ask.
func (b *Breaker) Stands(p Pass) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return p.trial || !b.open
}

// Report tells how a question went; an empty fault is well. after is for how long it
// was asked to be left alone, zero if it was not; that alone is reason to.
func (b *Breaker) Report(p Pass, fault string, after time.Duration, now time.Time) Change {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.trial {
		b.trying = false
	}
	switch {
	case b.open && !p.trial: // it began before, and says nothing new
		return Unchanged
	case fault == "" && b.open:
		b.open, b.faults, b.rest, b.why = false, 0, 0, ""
		return Closed
	case fault == "":
		b.faults = 0
		return Unchanged
	}
	b.why = fault
	if b.faults++; !b.open && b.faults < MaxFaults && after <= 0 {
		return Unchanged
	}
	longest := b.Longest
	if longest <= 0 {
		longest = longRest
	}
	b.rest = min(max(2*b.rest, firstRest), longest)
	b.until = now.Add(max(b.rest, min(after, longest)))
	if b.open {
		return Unchanged
	}
	b.open = true
	return Opened
}

// Release gives a pass back by which nothing was learnt.
func (b *Breaker) Release(p Pass) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.trial {
		b.trying = false
	}
}

// State tells why nothing is asked any more, and until when; why is empty if there may
// be questions.
func (b *Breaker) State() (why string, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.open {
		return "", time.Time{}
	}
	return b.why, b.until
}
