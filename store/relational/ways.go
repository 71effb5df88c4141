package relational

import (
	"context"

	"sallyport/store"
)

// tally is how counts change.
type tally map[store.StateWay]int64

func (c tally) add(state store.RecordState, way store.RecordWay, n int64) {
	c[store.StateWay{State: state, Way: stored(state, way)}] += n
}

// stored is how a way is written: empty for what is pending and for what came from
// an export, which is nearly all and all that earlier releases wrote.
func stored(state store.RecordState, way store.RecordWay) store.RecordWay {
	if state == store.RecordPending || way == store.WayBulk {
		return ""
	}
	return way
}

// wayOf reads what stored wrote.
func wayOf(state store.RecordState, way store.RecordWay) store.RecordWay {
	if state != store.RecordPending && way == "" {
		return store.WayBulk
	}
	return way
}

// countedStates are the states in the order in which counts change, always the same so
// that two transactions cannot wait for each other. Earlier releases know the first.
var countedStates = []store.RecordState{
	store.RecordPending, store.RecordImported, store.RecordHeld, store.RecordDropped, store.RecordStaged, store.RecordErased,
}

// count adds to the counters of a migration. What came from an export is what the
// other ways leave of a state, and has no counter of its own.
func (t *Tx) count(ctx context.Context, migration string, change tally) error {
	for _, state := range countedStates {
		var n int64
		for to, by := range change {
			if to.State == state {
				n += by
			}
		}
		if n == 0 {
			continue
		}
		if err := t.countState(ctx, migration, state, n); err != nil {
			return err
		}
	}
	for _, state := range countedStates {
		for _, way := range store.RecordWays() {
			n := change[store.StateWay{State: state, Way: way}]
			if n == 0 {
				continue
			}
			_, err := t.conn.Exec(ctx, `INSERT INTO migration_ways (env, migration, state, way, records) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (env, migration, state, way) DO UPDATE SET records = migration_ways.records + excluded.records`,
				int64(t.env), migration, string(state), string(way), n)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Tx) countState(ctx context.Context, migration string, state store.RecordState, n int64) error {
	_, err := t.conn.Exec(ctx, `INSERT INTO migration_counts (env, migration, state, records) VALUES (?, ?, ?, ?)
		ON CONFLICT (env, migration, state) DO UPDATE SET records = migration_counts.records + excluded.records`,
		int64(t.env), migration, string(state), n)
	return err
}

// RecordWays implements [store.Migrations] by one query, which sees one moment.
func (r *Reader) RecordWays(ctx context.Context, env store.EnvironmentID, migration string) (map[store.StateWay]int64, error) {
	counts := map[store.StateWay]int64{}
	_, err := queryAll(ctx, r.conn, func(rows Rows) (none struct{}, err error) {
		var state store.RecordState
		var way store.RecordWay
		var n int64
		err = rows.Scan((*string)(&state), (*string)(&way), &n)
		counts[store.StateWay{State: state, Way: wayOf(state, way)}] += n
		if way != "" {
			counts[store.StateWay{State: state, Way: store.WayBulk}] -= n
		}
		return none, err
	}, `SELECT state, '', records FROM migration_counts WHERE env = ? AND migration = ?
		UNION ALL SELECT state, way, records FROM migration_ways WHERE env = ? AND migration = ?`,
		int64(env), migration, int64(env), migration)
	for at, n := range counts {
		if n == 0 {
			delete(counts, at)
		}
	}
	return counts, err
}
