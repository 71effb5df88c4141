package postgres_test

import (
	"errors"
	"path/filepath"
	"testing"

	"sallyport/store"
	"sallyport/store/postgres"
	"sallyport/store/postgres/pgtest"
	"sallyport/store/sqlite"
	"sallyport/store/storetest"
)

func intoPostgres(t *testing.T, schema int64, replay func(store.Copied) error) (store.Store, error) {
	dsn := pgtest.Start(t)
	if err := postgres.Restore(t.Context(), postgres.Config{DSN: dsn}, schema, replay); err != nil {
		return nil, err
	}
	s := open(t, dsn)
	t.Cleanup(func() { _ = s.Close() })
	return s, nil
}

func intoSQLite(t *testing.T, schema int64, replay func(store.Copied) error) (store.Store, error) {
	path := filepath.Join(t.TempDir(), "restored.db")
	if err := sqlite.Restore(t.Context(), sqlite.Config{Path: path}, schema, replay); err != nil {
		return nil, err
	}
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err == nil {
		t.Cleanup(func() { _ = s.Close() })
	}
	return s, err
}

func TestACopyOfPostgresRestoresTheSameInstallation(t *testing.T) {
	for name, elsewhere := range map[string]storetest.Restored{"in PostgreSQL": intoPostgres, "in SQLite": intoSQLite} {
		t.Run(name, func(t *testing.T) {
			s := open(t, pgtest.Start(t))
			t.Cleanup(func() { _ = s.Close() })
			storetest.Copies(t, s, elsewhere)
		})
	}
}

func TestACopyOfSQLiteRestoresInPostgres(t *testing.T) {
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	storetest.Copies(t, s, intoPostgres)
}

func TestACopyIsNotRestoredIntoADatabaseThatIsInUse(t *testing.T) {
	dsn := pgtest.Start(t)
	if err := open(t, dsn).Close(); err != nil {
		t.Fatal(err)
	}
	err := postgres.Restore(t.Context(), postgres.Config{DSN: dsn}, 1, func(store.Copied) error { return nil })
	if !errors.Is(err, store.ErrExists) {
		t.Errorf("a database was filled over: %v", err)
	}
}
