package keyring_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"io"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/service/keyring"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// world is a store on disk with a master key and a clock that tests move.
type world struct {
	*testing.T
	ctx    context.Context
	path   string
	store  *sqlite.Store
	env    store.EnvironmentID
	master *keyring.Master

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, ctx: t.Context(), path: filepath.Join(t.TempDir(), "store.db"), now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	w.open()
	t.Cleanup(func() { _ = w.store.Close() })
	w.env = w.environment("production")
	var err error
	w.master, err = keyring.GenerateMaster(io.Discard)
	w.must(err)
	return w
}

func (w *world) open() {
	w.Helper()
	var err error
	w.store, err = sqlite.Open(w.ctx, sqlite.Config{Path: w.path, Now: w.clock})
	w.must(err)
}

func (w *world) environment(name string) (id store.EnvironmentID) {
	w.Helper()
	w.must(w.store.Write(w.ctx, store.System, func(tx store.Tx) (err error) {
		id, err = tx.CreateEnvironment(w.ctx, store.Environment{Tenant: "harbourlight", Name: name, Created: w.now})
		return err
	}))
	return id
}

// node is the ring of one process over the world's store.
func (w *world) node() *keyring.Ring { return w.nodeOver(w.store, w.master) }

func (w *world) nodeOver(s keyring.Store, m *keyring.Master) *keyring.Ring {
	return keyring.New(keyring.Config{
		Store: s, Master: m, Audit: audit.New(w.store, w.clock, rand.Reader), Now: w.clock, Rand: rand.Reader,
	})
}

// attack changes the database behind the store's back.
func (w *world) attack(statement string, args ...any) {
	w.Helper()
	w.must(w.store.Close())
	db, err := sql.Open("sqlite", w.path)
	w.must(err)
	result, err := db.Exec(statement, args...)
	w.must(err)
	if n, _ := result.RowsAffected(); n == 0 {
		w.Fatalf("%s: changed nothing", statement)
	}
	w.must(db.Close())
	w.open()
}

// relay tells nodes what the feed says of keys, as the follower of a process does.
func (w *world) relay(nodes ...*keyring.Ring) {
	w.Helper()
	entries, err := w.store.FeedAfter(w.ctx, 0, 10_000)
	w.must(err)
	for _, e := range entries {
		for _, r := range nodes {
			if e.Kind == store.KeysChanged {
				r.Forget(e.Env, e.Subject)
			}
		}
	}
}

// keys counts the stored keys of an owner by state.
func (w *world) keys(name string) map[store.KeyState]int {
	w.Helper()
	keys, err := w.store.Keys(w.ctx, w.env, name)
	w.must(err)
	count := map[store.KeyState]int{}
	for _, k := range keys {
		count[k.State]++
	}
	return count
}

// events counts the audit events of a type.
func (w *world) events(kind audit.Type) int {
	w.Helper()
	events, _, err := w.store.AuditEvents(w.ctx, w.env, store.AuditQuery{Type: string(kind), Limit: 1000})
	w.must(err)
	return len(events)
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) is(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Fatalf("error is %v, want %v", err, want)
	}
}
