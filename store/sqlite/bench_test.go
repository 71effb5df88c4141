package sqlite_test

import (
	"path/filepath"
	"testing"

	"sallyport/store"
	"sallyport/store/sqlite"
	"sallyport/store/storetest"
)

func BenchmarkSQLite(b *testing.B) {
	storetest.Benchmark(b, func(tb testing.TB) store.Store {
		s, err := sqlite.Open(tb.Context(), sqlite.Config{Path: filepath.Join(tb.TempDir(), "store.db")})
		if err != nil {
			tb.Fatal(err)
		}
		return s
	})
}
