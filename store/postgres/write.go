package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sallyport/store"
	"sallyport/store/relational"
)

const (
	// attempts is how often a transaction is run before it is given up.
	attempts = 20
	// patience bounds how long a commit may take once it is under way.
	patience = 30 * time.Second
)

// errAgain marks an outcome that running the transaction again may change.
var errAgain = errors.New("met a concurrent transaction")

// Write implements [store.Writer].
func (s *Store) Write(ctx context.Context, env store.EnvironmentID, do func(store.Tx) error) error {
	if err := s.known.Check(ctx, s.reads, env); err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := s.attempt(ctx, env, do)
		if !errors.Is(err, errAgain) {
			return err
		}
		if attempt == attempts {
			return fmt.Errorf("%w: %w, %d times", store.ErrUnavailable, err, attempt)
		}
		if err := pause(ctx, time.Duration(attempt)*time.Millisecond); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt runs the transaction once.
func (s *Store) attempt(ctx context.Context, env store.EnvironmentID, do func(store.Tx) error) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return translate(err)
	}
	defer conn.Release()
	t := &transaction{conn: conn, text: s.reads.statements, before: []string{begin}}
	end := &transaction{conn: conn, text: s.reads.statements} // what the engine itself does, once do is over
	committed := false
	defer func() {
		if t.over.Store(true); !committed {
			end.rollback(ctx, t.begun())
		}
	}()
	tx := relational.NewTx(t, env, s.config.Now)
	err = do(tx)
	t.over.Store(true)
	switch {
	case tx.MustRetry() || passing(t.failed):
		return errors.Join(errAgain, t.failed)
	case err != nil:
		return err
	}
	end.before, end.failed = t.before, t.failed
	if !end.begun() && len(tx.Events())+len(tx.Feed()) == 0 {
		committed = true
		return nil
	}
	if err := s.finish(ctx, end, tx); err != nil {
		if passing(err) {
			err = errors.Join(errAgain, err)
		}
		return err
	}
	committed = true
	return nil
}

// rollback ends the transaction; a connection that cannot is given up by the
// pool.
func (t *transaction) rollback(ctx context.Context, begun bool) {
	if !begun || t.conn.Conn().IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	_, _ = t.conn.Exec(ctx, "ROLLBACK")
}

// finish writes what the transaction collected for its end, and commits. The
// caller's context does not interrupt it: the outcome would be unknown.
func (s *Store) finish(ctx context.Context, t *transaction, tx *relational.Tx) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if len(tx.Events()) == 0 {
		return s.commit(ctx, t, tx)
	}
	w, err := s.writers.lend(ctx)
	if err != nil {
		return err
	}
	defer s.writers.back(w)
	return w.extend(ctx, t, tx.Environment(), tx.Events(), func() error { return s.commit(ctx, t, tx) })
}

// commit publishes and commits.
func (s *Store) commit(ctx context.Context, t *transaction, tx *relational.Tx) error {
	if err := relational.WriteFeed(ctx, t, tx.Feed()); err != nil {
		return err
	}
	s.crash("store.write.before-commit")
	tag, err := t.conn.Exec(ctx, "COMMIT")
	if err != nil {
		return translate(err)
	}
	if tag.String() != "COMMIT" { // a statement had failed, and do went on as if it had not
		return errors.Join(errors.New("the transaction had failed"), t.failed)
	}
	s.crash("store.write.after-commit")
	return nil
}

func (s *Store) crash(point string) {
	if s.config.Crash != nil {
		s.config.Crash(point)
	}
}
