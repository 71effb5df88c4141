package postgres_test

import (
	"testing"

	"sallyport/store"
	"sallyport/store/postgres/pgtest"
	"sallyport/store/storetest"
)

func BenchmarkPostgres(b *testing.B) {
	storetest.Benchmark(b, func(tb testing.TB) store.Store { return open(tb, pgtest.Start(tb)) })
}
