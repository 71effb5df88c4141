package code_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/store"
	"sallyport/store/postgres"
	"sallyport/store/postgres/pgtest"
	"sallyport/store/sqlite"
)

// world is one installation of two environments, on an engine of which it has as many
// nodes as are asked for.
type world struct {
	testing.TB
	store         store.Store
	live, preview *environment.Live
	master        *keyring.Master
	out           outbox

	mu  sync.Mutex
	now time.Time
}

// outbox takes messages as service/notify does, as far as it concerns this package.
type outbox struct {
	mu     sync.Mutex
	sent   []code.Message
	decoys []code.Message
	down   error
}

func (o *outbox) Queue(_ context.Context, _ store.Tx, _ *environment.Live, m code.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down != nil {
		return o.down
	}
	o.sent = append(o.sent, m)
	return nil
}

func (o *outbox) Decoy(_ context.Context, _ store.Tx, _ *environment.Live, m code.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down != nil {
		return o.down
	}
	o.decoys = append(o.decoys, m)
	return nil
}

// last is the message that was sent last.
func (o *outbox) last() code.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sent[len(o.sent)-1]
}

var start = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func newWorld(t testing.TB, s store.Store) *world {
	t.Helper()
	w := &world{TB: t, store: s, now: start}
	var err error
	w.master, err = keyring.GenerateMaster(io.Discard)
	w.must(err)
	w.live, w.preview = w.create("production"), w.create("preview")
	return w
}

func (w *world) create(name string) *environment.Live {
	w.Helper()
	var id store.EnvironmentID
	w.must(w.store.Write(w.Context(), store.System, func(tx store.Tx) (err error) {
		id, err = tx.CreateEnvironment(w.Context(), store.Environment{Tenant: "harbourlight", Name: name, Created: start})
		return err
	}))
	return &environment.Live{ID: id, Tenant: "harbourlight", Name: name}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
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

// node is one node whose clock goes ahead by a while.
func (w *world) node(s store.Store, ahead time.Duration, limits code.Limits) *code.Service {
	return w.nodeWith(s, s, ahead, limits)
}

// nodeWith is a node whose codes are written to a store of their own.
func (w *world) nodeWith(writer store.Writer, s store.Store, ahead time.Duration, limits code.Limits) *code.Service {
	now := func() time.Time { return w.clock().Add(ahead) }
	log := audit.New(s, now, rand.Reader)
	ring := keyring.New(keyring.Config{Store: s, Master: w.master, Audit: log, Now: now, Rand: rand.Reader})
	return code.New(code.Config{Store: writer, Keys: ring, Messages: &w.out, Audit: log, Now: now, Rand: rand.Reader, Limits: limits})
}

func onSQLite(t testing.TB) []store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return []store.Store{s, s} // one process alone opens the file
}

func onPostgres(t testing.TB) (nodes []store.Store) {
	t.Helper()
	dsn := pgtest.Start(t)
	for range 2 {
		s, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		nodes = append(nodes, s)
	}
	return nodes
}

// onBoth runs a test with two nodes of either engine.
func onBoth(t *testing.T, do func(t *testing.T, nodes []store.Store)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { do(t, onSQLite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { do(t, onPostgres(t)) })
}

var home = code.Source{Address: netip.MustParseAddr("192.0.2.7")}

// dana asks for a code by mail.
func dana() code.Ask {
	return code.Ask{
		Purpose: code.SignIn, Channel: code.Email, Address: "dana@mail.test", Subject: "cus_dana", Flow: "flow-1", Known: true, Source: home,
		Link: "https://id.harbourlight.test/signin?t=ticket",
	}
}

// bound is where the challenge of an ask is given back.
func bound(a code.Ask) code.Binding {
	return code.Binding{Purpose: a.Purpose, Subject: a.Subject, Typed: a.Typed, Address: a.Address, Flow: a.Flow, Source: a.Source}
}

func (w *world) send(s *code.Service, a code.Ask) code.Challenge {
	w.Helper()
	c, err := s.Send(w.Context(), w.live, a)
	w.must(err)
	return c
}

func (w *world) check(s *code.Service, c code.Challenge, typed string, b code.Binding) code.Verdict {
	w.Helper()
	v, err := s.Check(w.Context(), w.live, c.Sealed, typed, b)
	w.must(err)
	return v
}

func (w *world) comesTo(got code.Verdict, want code.Outcome) {
	w.Helper()
	if got.Outcome != want {
		w.Errorf("got %q, want %q", got.Outcome, want)
	}
	if (got.RetryAfter > 0) != (want == code.Limited) {
		w.Errorf("%q with a wait of %v", got.Outcome, got.RetryAfter)
	}
}

func (w *world) limited(err error) time.Duration {
	w.Helper()
	var limit *code.LimitedError
	if !errors.As(err, &limit) || limit.RetryAfter <= 0 {
		w.Fatalf("got %v, want a limit", err)
	}
	return limit.RetryAfter
}

// wrong is a code that is not the right one.
func wrong(right string) string {
	if right == "000000" {
		return "000001"
	}
	return "000000"
}

// events are what the ledger says of codes.
func (w *world) events() []store.ChainedEvent {
	w.Helper()
	events, _, err := w.store.AuditEvents(w.Context(), w.live.ID, store.AuditQuery{Type: string(audit.ChallengeSent), Limit: 1000})
	w.must(err)
	return events
}
