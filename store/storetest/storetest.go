// Package storetest is the conformance suite of package store: what every
// engine must do, in words of the contract alone. An engine's own tests call
// [Run], and [Reopen] with a store that can be opened again.
//
// The suite opens one store and gives each test an environment of its own, so
// it checks on the way that environments do not see each other; [Isolation]
// then tries every method with another environment's ids.
package storetest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sallyport/pure/customer"
	"sallyport/store"
)

// Run holds a store to the contract. open gives a new, empty one, which the
// suite closes.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	for _, group := range []struct {
		name  string
		tests []test
	}{
		{"environments", environmentTests},
		{"revisions", revisionTests},
		{"transactions", transactionTests},
		{"feed", feedTests},
		{"customers", customerTests},
		{"finding customers", findTests},
		{"everybody at once", peopleTests},
		{"what everybody has in common", holdingTests},
		{"links", linkTests},
		{"factors", factorTests},
		{"passkeys", passkeyTests},
		{"journeys", journeyTests},
		{"sessions", sessionTests},
		{"attempts", attemptTests},
		{"grants", grantTests},
		{"consents", consentTests},
		{"accounts", accountTests},
		{"claims", claimTests},
		{"agreements and tags", agreementTests},
		{"erasure", erasureTests},
		{"keys and secrets", keyTests},
		{"subscriptions", subscriptionTests},
		{"audit", auditTests},
		{"audit queries", queryTests},
		{"migrations", migrationTests},
		{"one ledger", ledgerTests},
		{"usage", usageTests},
		{"operators", operatorTests},
		{"changes", changeTests},
		{"recalls", recallTests},
		{"populations", populationTests},
		{"walks", walkTests},
		{"uses of scopes", useTests},
		{"the vault", vaultTests},
		{"certificates", certificateTests},
		{"backups", backupTests},
		{"jobs", jobTests},
		{"rivals", rivalTests},
		{"outbox", outboxTests},
		{"events for hooks", hookEventTests},
		{"funnel", funnelTests},
		{"sweep", sweepTests},
		{"isolation", isolationTests},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, test := range group.tests {
				t.Run(test.name, func(t *testing.T) { test.run(newBench(t, s)) })
			}
		})
	}
}

type test struct {
	name string
	run  func(*bench)
}

// bench is what one test works with: a store, and a fresh environment of it.
type bench struct {
	*testing.T
	store.Store
	ctx context.Context
	env store.EnvironmentID
}

var environments, ids atomic.Int64

// start is when the tests take place: to the microsecond, as stores keep time.
var start = time.Date(2026, 11, 22, 9, 30, 0, 123456000, time.UTC)

func newBench(t *testing.T, s store.Store) *bench {
	t.Helper()
	b := &bench{T: t, Store: s, ctx: t.Context()}
	b.env = b.environment()
	return b
}

// environment makes one more environment.
func (b *bench) environment() (id store.EnvironmentID) {
	b.Helper()
	name := fmt.Sprintf("environment-%d", environments.Add(1))
	b.ok(b.Write(b.ctx, store.System, func(tx store.Tx) (err error) {
		id, err = tx.CreateEnvironment(b.ctx, store.Environment{Tenant: b.Name(), Name: name, Created: start})
		return err
	}))
	return id
}

// write runs do in the test's environment and expects it to succeed.
func (b *bench) write(do func(store.Tx) error) {
	b.Helper()
	b.ok(b.Write(b.ctx, b.env, do))
}

// refused runs do in the test's environment and expects an error.
func (b *bench) refused(want error, do func(store.Tx) error) {
	b.Helper()
	b.is(b.Write(b.ctx, b.env, do), want)
}

func (b *bench) ok(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) is(err, want error) {
	b.Helper()
	if !errors.Is(err, want) {
		b.Fatalf("error is %v, want %v", err, want)
	}
}

// same compares what was read with what should be there.
func same[T any](b *bench, got, want T) {
	b.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		b.Fatalf("(-want +got)\n%s", diff)
	}
}

// read expects a reading to succeed.
func read[T any](b *bench) func(v T, err error) T {
	return func(v T, err error) T {
		b.Helper()
		b.ok(err)
		return v
	}
}

// at is a number of minutes after the start.
func at(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }

// unique gives 16 bytes that no other test has, in rising order.
func unique() (id [16]byte) {
	binary.BigEndian.PutUint64(id[:], uint64(ids.Add(1)))
	copy(id[8:], "\x00sally\xff\x00")
	return id
}

func hash(id [16]byte) (h [32]byte) {
	copy(h[:], id[:])
	return h
}

// parallel runs do on n goroutines at once and waits for all.
func parallel(n int, do func(i int)) {
	var begin, done sync.WaitGroup
	begin.Add(1)
	for i := range n {
		done.Go(func() {
			begin.Wait()
			do(i)
		})
	}
	begin.Done()
	done.Wait()
}

// person is a customer with everything set.
func person(name string) store.NewCustomer {
	id := customer.ID(unique())
	return store.NewCustomer{
		Customer: customer.Customer{
			ID: id, State: customer.Active, Name: name, Groups: []string{"household", "solar"},
			Attributes: map[string]string{"language": "en-NZ", "premises": "12 Wharf Lane"},
			NotBefore:  at(-1), Created: at(0), Updated: at(1), Version: 1,
		},
		Identifiers: []customer.Identifier{
			{Kind: customer.Email, Value: name + "@harbourlight.example", Display: name + "@Harbourlight.example", Verified: true, Source: "customer"},
			{Kind: customer.Username, Value: name, Display: name, Source: "migration/meterman"},
		},
		Credential: &store.Credential{
			Customer: id, Sealed: []byte("sealed " + name), Scheme: "salted-sha1", Weak: true, Updated: at(2), Version: 1,
		},
	}
}

func (b *bench) create(people ...store.NewCustomer) {
	b.Helper()
	b.write(func(tx store.Tx) error { return tx.CreateCustomers(b.ctx, people) })
}
