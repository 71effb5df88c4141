package relational

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sallyport/store"
)

// records holds the newest line of each record; lines that were newest once
// are in migration_history. Most records of a migration move a single time.
var records = Table{"migration_records", []Column{
	{"env", Int},
	{"migration", Text},
	{"key", Text},
	{"step", Int},
	{"state", Text},
	{"reason", Text},
	{"detail", Text},
	{"row_number", Int},
	{"customer", Text},
	{"run", Text},
	{"at", Int},
	{"way", Text},
	{"marks", Blob},
}}

const maxMarks = 32 << 10

// standing is where a record stood when it was looked at.
type standing struct {
	store.KnownRecord
	step int64 // of its newest line, from 1
}

// standings tells where keys stand by their newest lines; erased ones too, whose
// lines have other keys.
func (t *Tx) standings(ctx context.Context, migration string, keys []string) (map[string]standing, error) {
	return ledgerOf{t.conn, t.env, migration}.standings(ctx, keys)
}

// ledgerOf is one migration's ledger, as a connection sees it.
type ledgerOf struct {
	conn      Conn
	env       store.EnvironmentID
	migration string
}

func (l ledgerOf) standings(ctx context.Context, keys []string) (map[string]standing, error) {
	found := make(map[string]standing, len(keys))
	if err := l.lookUp(ctx, keys, found); err != nil {
		return nil, err
	}
	erased, err := exists(ctx, l.conn, "SELECT 1 FROM migration_counts WHERE env = ? AND migration = ? AND state = ? AND records > 0",
		int64(l.env), l.migration, string(store.RecordErased))
	if err != nil || !erased {
		return found, err
	}
	own := map[string]string{}
	var digests []string
	for _, key := range keys {
		if _, is := found[key]; !is {
			digest := store.ErasedKey(l.env, l.migration, key)
			own[digest] = key
			digests = append(digests, digest)
		}
	}
	gone := make(map[string]standing)
	if err := l.lookUp(ctx, digests, gone); err != nil {
		return nil, err
	}
	for digest, s := range gone {
		found[own[digest]] = s
	}
	return found, nil
}

func (l ledgerOf) lookUp(ctx context.Context, keys []string, found map[string]standing) error {
	return l.conn.EachIn(ctx, `SELECT key, state, way, reason, customer, run, marks, step FROM migration_records
		WHERE env = ? AND migration = ? AND key`, keys,
		func(rows Rows) error {
			var key string
			var s standing
			err := rows.Scan(&key, (*string)(&s.State), (*string)(&s.Way), &s.Reason, &s.Customer, &s.Run, asBytes(&s.Marks), &s.step)
			s.Way = wayOf(s.State, s.Way)
			found[key] = s
			return err
		}, int64(l.env), l.migration)
}

// KnownRecords implements [store.MigrationWriter].
func (t *Tx) KnownRecords(ctx context.Context, migration string, keys []string) (map[string]store.KnownRecord, error) {
	return ledgerOf{t.conn, t.env, migration}.known(ctx, keys)
}

// KnownRecords implements [store.Migrations].
func (r *Reader) KnownRecords(ctx context.Context, env store.EnvironmentID, migration string, keys []string) (map[string]store.KnownRecord, error) {
	return ledgerOf{r.conn, env, migration}.known(ctx, keys)
}

func (l ledgerOf) known(ctx context.Context, keys []string) (map[string]store.KnownRecord, error) {
	found, err := l.standings(ctx, keys)
	known := make(map[string]store.KnownRecord, len(found))
	for key, s := range found {
		known[key] = s.KnownRecord
	}
	return known, err
}

// MoveRecords implements [store.MigrationWriter].
func (t *Tx) MoveRecords(ctx context.Context, moves []store.RecordMove) error {
	byMigration := map[string][]store.RecordMove{}
	for _, m := range moves {
		if err := checkMove(m); err != nil {
			return err
		}
		byMigration[m.Migration] = append(byMigration[m.Migration], m)
	}
	return t.conn.Nested(ctx, func() error {
		for _, migration := range slices.Sorted(maps.Keys(byMigration)) {
			if err := t.moveRecords(ctx, migration, byMigration[migration]); err != nil {
				return err
			}
		}
		return nil
	})
}

func checkMove(m store.RecordMove) error {
	if !slices.Contains(store.RecordStates(), m.State) {
		return fmt.Errorf("record state %q: %w", m.State, store.ErrInvalid)
	}
	if m.Way != "" && !slices.Contains(store.RecordWays(), m.Way) {
		return fmt.Errorf("record way %q: %w", m.Way, store.ErrInvalid)
	}
	return atMost("marks", len(m.Marks), maxMarks)
}

// moveRecords moves records of one migration, each perhaps more than once. New
// ones come first, then others, then the counts, each by key: transactions that
// meet at a record then never wait for each other in a circle.
func (t *Tx) moveRecords(ctx context.Context, migration string, moves []store.RecordMove) error {
	slices.SortStableFunc(moves, func(a, b store.RecordMove) int { return strings.Compare(a.Key, b.Key) })
	keys := make([]string, len(moves))
	for i := range moves {
		keys[i] = moves[i].Key
	}
	found, err := t.standings(ctx, migration, keys)
	if err != nil {
		return err
	}
	fresh := make([]any, 0, len(moves)*len(records.Columns))
	var again []store.RecordMove
	change := tally{}
	first := make(map[string]bool, len(moves))
	for _, m := range moves {
		if s, moved := found[m.Key]; moved || first[m.Key] {
			if s.State == store.RecordErased {
				return store.ErrConflict
			}
			again = append(again, m)
			continue
		}
		first[m.Key] = true
		counted, err := t.counted(ctx, &m)
		if err != nil {
			return err
		}
		fresh = append(fresh, int64(t.env), migration, m.Key, int64(1), string(m.State), m.Reason, m.Detail, m.Row,
			m.Customer, m.Run, micros(m.At), string(stored(m.State, m.Way)), blob(m.Marks))
		if counted {
			change.add(store.RecordPending, "", -1)
		}
		change.add(m.State, m.Way, 1)
	}
	if err := t.insertAll(ctx, &records, fresh); err != nil {
		return t.overtaken(err)
	}
	for _, m := range again {
		from, moved := found[m.Key]
		if !moved {
			from, err = t.standing(ctx, m)
		}
		if err == nil {
			err = t.moveAgain(ctx, m, from)
		}
		if err != nil {
			return err
		}
		found[m.Key] = standing{store.KnownRecord{State: m.State, Way: m.Way}, from.step + 1}
		change.add(from.State, from.Way, -1)
		change.add(m.State, m.Way, 1)
	}
	return t.count(ctx, migration, change)
}

// counted tells whether a record without a line was counted as pending. Whoever
// comes by another way than a run takes it from the run that counts it.
func (t *Tx) counted(ctx context.Context, m *store.RecordMove) (bool, error) {
	if stored(m.State, m.Way) == "" {
		return true, nil
	}
	run, err := t.HoldRun(ctx, m.Migration)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	held, err := t.CountedKeys(ctx, m.Migration, run.ID, []string{m.Key})
	if err != nil || !held[m.Key] {
		return false, err
	}
	m.Run = run.ID
	return true, nil
}

// standing reads one record that this transaction has just stored.
func (t *Tx) standing(ctx context.Context, m store.RecordMove) (standing, error) {
	found, err := t.standings(ctx, m.Migration, []string{m.Key})
	return found[m.Key], err
}

// overtaken asks for another run if err says that a concurrent transaction
// moved the same record first.
func (t *Tx) overtaken(err error) error {
	if errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrConflict) {
		t.retry = true
	}
	return err
}

// moveAgain puts the newest line into the history and m in its place.
func (t *Tx) moveAgain(ctx context.Context, m store.RecordMove, from standing) error {
	const line = "env, migration, key, step, state, reason, detail, row_number, customer, run, at, way, marks"
	kept, err := t.conn.Exec(ctx, "INSERT INTO migration_history ("+line+") SELECT "+line+` FROM migration_records
		WHERE env = ? AND migration = ? AND key = ? AND step = ? ON CONFLICT DO NOTHING`,
		int64(t.env), m.Migration, m.Key, from.step)
	if err := one(kept, err, store.ErrConflict); err != nil {
		return t.overtaken(err)
	}
	changed, err := t.conn.Exec(ctx, `UPDATE migration_records SET step = step + 1, state = ?, reason = ?, detail = ?,
		row_number = ?, customer = ?, run = ?, at = ?, way = ?, marks = ? WHERE env = ? AND migration = ? AND key = ? AND step = ?`,
		string(m.State), m.Reason, m.Detail, m.Row, m.Customer, m.Run, micros(m.At), string(stored(m.State, m.Way)), blob(m.Marks),
		int64(t.env), m.Migration, m.Key, from.step)
	return t.overtaken(one(changed, err, store.ErrConflict))
}
