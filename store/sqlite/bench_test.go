package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sallyport/store"
	"sallyport/store/sqlite"
	"sallyport/store/storetest"
)

func BenchmarkSQLite(b *testing.B) {
	storetest.Benchmark(b, func(tb testing.TB) store.Store { return fresh(tb, filepath.Join(tb.TempDir(), "store.db")) })
}

func fresh(tb testing.TB, path string) *sqlite.Store {
	tb.Helper()
	s, err := sqlite.Open(tb.Context(), sqlite.Config{Path: path})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// BenchmarkRawInsert is the yardstick of imports: the same rows into the same
// tables by the same driver, fifty a statement, with no question asked.
func BenchmarkRawInsert(b *testing.B) {
	path := filepath.Join(b.TempDir(), "store.db")
	if err := fresh(b, path).Close(); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-16000)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	statements := map[string]*sql.Stmt{}
	prepare := func(text string) *sql.Stmt {
		if statements[text] == nil {
			if statements[text], err = db.Prepare(text); err != nil {
				b.Fatal(err)
			}
		}
		return statements[text]
	}
	storetest.Batches(b, 1000, func(people []store.NewCustomer, moves []store.RecordMove) error {
		tables := storetest.Raw(people, moves)
		texts := map[string]bool{}
		insert := func(t storetest.RawTable, rows [][]any) (string, []any) {
			row := "(?" + strings.Repeat(", ?", len(t.Columns)-1) + ")"
			text := "INSERT INTO " + t.Name + " (" + strings.Join(t.Columns, ", ") + ") VALUES " + row + strings.Repeat(", "+row, len(rows)-1)
			return text, slices.Concat(rows...)
		}
		for _, t := range tables { // one connection: prepare before the transaction takes it
			for rows := range slices.Chunk(t.Rows, 50) {
				text, _ := insert(t, rows)
				if !texts[text] {
					texts[text] = true
					prepare(text)
				}
			}
		}
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		for _, t := range tables {
			for rows := range slices.Chunk(t.Rows, 50) {
				text, args := insert(t, rows)
				if _, err := tx.Stmt(prepare(text)).Exec(args...); err != nil {
					return err
				}
			}
		}
		return tx.Commit()
	})
}

// BenchmarkOpen is what a start costs on existing data.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "store.db")
	for b.Loop() {
		if err := fresh(b, path).Close(); err != nil {
			b.Fatal(err)
		}
	}
}
