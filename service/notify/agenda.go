package notify

import (
	"io"
	"sync"
	"time"
)

// looks are how long after a message was queued the outbox is looked at: its
// transaction is not committed yet when it is queued, and nobody tells when it is.
var looks = [...]time.Duration{30 * time.Millisecond, 150 * time.Millisecond, 600 * time.Millisecond, 2 * time.Second}

// agenda knows when the outbox is worth a look. Each node looks for itself when it
// queued something and when something of its own is to be tried again; what another
// node left is found by the rounds, which are far apart.
type agenda struct {
	mu    sync.Mutex
	look  int       // which of looks comes next; len(looks): none
	again time.Time // when a message is tried again, the earliest; zero: none
}

// queued begins to look for what a transaction under way holds. Under steady traffic
// the first look is not repeated without end.
func (a *agenda) queued() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.look >= len(looks) {
		a.look = 0
	} else {
		a.look = min(a.look, 1)
	}
}

// retry has the outbox looked at when a message is tried again.
func (a *agenda) retry(at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.again.IsZero() || at.Before(a.again) {
		a.again = at
	}
}

// looked says that the outbox is about to be looked at: what is due by now is found.
func (a *agenda) looked(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.again.After(now) {
		a.again = time.Time{}
	}
}

// pause is how long to wait for the next look, every at most.
func (a *agenda) pause(now time.Time, every time.Duration) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	wait := every
	if a.look < len(looks) {
		wait = min(wait, looks[a.look])
		a.look++
	}
	if !a.again.IsZero() {
		wait = min(wait, max(a.again.Sub(now), time.Millisecond))
	}
	return wait
}

// jittered is about as long as every: nodes that were started together do not ask
// the store together.
func jittered(every time.Duration, rand io.Reader) time.Duration {
	var b [1]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return every
	}
	return every + every*time.Duration(int(b[0])-128)/1024
}
