package postgres_test

import (
	"testing"

	"sallyport/store"
	"sallyport/store/postgres"
	"sallyport/store/postgres/pgtest"
	"sallyport/store/storetest"
)

func open(tb testing.TB, dsn string) *postgres.Store {
	tb.Helper()
	s, err := postgres.Open(tb.Context(), postgres.Config{DSN: dsn})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestPostgresConforms(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, pgtest.Start(t)) })
}
