package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/store"
	"sallyport/store/relational"
)

// batchLimit bounds how much waits for one commit.
const batchLimit = 256

// writer owns the write connection and everything that changes with a commit.
type writer struct {
	config     Config
	connection *sql.Conn
	statements prepared
	insertions map[insertion]string
	heads      map[store.EnvironmentID]store.Head // as committed

	mu     sync.RWMutex // held to read while something is put into the queue
	closed bool
	queue  chan *item
	idle   chan struct{} // closed when the writer has ended
}

// item is one Write or Record in the queue.
type item struct {
	ctx     context.Context
	env     store.EnvironmentID
	do      func(*relational.Tx, *transaction) error // nil for a Record
	events  []store.Event                            // of a Record
	state   atomic.Int32
	turn    chan *transaction // hands the connection to do's goroutine
	back    chan error        // gives it back
	outcome chan error        // what the caller is told; room for one
}

// The states of an item. Only who moves it out of waiting may act on it.
const (
	waiting int32 = iota
	taken
	dropped // its caller has gone
)

func newWriter(c Config, connection *sql.Conn) *writer {
	w := &writer{
		config:     c,
		connection: connection,
		statements: prepared{by: connection, watch: c.Watch},
		insertions: map[insertion]string{},
		heads:      map[store.EnvironmentID]store.Head{},
		queue:      make(chan *item, batchLimit),
		idle:       make(chan struct{}),
	}
	go w.run()
	return w
}

// run commits what has queued, again and again.
func (w *writer) run() {
	defer close(w.idle)
	batch := make([]*item, 0, batchLimit)
	for next := range w.queue {
		batch = w.collect(append(batch[:0], next))
		if len(batch) > 0 {
			w.commit(batch)
		}
		clear(batch)
	}
}

// collect adds what else is in the queue now, and leaves out whose caller has
// gone. First it lets run whoever was answered by the last commit and is about
// to queue again; that costs microseconds and no wait.
func (w *writer) collect(batch []*item) []*item {
	for before := -1; len(w.queue) > before; {
		before = len(w.queue)
		runtime.Gosched()
	}
	for more := true; more && len(batch) < batchLimit; {
		select {
		case next, open := <-w.queue:
			if more = open; open {
				batch = append(batch, next)
			}
		default:
			more = false
		}
	}
	kept := batch[:0]
	for _, it := range batch {
		if it.state.CompareAndSwap(waiting, taken) {
			kept = append(kept, it)
		}
	}
	return kept
}

// put queues an item.
func (w *writer) put(it *item) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return fmt.Errorf("the store is closed: %w", store.ErrUnavailable)
	}
	select {
	case w.queue <- it:
		return nil
	case <-it.ctx.Done():
		return it.ctx.Err()
	}
}

// wait runs the item's function whenever it gets the connection, and returns
// the outcome. Whoever gives up before the first turn is taken out.
func (it *item) wait() error {
	gone := it.ctx.Done()
	for {
		select {
		case t := <-it.turn:
			it.take(t)
		case err := <-it.outcome:
			return err
		case <-gone:
			if it.state.CompareAndSwap(waiting, dropped) {
				return it.ctx.Err()
			}
			gone = nil
		}
	}
}

var errPanicked = errors.New("the function of Write did not return")

// take runs the function and gives the connection back, even if it panics.
func (it *item) take(t *transaction) {
	err := errPanicked
	defer func() {
		t.over.Store(true)
		it.back <- err
	}()
	err = it.do(t.tx, t)
}

// close ends the writer after what is queued; false if it had ended before.
func (w *writer) close() bool {
	w.mu.Lock()
	first := !w.closed
	if first {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.idle
	return first
}

func (w *writer) release() error {
	return errors.Join(w.statements.close(), w.connection.Close())
}

// Write implements [store.Writer].
func (s *Store) Write(ctx context.Context, env store.EnvironmentID, do func(store.Tx) error) error {
	return s.queue(&item{
		ctx: ctx, env: env, turn: make(chan *transaction), back: make(chan error),
		do: func(tx *relational.Tx, _ *transaction) error { return do(tx) },
	})
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
	return s.queue(&item{ctx: ctx, env: env, events: events})
}

// Sweep implements [store.Store].
func (s *Store) Sweep(ctx context.Context, now time.Time, limit int) (int, error) {
	return relational.Sweep(ctx, s.reader, now, limit, func(statement string, args ...any) (n int64, err error) {
		err = s.queue(&item{
			ctx: ctx, env: store.System, turn: make(chan *transaction), back: make(chan error),
			do: func(_ *relational.Tx, t *transaction) (err error) {
				n, err = t.Exec(ctx, statement, args...)
				return err
			},
		})
		return n, err
	})
}

func (s *Store) queue(it *item) error {
	if err := s.known.Check(it.ctx, s.reader, it.env); err != nil {
		return err
	}
	it.outcome = make(chan error, 1)
	if err := s.writer.put(it); err != nil {
		return err
	}
	return it.wait()
}
