package signin

import (
	"context"
	"errors"
	"time"
)

// errBusy: as many wait for a worker as may.
var errBusy = errors.New("too many passwords to verify")

// busyRetry is when to try again after errBusy: by then a full queue is empty.
const busyRetry = 5 * time.Second

// workers bounds the verifying of passwords in width, queue and memory, so that
// a storm of sign-ins leaves cores and memory to everything else.
type workers struct {
	room  chan struct{} // everybody inside, waiting or served
	slots chan struct{} // those who are served
	heavy chan struct{} // the one whose hash takes more memory than ours do
}

func newWorkers(width, queue int) *workers {
	return &workers{
		room: make(chan struct{}, width+queue), slots: make(chan struct{}, width), heavy: make(chan struct{}, 1),
	}
}

// full tells whether whoever comes now is sent away. It may be otherwise a moment
// later.
func (w *workers) full() bool { return len(w.room) == cap(w.room) }

// do runs f on a worker, in the order of arrival. Heavy ones run one at a time,
// since each may take a quarter of a gibibyte. [errBusy], or ctx's error if it
// ends before f began.
func (w *workers) do(ctx context.Context, heavy bool, f func()) error {
	select {
	case w.room <- struct{}{}:
	default:
		return errBusy
	}
	defer func() { <-w.room }()
	lanes := []chan struct{}{w.slots}
	if heavy {
		lanes = []chan struct{}{w.heavy, w.slots} // waiting for the first keeps no slot from others
	}
	for _, lane := range lanes {
		select {
		case lane <- struct{}{}:
			defer func() { <-lane }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	f()
	return nil
}
