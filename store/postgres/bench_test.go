package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"sallyport/store"
	"sallyport/store/postgres/pgtest"
	"sallyport/store/storetest"
)

func BenchmarkPostgres(b *testing.B) {
	storetest.Benchmark(b, func(tb testing.TB) store.Store { return open(tb, pgtest.Start(tb)) })
}

// BenchmarkRawCopy is the yardstick of imports: the same rows into the same
// tables by COPY, with no question asked.
func BenchmarkRawCopy(b *testing.B) {
	dsn := pgtest.Start(b)
	if err := open(b, dsn).Close(); err != nil {
		b.Fatal(err)
	}
	conn, err := pgx.Connect(b.Context(), dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(b.Context())
	storetest.Batches(b, 1000, func(people []store.NewCustomer, moves []store.RecordMove) error {
		tx, err := conn.Begin(b.Context())
		if err != nil {
			return err
		}
		for _, t := range storetest.Raw(people, moves) {
			if _, err := tx.CopyFrom(b.Context(), pgx.Identifier{t.Name}, t.Columns, pgx.CopyFromRows(t.Rows)); err != nil {
				return err
			}
		}
		return tx.Commit(b.Context())
	})
}

// BenchmarkOpen is what a start costs on existing data.
func BenchmarkOpen(b *testing.B) {
	dsn := pgtest.Start(b)
	for b.Loop() {
		if err := open(b, dsn).Close(); err != nil {
			b.Fatal(err)
		}
	}
}
