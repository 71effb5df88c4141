package sqlite

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"sallyport/store"
	"sallyport/store/relational"
)

// commit makes a batch durable and answers everybody in it. Should it fail as
// a whole, each is tried alone, so that one that is too large for the disk, say,
// does not take the others down.
func (w *writer) commit(items []*item) {
	b := &batch{w: w, items: items, outcome: make([]error, len(items)), heads: map[store.EnvironmentID]store.Head{}}
	err := b.transact()
	if err != nil && len(items) > 1 {
		for i := range items {
			if errors.Is(b.outcome[i], errPanicked) {
				continue // its caller has gone
			}
			w.commit(items[i : i+1])
		}
		return
	}
	for i, it := range items {
		if err != nil {
			b.outcome[i] = err
		}
		it.outcome <- b.outcome[i]
	}
}

// batch is one transaction of the database, for several Writes and Records.
type batch struct {
	w       *writer
	items   []*item
	outcome []error
	heads   map[store.EnvironmentID]store.Head // of the chains that this batch extends
	writes  bool
	records bool
}

// bare runs what the engine itself does in the transaction.
func (b *batch) bare() *transaction { return &transaction{w: b.w} }

// transact runs the whole batch. Its error means that nothing of it was kept.
func (b *batch) transact() error {
	if err := b.bare().mark("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := b.fill()
	if err == nil && (b.writes || b.records) {
		err = b.end()
	} else {
		b.w.rollback()
		return err
	}
	if err != nil {
		b.w.rollback()
		return err
	}
	maps.Copy(b.w.heads, b.heads)
	return nil
}

// rollback ends a transaction, if SQLite has not done so on its own.
func (w *writer) rollback() {
	_, _ = w.connection.ExecContext(context.Background(), "ROLLBACK")
}

// fill does everything but the commit.
func (b *batch) fill() error {
	events := map[store.EnvironmentID][]store.ChainedEvent{}
	for i, it := range b.items {
		if it.do == nil {
			events[it.env] = relational.Unchained(events[it.env], it.events)
			b.records = true
			continue
		}
		fatal := b.run(i)
		if fatal != nil {
			return fatal
		}
		b.writes = b.writes || b.outcome[i] == nil
	}
	for env, list := range events {
		if err := b.chain(b.bare(), env, list); err != nil {
			return err
		}
	}
	return b.storeHeads()
}

// run hands the connection to one Write. What that did is undone alone if it
// fails; an error returned here is one of the whole transaction.
func (b *batch) run(i int) error {
	it, t := b.items[i], b.bare()
	shared := len(b.items) > 1
	if shared {
		if err := t.mark("SAVEPOINT written"); err != nil {
			return err
		}
	}
	t.tx = relational.NewTx(t, it.env, b.w.config.Now)
	before, chained := b.heads[it.env]
	it.turn <- t
	err := <-it.back
	own := b.bare()
	if own.broken = t.broken; err == nil {
		err = b.finish(own, t.tx)
	}
	b.outcome[i] = err
	if own.broken != nil {
		return own.broken
	}
	if err != nil {
		if b.heads[it.env] = before; !chained {
			delete(b.heads, it.env)
		}
		if shared {
			return own.mark("ROLLBACK TO written", "RELEASE written")
		}
		return nil
	}
	if shared {
		return own.mark("RELEASE written")
	}
	return nil
}

// finish writes what a transaction collected for its end.
func (b *batch) finish(t *transaction, tx *relational.Tx) error {
	if events := tx.Events(); len(events) > 0 {
		if err := b.chain(t, tx.Environment(), events); err != nil {
			return err
		}
	}
	return relational.WriteFeed(context.Background(), t, tx.Feed())
}

// chain links events behind what this batch has chained so far.
func (b *batch) chain(t *transaction, env store.EnvironmentID, events []store.ChainedEvent) error {
	head, err := b.head(t, env)
	if err != nil {
		return err
	}
	values := relational.Chain(&head, events, make([]any, 0, len(events)*len(relational.AuditEvents.Columns)))
	stored, err := t.Insert(context.Background(), &relational.AuditEvents, values)
	if err == nil && stored != int64(len(events)) {
		err = fmt.Errorf("audit chain of environment %d goes on behind its head", env)
	}
	if err == nil {
		b.heads[env] = head
	}
	return err
}

// auditWriter is the number of the one writer that an embedded store has.
const auditWriter = 1

// head is the newest link of the chain of env.
func (b *batch) head(t *transaction, env store.EnvironmentID) (store.Head, error) {
	if head, extended := b.heads[env]; extended {
		return head, nil
	}
	if head, known := b.w.heads[env]; known {
		return head, nil
	}
	head, err := relational.ReadHead(context.Background(), t, env, auditWriter)
	if err == nil {
		b.w.heads[env] = head
	}
	return head, err
}

// storeHeads moves the stored heads on, if they still are what memory says.
func (b *batch) storeHeads() error {
	for env, head := range b.heads {
		changed, err := b.bare().Exec(context.Background(), `INSERT INTO audit_heads (env, writer, seq, hash) VALUES (?, ?, ?, ?)
			ON CONFLICT (env, writer) DO UPDATE SET seq = excluded.seq, hash = excluded.hash
			WHERE audit_heads.seq = ? AND audit_heads.hash = ?`,
			int64(env), int64(auditWriter), head.Seq, head.Hash[:], b.w.heads[env].Seq, hashOf(b.w.heads[env]))
		if err != nil {
			return err
		}
		if changed == 0 {
			delete(b.w.heads, env)
			return fmt.Errorf("audit head of environment %d was changed by another hand", env)
		}
	}
	return nil
}

func hashOf(h store.Head) []byte { return h.Hash[:] }

// end commits, between the named points at which a test may end the process.
func (b *batch) end() error {
	b.crash("before-commit")
	if err := b.bare().mark("COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	b.crash("after-commit")
	return nil
}

func (b *batch) crash(point string) {
	if b.w.config.Crash == nil {
		return
	}
	if b.writes {
		b.w.config.Crash("store.write." + point)
	}
	if b.records {
		b.w.config.Crash("store.record." + point)
	}
}
