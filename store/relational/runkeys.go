package relational

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/store"
)

// runKeys has the pages by their first hash; a hash is stored as the number whose
// order is the same.
var runKeys = Table{"migration_run_keys", []Column{
	{"env", Int}, {"migration", Text}, {"run", Text}, {"first", Int}, {"hashes", Blob},
}}

func ordered(hash uint64) int64 { return int64(hash ^ 1<<63) }

// HoldRun implements [store.MigrationWriter].
func (t *Tx) HoldRun(ctx context.Context, migration string) (store.Run, error) {
	unfinished := oneRun + " AND state IN ('running', 'paused') ORDER BY started DESC, id DESC LIMIT 1" + t.conn.ForUpdate()
	run, err := queryOne(ctx, t.conn, scanRun, unfinished, int64(t.env), migration)
	if !errors.Is(err, store.ErrNotFound) {
		return run, err
	}
	// Whoever starts one counts what is pending: that waits now. But one may have
	// been started since.
	if err := t.countState(ctx, migration, store.RecordPending, 0); err != nil {
		return store.Run{}, err
	}
	return queryOne(ctx, t.conn, scanRun, unfinished, int64(t.env), migration)
}

// PutRunKeys implements [store.MigrationWriter].
func (t *Tx) PutRunKeys(ctx context.Context, keys store.RunKeys) error {
	if n := len(keys.Hashes); n == 0 || n > store.KeysAtOnce {
		return fmt.Errorf("%d hashes of keys: %w", n, store.ErrInvalid)
	}
	page := make([]byte, 0, 8*len(keys.Hashes))
	for i, hash := range keys.Hashes {
		if i > 0 && hash <= keys.Hashes[i-1] {
			return fmt.Errorf("hashes of keys that do not rise: %w", store.ErrInvalid)
		}
		page = binary.BigEndian.AppendUint64(page, hash)
	}
	put, err := t.conn.Insert(ctx, &runKeys, []any{int64(t.env), keys.Migration, keys.Run, ordered(keys.Hashes[0]), page})
	return one(put, err, store.ErrExists)
}

// keyPage is one page as it was read.
type keyPage []byte

func (p keyPage) at(i int) uint64 { return binary.BigEndian.Uint64(p[8*i:]) }

func (p keyPage) len() int { return len(p) / 8 }

// covers tells whether the page would hold a hash if any did, as far as it alone
// knows.
func (p keyPage) covers(hash uint64) bool {
	return p.len() > 0 && p.at(0) <= hash && hash <= p.at(p.len()-1)
}

func (p keyPage) holds(hash uint64) bool {
	low, high := 0, p.len()
	for low < high {
		middle := int(uint(low+high) >> 1)
		if p.at(middle) < hash {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low < p.len() && p.at(low) == hash
}

// CountedKeys implements [store.MigrationWriter]. Keys of one page are looked for
// one behind the other, so that each page is read once.
func (t *Tx) CountedKeys(ctx context.Context, migration, run string, keys []string) (map[string]bool, error) {
	type wanted struct {
		hash uint64
		key  string
	}
	all := make([]wanted, len(keys))
	for i, key := range keys {
		all[i] = wanted{store.RecordHash(key), key}
	}
	slices.SortFunc(all, func(a, b wanted) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return 0
	})
	counted := map[string]bool{}
	var page keyPage
	for _, w := range all {
		if !page.covers(w.hash) {
			found, err := queryOne(ctx, t.conn, func(rows Rows) (p []byte, err error) { return p, rows.Scan(asBytes(&p)) },
				`SELECT hashes FROM migration_run_keys WHERE env = ? AND migration = ? AND run = ? AND first <= ?
				ORDER BY first DESC LIMIT 1`, int64(t.env), migration, run, ordered(w.hash))
			if err := missingAs(err, nil); err != nil {
				return nil, err
			}
			page = found
		}
		if page.holds(w.hash) {
			counted[w.key] = true
		}
	}
	return counted, nil
}

// DropRunKeys implements [store.MigrationWriter].
func (t *Tx) DropRunKeys(ctx context.Context, migration, keep string, limit int) (int, error) {
	dropped, err := t.conn.Exec(ctx, `DELETE FROM migration_run_keys WHERE env = ? AND migration = ? AND (run, first) IN
		(SELECT run, first FROM migration_run_keys WHERE env = ? AND migration = ? AND run <> ? LIMIT ?)`,
		int64(t.env), migration, int64(t.env), migration, keep, int64(between(limit, 1000)))
	return int(dropped), err
}

// Arrivals implements [store.MigrationWriter].
func (t *Tx) Arrivals(ctx context.Context, migration string, since time.Time, limit int) ([]string, error) {
	return queryAll(ctx, t.conn, func(rows Rows) (key string, err error) { return key, rows.Scan(&key) },
		`SELECT key FROM migration_records WHERE env = ? AND migration = ? AND way <> '' AND at >= ? ORDER BY at, key LIMIT ?`,
		int64(t.env), migration, micros(since), int64(between(limit, 100_000)))
}
