package code

import (
	"sync"
	"time"
)

const (
	loudFor   = 10 * time.Second
	loudLines = 10     // of the ledger, about nobody, from one network in that time
	loudKeys  = 10_000 // networks that are remembered
)

// quiet lets a few lines of the ledger pass about codes that went to nobody, and counts the
// rest, so that strangers cannot fill it. What went to somebody always has its line. Its
// zero value is ready.
type quiet struct {
	mu sync.Mutex
	of map[string]*loud
}

type loud struct {
	since  time.Time
	lines  int
	silent int
}

// pass tells whether a line about nobody is written, and how many were not since the last
// that was.
func (q *quiet) pass(network string, now time.Time) (silent int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.of == nil || len(q.of) >= loudKeys {
		q.of = map[string]*loud{}
	}
	l := q.of[network]
	if l == nil {
		l = &loud{since: now}
		q.of[network] = l
	}
	if now.Sub(l.since).Abs() >= loudFor {
		l.since, l.lines = now, 0
	}
	if l.lines >= loudLines {
		l.silent++
		return 0, false
	}
	silent, l.silent = l.silent, 0
	l.lines++
	return silent, true
}
