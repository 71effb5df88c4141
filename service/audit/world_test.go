package audit_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
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

// world is a store on disk with a ledger, the keys that sign it, and a clock.
type world struct {
	testing.TB
	ctx    context.Context
	path   string
	store  *sqlite.Store
	env    store.EnvironmentID
	master *keyring.Master

	mu  sync.Mutex
	now time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{TB: t, ctx: context.Background(), path: filepath.Join(t.TempDir(), "store.db"), now: time.Date(2026, 11, 22, 10, 0, 0, 123456789, time.UTC)}
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

func (w *world) log() *audit.Log { return audit.New(w.store, w.clock, rand.Reader) }

func (w *world) prover() *audit.Prover {
	ring := keyring.New(keyring.Config{Store: w.store, Master: w.master, Audit: w.log(), Now: w.clock, Rand: rand.Reader})
	return &audit.Prover{Store: w.store, Signer: ring, Now: w.clock}
}

// record writes n events about customer, with personal parts.
func (w *world) record(n int, customer string) {
	w.Helper()
	for i := range n {
		w.pass(time.Second)
		w.must(w.log().Record(w.ctx, w.env, audit.Entry{
			Type: audit.SignedIn, Actor: audit.Customer(customer), Customer: customer, Trace: fmt.Sprintf("trace-%d", i),
			Detail: map[string]int{"n": i}, Personal: map[string]string{"address": "192.0.2.7"},
		}))
	}
}

func (w *world) checkpoint() bool {
	w.Helper()
	signed, err := w.prover().Checkpoint(w.ctx, w.env)
	w.must(err)
	return signed
}

func (w *world) verify(env store.EnvironmentID) *audit.Verdict {
	w.Helper()
	v, err := w.prover().Verify(w.ctx, env)
	w.must(err)
	return v
}

// attack changes the database behind the store's back.
func (w *world) attack(do func(db *sql.DB)) {
	w.Helper()
	w.must(w.store.Close())
	db, err := sql.Open("sqlite", w.path)
	w.must(err)
	do(db)
	w.must(db.Close())
	w.open()
}

// exec runs one statement that must change something.
func (w *world) exec(db *sql.DB, statement string, args ...any) {
	w.Helper()
	result, err := db.Exec(statement, args...)
	w.must(err)
	if n, _ := result.RowsAffected(); n == 0 {
		w.Fatalf("%s: changed nothing", statement)
	}
}

// rebuild links all events of the world's environment anew, as they lie in db.
func (w *world) rebuild(db *sql.DB) {
	w.Helper()
	rows, err := db.Query(`SELECT writer, seq, at, type, actor, application, customer, result, trace, body FROM audit_events WHERE env = ? ORDER BY seq`, int64(w.env))
	w.must(err)
	var chain []store.ChainedEvent
	for rows.Next() {
		var e store.ChainedEvent
		var at int64
		w.must(rows.Scan(&e.Writer, &e.Seq, &at, &e.Type, &e.Actor, &e.Application, &e.Customer, &e.Result, &e.Trace, &e.Body))
		e.At = time.UnixMicro(at)
		chain = append(chain, e)
	}
	w.must(rows.Err())
	var hash [32]byte
	for i, e := range chain {
		seq := int64(i) + 1
		hash = store.Link(hash, w.env, e.Writer, seq, &e.Event)
		w.exec(db, `UPDATE audit_events SET seq = ?, hash = ? WHERE env = ? AND seq = ?`, seq, hash[:], int64(w.env), e.Seq)
	}
	w.exec(db, `UPDATE audit_heads SET seq = ?, hash = ? WHERE env = ?`, int64(len(chain)), hash[:], int64(w.env))
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
