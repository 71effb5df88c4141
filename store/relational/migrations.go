package relational

import (
	"context"
	"errors"

	"sallyport/store"
)

var runs = Table{"migration_runs", []Column{
	{"env", Int},
	{"migration", Text},
	{"id", Text},
	{"source", Text},
	{"digest", Blob},
	{"total", Int},
	{"done", Int},
	{"checkpoint", Blob},
	{"state", Text},
	{"started", Int},
	{"updated", Int},
	{"version", Int},
}}

const recordColumns = "migration, key, state, way, reason, detail, row_number, customer, run, marks, at"

func recordFields(m *store.RecordMove) []any {
	return []any{
		&m.Migration, &m.Key, (*string)(&m.State), (*string)(&m.Way), &m.Reason, &m.Detail, &m.Row,
		&m.Customer, &m.Run, asBytes(&m.Marks), asTime(&m.At),
	}
}

func scanRecord(rows Rows) (m store.RecordMove, err error) {
	err = rows.Scan(recordFields(&m)...)
	m.Way = wayOf(m.State, m.Way)
	return m, err
}

func scanRun(rows Rows) (r store.Run, err error) {
	return r, rows.Scan(&r.Migration, &r.ID, &r.Source, asFixed(r.Digest[:]), &r.Total, &r.Done, asBytes(&r.Checkpoint),
		&r.State, asTime(&r.Started), asTime(&r.Updated), &r.Version)
}

const oneRun = `SELECT migration, id, source, digest, total, done, checkpoint, state, started, updated, version
	FROM migration_runs WHERE env = ? AND migration = ?`

// Run implements [store.Migrations].
func (r *Reader) Run(ctx context.Context, env store.EnvironmentID, migration, id string) (store.Run, error) {
	if id == "" {
		return queryOne(ctx, r.conn, scanRun, oneRun+" ORDER BY started DESC, id DESC LIMIT 1", int64(env), migration)
	}
	return queryOne(ctx, r.conn, scanRun, oneRun+" AND id = ?", int64(env), migration, id)
}

// RecordCounts implements [store.Migrations].
func (r *Reader) RecordCounts(ctx context.Context, env store.EnvironmentID, migration string) (map[store.RecordState]int64, error) {
	counts := map[store.RecordState]int64{}
	_, err := queryAll(ctx, r.conn, func(rows Rows) (none struct{}, err error) {
		var state store.RecordState
		var n int64
		err = rows.Scan((*string)(&state), &n)
		if n != 0 {
			counts[state] = n
		}
		return none, err
	}, "SELECT state, records FROM migration_counts WHERE env = ? AND migration = ?", int64(env), migration)
	return counts, err
}

// LedgerRecord implements [store.Migrations].
func (r *Reader) LedgerRecord(ctx context.Context, env store.EnvironmentID, migration, key string) (store.RecordMove, error) {
	for _, name := range []string{key, store.ErasedKey(env, migration, key)} {
		m, err := queryOne(ctx, r.conn, scanRecord, "SELECT "+recordColumns+` FROM migration_records
			WHERE env = ? AND migration = ? AND key = ?`, int64(env), migration, name)
		if !errors.Is(err, store.ErrNotFound) {
			return m, err
		}
	}
	return store.RecordMove{}, store.ErrNotFound
}

// LedgerRecords implements [store.Migrations]. Only what was not imported is
// indexed by state: that is what people look for, and what is few.
func (r *Reader) LedgerRecords(ctx context.Context, env store.EnvironmentID, page store.MovePage) ([]store.RecordMove, string, error) {
	var after string
	if err := readCursor(page.After, &after); err != nil {
		return nil, "", err
	}
	limit, end := between(page.Limit, 1000), ""
	where, args := "env = ? AND migration = ? AND key > ?", []any{int64(env), page.Migration, after}
	switch page.State {
	case "":
	case store.RecordImported:
		var err error
		if end, err = r.recordsLooked(ctx, env, page.Migration, after); err != nil {
			return nil, "", err
		}
		if end != "" {
			where, args = where+" AND key <= ?", append(args, end)
		}
		where += " AND state = 'imported'"
	default:
		where, args = where+" AND state = ? AND state <> 'imported'", append(args, string(page.State))
	}
	found, err := queryAll(ctx, r.conn, scanRecord,
		"SELECT "+recordColumns+" FROM migration_records WHERE "+where+" ORDER BY key LIMIT ?", append(args, int64(limit)+1)...)
	if err == nil && len(found) > limit {
		found = found[:limit]
		end = found[limit-1].Key
	}
	if err != nil || end == "" {
		return found, "", err
	}
	return found, cursor(end), nil
}

// recordsLooked is the key until which imported records are looked for behind
// another; empty if there are no more lines.
func (r *Reader) recordsLooked(ctx context.Context, env store.EnvironmentID, migration, after string) (string, error) {
	key, err := queryOne(ctx, r.conn, func(rows Rows) (k string, err error) { return k, rows.Scan(&k) },
		"SELECT key FROM migration_records WHERE env = ? AND migration = ? AND key > ? ORDER BY key LIMIT 1 OFFSET ?",
		int64(env), migration, after, int64(mostLooked)-1)
	return key, missingAs(err, nil)
}

// StartRun implements [store.MigrationWriter].
func (t *Tx) StartRun(ctx context.Context, r store.Run) error {
	stored, err := t.conn.Insert(ctx, &runs, []any{
		int64(t.env), r.Migration, r.ID, r.Source, r.Digest[:], r.Total, r.Done,
		blob(r.Checkpoint), r.State, micros(r.Started), micros(r.Updated), int64(1),
	})
	if err := one(stored, err, store.ErrExists); err != nil {
		return err
	}
	return t.count(ctx, r.Migration, tally{{State: store.RecordPending}: r.Total})
}

// AdvanceRun implements [store.MigrationWriter].
func (t *Tx) AdvanceRun(ctx context.Context, r store.Run) error {
	changed, err := t.conn.Exec(ctx, `UPDATE migration_runs SET done = ?, checkpoint = ?, state = ?, updated = ?,
		version = version + 1 WHERE env = ? AND migration = ? AND id = ? AND version = ?`,
		r.Done, blob(r.Checkpoint), r.State, micros(r.Updated), int64(t.env), r.Migration, r.ID, r.Version)
	return one(changed, err, store.ErrConflict)
}
