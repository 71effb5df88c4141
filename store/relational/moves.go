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
}}

// standing is where a record stood when it was looked at.
type standing struct {
	store.KnownRecord
	step int64 // of its newest line, from 1
}

func (t *Tx) standings(ctx context.Context, migration string, keys []string) (map[string]standing, error) {
	found := make(map[string]standing, len(keys))
	err := t.conn.EachIn(ctx, "SELECT key, state, reason, customer, step FROM migration_records WHERE env = ? AND migration = ? AND key", keys,
		func(rows Rows) error {
			var key string
			var s standing
			err := rows.Scan(&key, (*string)(&s.State), &s.Reason, &s.Customer, &s.step)
			found[key] = s
			return err
		}, int64(t.env), migration)
	return found, err
}

// KnownRecords implements [store.MigrationWriter].
func (t *Tx) KnownRecords(ctx context.Context, migration string, keys []string) (map[string]store.KnownRecord, error) {
	found, err := t.standings(ctx, migration, keys)
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
	switch m.State {
	case store.RecordPending, store.RecordImported, store.RecordHeld, store.RecordDropped:
		return nil
	}
	return fmt.Errorf("record state %q: %w", m.State, store.ErrInvalid)
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
	change := map[store.RecordState]int64{}
	first := make(map[string]bool, len(moves))
	for _, m := range moves {
		if _, moved := found[m.Key]; moved || first[m.Key] {
			again = append(again, m)
			continue
		}
		first[m.Key] = true
		fresh = append(fresh, int64(t.env), migration, m.Key, int64(1), string(m.State), m.Reason, m.Detail, m.Row,
			m.Customer, m.Run, micros(m.At))
		change[store.RecordPending]--
		change[m.State]++
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
		found[m.Key] = standing{store.KnownRecord{State: m.State, Reason: m.Reason, Customer: m.Customer}, from.step + 1}
		change[from.State]--
		change[m.State]++
	}
	return t.count(ctx, migration, change)
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
	const line = "env, migration, key, step, state, reason, detail, row_number, customer, run, at"
	kept, err := t.conn.Exec(ctx, "INSERT INTO migration_history ("+line+") SELECT "+line+` FROM migration_records
		WHERE env = ? AND migration = ? AND key = ? AND step = ? ON CONFLICT DO NOTHING`,
		int64(t.env), m.Migration, m.Key, from.step)
	if err := one(kept, err, store.ErrConflict); err != nil {
		return t.overtaken(err)
	}
	changed, err := t.conn.Exec(ctx, `UPDATE migration_records SET step = step + 1, state = ?, reason = ?, detail = ?,
		row_number = ?, customer = ?, run = ?, at = ? WHERE env = ? AND migration = ? AND key = ? AND step = ?`,
		string(m.State), m.Reason, m.Detail, m.Row, m.Customer, m.Run, micros(m.At), int64(t.env), m.Migration, m.Key, from.step)
	return t.overtaken(one(changed, err, store.ErrConflict))
}
