package vault_test

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/service/keyring"
	"sallyport/service/vault"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// world is a store with a vault over it, and a clock that moves at each look.
type world struct {
	*testing.T
	*vault.Service
	store  *sqlite.Store
	master *keyring.Master
	path   string
	env    store.EnvironmentID
	ticks  atomic.Int64
}

const rita = audit.Actor("operator/rita")

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, path: filepath.Join(t.TempDir(), "store.db")}
	w.open()
	t.Cleanup(func() { _ = w.store.Close() })
	w.env = w.environment("production")
	var err error
	w.master, err = keyring.GenerateMaster(io.Discard)
	w.must(err)
	w.Service = w.over(w.store)
	return w
}

func (w *world) over(s *sqlite.Store) *vault.Service {
	return vault.New(vault.Config{Store: s, Sealer: w.master, Audit: audit.New(s, w.now, rand.Reader), Now: w.now})
}

func (w *world) open() {
	w.Helper()
	var err error
	w.store, err = sqlite.Open(w.Context(), sqlite.Config{Path: w.path, Now: w.now})
	w.must(err)
}

func (w *world) now() time.Time {
	return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC).Add(time.Duration(w.ticks.Add(1)) * time.Second)
}

func (w *world) environment(name string) (id store.EnvironmentID) {
	w.Helper()
	w.must(w.store.Write(w.Context(), store.System, func(tx store.Tx) (err error) {
		id, err = tx.CreateEnvironment(w.Context(), store.Environment{Tenant: "harbourlight", Name: name, Created: w.now()})
		return err
	}))
	return id
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) put(name, value string) vault.Secret {
	w.Helper()
	s, err := w.Put(w.Context(), w.env, vault.Change{Name: name, By: rita}, []byte(value))
	w.must(err)
	return s
}

func (w *world) reads(name, want string) {
	w.Helper()
	got, err := w.Open(w.Context(), w.env, name)
	if err != nil || string(got) != want {
		w.Errorf("%s opens as %q, %v; want %q", name, got, err, want)
	}
}

func TestASecretOpensAsItWasPutUntilItIsReplacedOrDeleted(t *testing.T) {
	w := newWorld(t)
	first := w.put("meterman-db", "one")
	w.put("a-key", "\x00\xff binary \r\n")
	w.reads("meterman-db", "one")
	w.reads("a-key", "\x00\xff binary \r\n")
	second := w.put("meterman-db", "two")
	w.reads("meterman-db", "two")
	if first.Version != 1 || second.Version != 2 || !second.Created.Equal(first.Created) || !second.Updated.After(first.Updated) || first.Tag() == second.Tag() {
		t.Errorf("%+v, then %+v", first, second)
	}
	all, err := w.List(t.Context(), w.env)
	if err != nil || len(all) != 2 || all[0].Name != "a-key" || all[1] != second {
		t.Errorf("listed %+v, %v", all, err)
	}
	w.must(w.Delete(t.Context(), w.env, vault.Change{Name: "meterman-db", By: rita}))
	if _, err := w.Open(t.Context(), w.env, "meterman-db"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a deleted secret: %v", err)
	}
	if err := w.Delete(t.Context(), w.env, vault.Change{Name: "meterman-db", By: rita}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
}

func TestWhatIsNoSecretIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct {
		name, secret, value string
		want                error
	}{
		{"nothing in it", "db", "", vault.ErrSize},
		{"one byte too many", "db", strings.Repeat("x", vault.MaxSize+1), vault.ErrSize},
		{"no name", "", "x", vault.ErrName},
		{"a path for a name", "../db", "x", vault.ErrName},
		{"a NUL in the name", "db\x00", "x", vault.ErrName},
		{"capitals", "DB", "x", vault.ErrName},
		{"a long name", strings.Repeat("x", 64), "x", vault.ErrName},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := w.Put(t.Context(), w.env, vault.Change{Name: test.secret, By: rita}, []byte(test.value)); !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
			if _, err := w.Open(t.Context(), w.env, test.secret); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("opening it: %v", err)
			}
		})
	}
	w.put("db", strings.Repeat("x", vault.MaxSize))
	w.reads("db", strings.Repeat("x", vault.MaxSize))
}

func TestWhoeverSawAnotherStateChangesNothing(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	put := func(seen, value string) error {
		_, err := w.Put(ctx, w.env, vault.Change{Name: "db", Seen: seen, By: rita}, []byte(value))
		return err
	}
	drop := func(seen string) error { return w.Delete(ctx, w.env, vault.Change{Name: "db", Seen: seen, By: rita}) }
	if err := put("1.abc", "x"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("replacing nothing: %v", err)
	}
	w.must(put(vault.Absent, "one"))
	if err := put(vault.Absent, "x"); !errors.Is(err, store.ErrExists) {
		t.Errorf("a second new one: %v", err)
	}
	seen, err := w.Find(ctx, w.env, "db")
	w.must(err)
	w.must(put(seen.Tag(), "two"))
	for name, err := range map[string]error{"replace": put(seen.Tag(), "x"), "delete": drop(seen.Tag())} {
		if !errors.Is(err, store.ErrConflict) {
			t.Errorf("%s at an old version: %v", name, err)
		}
	}
	w.reads("db", "two")
	now, err := w.Find(ctx, w.env, "db")
	w.must(err)
	w.must(drop(now.Tag()))
	w.must(put(vault.Absent, "three")) // and once more, so that its version is 2 again
	w.must(put("", "four"))
	if err := put(now.Tag(), "x"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the same version of an earlier secret of the name: %v", err)
	}
	w.reads("db", "four")
}

func TestManyWhoPutAtOnceAllCountOneAfterTheOther(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			if _, err := w.Put(t.Context(), w.env, vault.Change{Name: "db", By: rita}, []byte{byte('a' + i)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if s, err := w.Find(t.Context(), w.env, "db"); err != nil || s.Version != 4 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestTheLedgerHasTheNameAndNeverTheValue(t *testing.T) {
	w := newWorld(t)
	w.put("db", "hush-hush")
	w.put("db", "hush-again")
	w.must(w.Delete(t.Context(), w.env, vault.Change{Name: "db", By: rita}))
	events, _, err := w.store.AuditEvents(t.Context(), w.env, store.AuditQuery{Limit: 99})
	w.must(err)
	var told []string
	for _, e := range events {
		told = append(told, e.Type+" by "+e.Actor+" "+string(e.Body))
		if bytes.Contains(e.Body, []byte("hush")) || bytes.Contains(e.Personal, []byte("hush")) {
			t.Errorf("the ledger holds %s", e.Body)
		}
	}
	want := []string{
		`vault.deleted by operator/rita {"detail":{"name":"db","before":2,"after":0}}`,
		`vault.stored by operator/rita {"detail":{"name":"db","before":1,"after":2}}`,
		`vault.stored by operator/rita {"detail":{"name":"db","before":0,"after":1}}`,
	}
	if fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("told %q", told)
	}
}

func TestEnvironmentsDoNotShareSecrets(t *testing.T) {
	w := newWorld(t)
	w.put("db", "of production")
	other := w.environment("preview")
	if _, err := w.Open(t.Context(), other, "db"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("opened elsewhere: %v", err)
	}
	if err := w.Delete(t.Context(), other, vault.Change{Name: "db", By: rita}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleted elsewhere: %v", err)
	}
	w.reads("db", "of production")
}

func TestAnEnvironmentHasABoundedNumber(t *testing.T) {
	w := newWorld(t)
	w.must(w.store.Write(t.Context(), w.env, func(tx store.Tx) error {
		for i := range vault.MaxSecrets {
			if err := tx.PutVaultSecret(t.Context(), store.VaultSecret{Name: fmt.Sprintf("s-%d", i), Sealed: []byte("x"), Created: w.now(), Updated: w.now()}); err != nil {
				return err
			}
		}
		return nil
	}))
	if _, err := w.Put(t.Context(), w.env, vault.Change{Name: "one-more", By: rita}, []byte("x")); !errors.Is(err, vault.ErrFull) {
		t.Errorf("one more: %v", err)
	}
	w.put("s-7", "replaced")
	w.reads("s-7", "replaced")
}

// Whoever writes into the database moves no secret to another name, another
// environment or another time.
func TestARowOpensOnlyAsWhatItWasStored(t *testing.T) {
	w := newWorld(t)
	w.put("db", "one")
	w.put("other", "other")
	old, err := w.store.VaultSecret(t.Context(), w.env, "db")
	w.must(err)
	w.put("db", "two")
	elsewhere := w.environment("preview")
	w.must(w.store.Write(t.Context(), elsewhere, func(tx store.Tx) error {
		return tx.PutVaultSecret(t.Context(), store.VaultSecret{Name: "db", Sealed: old.Sealed})
	}))
	if _, err := w.Open(t.Context(), elsewhere, "db"); !errors.Is(err, keyring.ErrMaster) {
		t.Errorf("carried to another environment: %v", err)
	}
	w.must(w.store.Close())
	db, err := sql.Open("sqlite", w.path)
	w.must(err)
	_, err = db.Exec("UPDATE vault SET sealed = ? WHERE env = ?", old.Sealed, int64(w.env))
	w.must(err)
	w.must(db.Close())
	w.open()
	w.Service = w.over(w.store)
	for _, name := range []string{"db", "other"} {
		_, err := w.Open(t.Context(), w.env, name)
		if !errors.Is(err, keyring.ErrMaster) {
			t.Errorf("%s with the first value of db: %v", name, err)
		}
	}
}
