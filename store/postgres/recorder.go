package postgres

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"sallyport/store"
	"sallyport/store/relational"
)

// together bounds how many Records share one statement.
const together = 256

// recorder stores the events of all Records, whatever has queued while the
// last statement was under way at once.
type recorder struct {
	s      *Store
	mu     sync.RWMutex // held to read while something is put into the queue
	closed bool
	queue  chan *record
	idle   chan struct{} // closed when the recorder has ended
}

// record is one Record in the queue.
type record struct {
	ctx     context.Context
	env     store.EnvironmentID
	events  []store.Event
	taken   atomic.Bool // by the recorder, or by its caller who gave up
	outcome chan error  // room for one
}

func newRecorder(s *Store) *recorder {
	r := &recorder{s: s, queue: make(chan *record, together), idle: make(chan struct{})}
	go r.run()
	return r
}

// Record implements [store.Writer].
func (s *Store) Record(ctx context.Context, env store.EnvironmentID, events ...store.Event) error {
	if len(events) == 0 {
		return nil
	}
	for i := range events {
		if err := relational.CheckEvent(&events[i]); err != nil {
			return err
		}
	}
	if err := s.known.Check(ctx, s.reads, env); err != nil {
		return err
	}
	return s.recorder.put(&record{ctx: ctx, env: env, events: events, outcome: make(chan error, 1)})
}

// put queues one Record and waits for its outcome.
func (r *recorder) put(one *record) error {
	if err := r.enqueue(one); err != nil {
		return err
	}
	select {
	case err := <-one.outcome:
		return err
	case <-one.ctx.Done():
		if one.taken.CompareAndSwap(false, true) {
			return one.ctx.Err()
		}
		return <-one.outcome
	}
}

func (r *recorder) enqueue(one *record) error {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.closed {
		return fmt.Errorf("the store is closed: %w", store.ErrUnavailable)
	}
	select {
	case r.queue <- one:
		return nil
	case <-one.ctx.Done():
		return one.ctx.Err()
	}
}

// close ends the recorder after what is queued.
func (r *recorder) close() {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		close(r.queue)
	}
	r.mu.Unlock()
	<-r.idle
}

func (r *recorder) run() {
	defer close(r.idle)
	for first := range r.queue {
		for env, batch := range r.collect(first) {
			err := r.store(env, batch)
			for _, one := range batch {
				one.outcome <- err
			}
		}
	}
}

// collect takes what else is in the queue, by environment. First it lets run
// whoever was just answered and is about to queue again.
func (r *recorder) collect(first *record) map[store.EnvironmentID][]*record {
	for before := -1; len(r.queue) > before; {
		before = len(r.queue)
		runtime.Gosched()
	}
	batches := map[store.EnvironmentID][]*record{}
	for one, n := first, 1; one != nil; n++ {
		if one.taken.CompareAndSwap(false, true) {
			batches[one.env] = append(batches[one.env], one)
		}
		one = nil
		if n < together {
			select {
			case one = <-r.queue: // nil when closed
			default:
			}
		}
	}
	return batches
}

// store makes the events of one environment durable.
func (r *recorder) store(env store.EnvironmentID, batch []*record) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for range attempts {
		var events []store.ChainedEvent
		for _, one := range batch {
			events = relational.Unchained(events, one.events)
		}
		if err = r.append(ctx, env, events); !errors.Is(err, errAgain) && !passing(err) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
}

func (r *recorder) append(ctx context.Context, env store.EnvironmentID, events []store.ChainedEvent) error {
	w, err := r.s.writers.lend(ctx)
	if err != nil {
		return err
	}
	defer r.s.writers.back(w)
	r.s.crash("store.record.before-commit")
	return w.extend(ctx, r.s.reads, env, events, func() error {
		r.s.crash("store.record.after-commit")
		return nil
	})
}
