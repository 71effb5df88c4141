package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"sallyport/store"
	"sallyport/store/sqlite"
	"sallyport/store/storetest"
)

func restored(t *testing.T, schema int64, replay func(store.Copied) error) (store.Store, error) {
	path := filepath.Join(t.TempDir(), "restored.db")
	if err := sqlite.Restore(t.Context(), sqlite.Config{Path: path}, schema, replay); err != nil {
		if _, there := os.Stat(path); !errors.Is(there, os.ErrNotExist) {
			t.Errorf("a restore that failed leaves a store: %v", there)
		}
		return nil, err
	}
	s := open(t, path)
	t.Cleanup(func() { _ = s.Close() })
	return s, nil
}

func TestACopyOfSQLiteRestoresTheSameInstallation(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	t.Cleanup(func() { _ = s.Close() })
	storetest.Copies(t, s, restored)
}

func TestACopyIsNotRestoredOverAStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	err := sqlite.Restore(t.Context(), sqlite.Config{Path: path}, 1, func(store.Copied) error { return nil })
	if !errors.Is(err, store.ErrExists) {
		t.Errorf("a store was replaced: %v", err)
	}
}
