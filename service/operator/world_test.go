package operator_test

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/service/audit"
	"sallyport/service/operator"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// world is operators on embedded storage, with a clock that tests move.
type world struct {
	*testing.T
	*operator.Service
	ctx   context.Context
	store *sqlite.Store
	now   time.Time
}

// plain seals nothing: sealing is the keyring's own test.
type plain struct{}

func (plain) Seal(_ context.Context, _ store.EnvironmentID, _ string, text []byte) ([]byte, error) {
	return text, nil
}

const host = audit.Actor("operator/root@host")

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, ctx: t.Context(), now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	var err error
	w.store, err = sqlite.Open(w.ctx, sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db"), Now: clock})
	w.must(err)
	t.Cleanup(func() { _ = w.store.Close() })
	w.Service = w.with(w.store)
	return w
}

// with is the service over another view of the store.
func (w *world) with(s operator.Store) *operator.Service {
	clock := func() time.Time { return w.now }
	return operator.New(operator.Config{
		Store: s, Sealer: plain{}, Audit: audit.New(w.store, clock, rand.Reader), Now: clock, Rand: rand.Reader,
		Cost: passhash.Argon2Cost{MemoryKiB: 1024, Time: 1, Threads: 1},
	})
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

const password = "a gate behind a gate"

// link makes a link for a new operator.
func (w *world) link(role operator.Role, place operator.Place) string {
	w.Helper()
	l, err := w.Link(w.ctx, operator.Wish{Holding: operator.Holding{Role: role, Place: place}, By: host})
	w.must(err)
	return l.Secret.Reveal()
}

// operator makes one.
func (w *world) operator(name string, role operator.Role, place operator.Place) operator.Operator {
	w.Helper()
	w.must(w.SetUp(w.ctx, w.link(role, place), operator.Given{Username: name, Name: name, Password: password}))
	person, err := w.store.PersonByIdentifier(w.ctx, store.System, "username", name)
	w.must(err)
	o, err := w.Find(w.ctx, person.Customer.ID)
	w.must(err)
	return o
}

// recorded counts events of a type in the system environment.
func (w *world) recorded(kind audit.Type) int {
	w.Helper()
	events, _, err := w.store.AuditEvents(w.ctx, store.System, store.AuditQuery{Type: string(kind), Limit: 100})
	w.must(err)
	return len(events)
}

// enrol gives an operator an app and recovery codes.
func (w *world) enrol(o operator.Operator) {
	w.Helper()
	w.must(w.store.Write(w.ctx, store.System, func(tx store.Tx) error {
		for _, kind := range []store.FactorKind{store.FactorTOTP, store.FactorRecovery} {
			f := store.Factor{Customer: o.ID, Kind: kind, Sealed: []byte{1}, Confirmed: w.now, Created: w.now}
			_, _ = rand.Read(f.ID[:])
			if err := tx.PutFactor(w.ctx, f); err != nil {
				return err
			}
		}
		return nil
	}))
}

// factors are the kinds that an operator has.
func (w *world) factors(o operator.Operator) (kinds []store.FactorKind) {
	w.Helper()
	all, err := w.store.Factors(w.ctx, store.System, o.ID)
	w.must(err)
	for _, f := range all {
		kinds = append(kinds, f.Kind)
	}
	return kinds
}
