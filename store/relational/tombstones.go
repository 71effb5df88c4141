package relational

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"sallyport/store"
)

const (
	linesAtOnce = 200 // of a record, or of a customer
	// Sorted by who asks: in an order of the query, a planner would rather read all.
	recordsOf     = "SELECT " + recordColumns + " FROM migration_records WHERE env = ? AND customer = ? AND customer <> '' LIMIT ?"
	linesOfRecord = `SELECT ` + recordColumns + `, step FROM migration_records WHERE env = ? AND migration = ? AND key = ?
		UNION ALL SELECT ` + recordColumns + `, step FROM migration_history WHERE env = ? AND migration = ? AND key = ?
		ORDER BY step DESC LIMIT ?`
)

var targets = Table{"migration_targets", []Column{
	{"env", Int}, {"migration", Text}, {"number", Int}, {"target", Text}, {"source", Text},
}}

// LedgerLines implements [store.Migrations].
func (r *Reader) LedgerLines(ctx context.Context, env store.EnvironmentID, migration, key string) ([]store.RecordMove, error) {
	lines, err := queryAll(ctx, r.conn, func(rows Rows) (m store.RecordMove, err error) {
		var step int64
		err = rows.Scan(append(recordFields(&m), &step)...)
		m.Way = wayOf(m.State, m.Way)
		return m, err
	}, linesOfRecord, int64(env), migration, key, int64(env), migration, key, int64(linesAtOnce))
	slices.Reverse(lines)
	return lines, err
}

// RecordsOf implements [store.Migrations].
func (r *Reader) RecordsOf(ctx context.Context, env store.EnvironmentID, customer string) ([]store.RecordMove, error) {
	if customer == "" { // of many
		return nil, nil
	}
	found, err := queryAll(ctx, r.conn, scanRecord, recordsOf, int64(env), customer, int64(linesAtOnce))
	slices.SortFunc(found, func(a, b store.RecordMove) int {
		return cmp.Or(strings.Compare(a.Migration, b.Migration), strings.Compare(a.Key, b.Key))
	})
	return found, err
}

// EraseRecords implements [store.MigrationWriter].
func (t *Tx) EraseRecords(ctx context.Context, customer string, at time.Time) (int, error) {
	if customer == "" {
		return 0, store.ErrInvalid
	}
	found, err := queryAll(ctx, t.conn, scanRecord, recordsOf, int64(t.env), customer, int64(linesAtOnce))
	if err != nil {
		return 0, err
	}
	return len(found), t.conn.Nested(ctx, func() error {
		for _, m := range found {
			if err := t.eraseRecord(ctx, m, at); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *Tx) eraseRecord(ctx context.Context, m store.RecordMove, at time.Time) error {
	const one = " WHERE env = ? AND migration = ? AND key = ?"
	if err := t.forgetRival(ctx, m); err != nil {
		return err
	}
	if _, err := t.conn.Exec(ctx, "DELETE FROM migration_history"+one, int64(t.env), m.Migration, m.Key); err != nil {
		return err
	}
	// Only from where it was found to be: the counts follow from that.
	gone, err := t.conn.Exec(ctx, "DELETE FROM migration_records"+one+" AND state = ? AND way = ? AND customer = ?",
		int64(t.env), m.Migration, m.Key, string(m.State), string(stored(m.State, m.Way)), m.Customer)
	if err != nil {
		return err
	}
	if gone == 0 {
		return t.overtaken(store.ErrConflict)
	}
	err = t.insertAll(ctx, &records, []any{
		int64(t.env), m.Migration, store.ErasedKey(t.env, m.Migration, m.Key), int64(1), string(store.RecordErased), "erased", "",
		int64(0), "", "", micros(at), string(stored(store.RecordErased, m.Way)),
		[]byte{},
	})
	if err != nil {
		return t.overtaken(err)
	}
	change := tally{}
	change.add(m.State, m.Way, -1)
	change.add(store.RecordErased, m.Way, 1)
	return t.count(ctx, m.Migration, change)
}

// RecordTargets implements [store.Migrations].
func (r *Reader) RecordTargets(ctx context.Context, env store.EnvironmentID, migration string) ([]store.RecordTarget, error) {
	return queryAll(ctx, r.conn, func(rows Rows) (to store.RecordTarget, err error) {
		var number int64
		err = rows.Scan(&number, &to.Target, &to.From)
		to.Number = int(number)
		return to, err
	}, "SELECT number, target, source FROM migration_targets WHERE env = ? AND migration = ? ORDER BY number", int64(env), migration)
}

// PutRecordTarget implements [store.MigrationWriter].
func (t *Tx) PutRecordTarget(ctx context.Context, migration string, to store.RecordTarget) error {
	if to.Number < 0 {
		return store.ErrInvalid
	}
	if err := atMost("targets of a migration", to.Number+1, store.MaxRecordTargets); err != nil {
		return err
	}
	put, err := t.conn.Insert(ctx, &targets, []any{int64(t.env), migration, int64(to.Number), to.Target, to.From})
	return one(put, err, store.ErrExists)
}

var tombstones = Table{"migration_tombstones", []Column{{"env", Int}, {"migration", Text}, {"digest", Text}}}

// PutTombstones implements [store.MigrationWriter].
func (t *Tx) PutTombstones(ctx context.Context, migration string, digests []string) error {
	values := make([]any, 0, len(digests)*len(tombstones.Columns))
	for _, digest := range digests {
		values = append(values, int64(t.env), migration, digest)
	}
	_, err := t.conn.Insert(ctx, &tombstones, values)
	return err
}

// HasTombstones implements [store.MigrationWriter].
func (t *Tx) HasTombstones(ctx context.Context, migration string) (bool, error) {
	return exists(ctx, t.conn, "SELECT 1 FROM migration_tombstones WHERE env = ? AND migration = ? LIMIT 1", int64(t.env), migration)
}

// Tombstones implements [store.MigrationWriter].
func (t *Tx) Tombstones(ctx context.Context, migration string, digests []string) (map[string]bool, error) {
	found := map[string]bool{}
	err := t.conn.EachIn(ctx, "SELECT digest FROM migration_tombstones WHERE env = ? AND migration = ? AND digest", digests, func(rows Rows) error {
		var digest string
		err := rows.Scan(&digest)
		found[digest] = true
		return err
	}, int64(t.env), migration)
	return found, err
}
