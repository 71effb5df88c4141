package hook

import (
	"sync"
	"time"
)

const (
	// maxHangs is how often in a row a hook may be slow or away.
	maxHangs = 5
	// rest is how long it is left alone then, before one call tries it.
	restTime = 5 * time.Second
)

// breaker keeps callers from waiting for a hook that hangs.
type breaker struct {
	mu     sync.Mutex
	hangs  int
	open   bool
	until  time.Time // when the next call may try
	trying bool      // one does
}

// pass is leave to call. Give it back by exactly one of the methods of breaker.
type pass struct{ trial bool }

// change is what a call did to a breaker.
type change int

const (
	unchanged change = iota
	opened
	closed
)

// admit tells whether the hook may be called at now.
func (b *breaker) admit(now time.Time) (pass, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.open:
		return pass{}, true
	case b.trying || now.Before(b.until):
		return pass{}, false
	}
	b.trying = true
	return pass{trial: true}, true
}

// stands tells whether the hook may still be called by who was admitted before.
func (b *breaker) stands(p pass) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return p.trial || !b.open
}

// report tells how the call went: whether it hung.
func (b *breaker) report(p pass, hung bool, now time.Time) change {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.trial {
		b.trying = false
	}
	switch {
	case b.open && !p.trial: // it began before, and says nothing new
		return unchanged
	case b.open && hung:
		b.until = now.Add(restTime)
		return unchanged
	case b.open:
		b.open, b.hangs = false, 0
		return closed
	case !hung:
		b.hangs = 0
		return unchanged
	}
	if b.hangs++; b.hangs < maxHangs {
		return unchanged
	}
	b.open, b.until = true, now.Add(restTime)
	return opened
}

// release gives a pass back by which nothing was learnt.
func (b *breaker) release(p pass) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.trial {
		b.trying = false
	}
}
