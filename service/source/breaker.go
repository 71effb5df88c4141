package source

import (
	"sync"
	"time"
)

const (
	maxFaults = 5                // in a row, before a system is left alone
	firstRest = 5 * time.Second  // before one question tries it again
	longRest  = 60 * time.Second // the longest, after rests that doubled
)

// Breaker keeps questions from a system that does not answer: after five faults
// in a row it is left alone for some seconds, then one question at a time tries
// it, each failure doubling the rest up to a minute. The zero value is ready.
// It is safe for concurrent use. Each node has its own.
type Breaker struct {
	mu     sync.Mutex
	faults int
	rest   time.Duration
	open   bool
	until  time.Time // when the next question may try
	trying bool      // one does
	why    Reason    // of the last fault
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

// Admit tells whether the system may be asked at now.
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

// Report tells how a question went; an empty reason is well. after is for how
// long the system asked to be left alone, zero if it did not.
func (b *Breaker) Report(p Pass, fault Reason, after time.Duration, now time.Time) Change {
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
	if b.faults++; !b.open && b.faults < maxFaults && after <= 0 {
		return Unchanged
	}
	b.rest = min(max(2*b.rest, firstRest), longRest)
	b.until = now.Add(max(b.rest, min(after, longRest)))
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

// State tells since nothing is asked any more, why, and until when; why is empty
// if the system is asked.
func (b *Breaker) State() (why Reason, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.open {
		return "", time.Time{}
	}
	return b.why, b.until
}
