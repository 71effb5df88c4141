// Package signintest builds a small world to sign in to: two environments of an
// invented utility on embedded storage, with a clock that tests move and nobody
// who really waits. The tests of service/signin and web/login start from it.
package signintest

import (
	"context"
	"crypto/rand"
	_ "embed"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/protocol/passkey/passkeytest"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/service/signin"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// Tree is the configuration of the world, and Logo its one file besides.
var (
	//go:embed tree.yaml
	Tree string
	//go:embed harbourlight.svg
	Logo string
)

// URL is where the production environment lives; preview is below it.
const URL = "https://id.harbourlight.test"

// Cost is that of the world's hashes: the least that does not count as weak.
var Cost = passhash.Argon2Cost{MemoryKiB: 1024, Time: 1, Threads: 1}

// World is everything that a test needs. Its fields are the real services.
type World struct {
	T         testing.TB
	Store     store.Store
	Registry  *environment.Registry
	Live      *environment.Live // production
	Preview   *environment.Live
	Audit     *audit.Log
	Master    *keyring.Master
	Ring      *keyring.Ring
	Directory *directory.Directory
	Outbox    *Outbox // of codes
	Codes     *code.Service
	SignIn    *signin.Service

	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
	asked []string
}

// Engine opens an empty store for a test, which closes it. watch is told of each
// statement that it is asked.
type Engine func(t testing.TB, now func() time.Time, watch func(statement string)) (store.Store, error)

// Embedded is the engine of worlds for which nothing else is said.
func Embedded(t testing.TB, now func() time.Time, watch func(statement string)) (store.Store, error) {
	return sqlite.Open(context.Background(), sqlite.Config{Path: filepath.Join(t.TempDir(), "world.db"), Now: now, Watch: watch})
}

// New builds a world whose environments live at url; change may adjust how its
// sign-in service is made.
func New(t testing.TB, url string, change func(*signin.Config)) *World {
	t.Helper()
	return NewOn(t, Embedded, url, change)
}

// NewOn is [New] on an engine.
func NewOn(t testing.TB, open Engine, url string, change func(*signin.Config)) *World {
	t.Helper()
	w := &World{T: t, now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	ctx, log := context.Background(), slog.New(slog.NewTextHandler(t.Output(), nil))
	var err error
	w.Store, err = open(t, w.Now, w.watch)
	w.must(err)
	t.Cleanup(func() { _ = w.Store.Close() })
	w.Audit = audit.New(w.Store, w.Now, rand.Reader)
	w.Registry = environment.New(environment.Config{
		Store: w.Store, Audit: w.Audit, Now: w.Now, Log: log,
		Builtin: map[string]string{"listen.url": url, "listen.gateway": "https://api.harbourlight.test"},
	})
	w.must(w.Registry.Start(ctx))
	w.Live, w.Preview = w.create("production"), w.create("preview")
	w.Master, err = keyring.GenerateMaster(io.Discard)
	w.must(err)
	w.Ring = keyring.New(keyring.Config{Store: w.Store, Master: w.Master, Audit: w.Audit, Now: w.Now, Rand: rand.Reader})
	w.Directory = directory.New(directory.Config{Store: w.Store, Audit: w.Audit, Feed: w.Registry, Now: w.Now})
	w.Outbox = &Outbox{}
	w.Codes = code.New(code.Config{Region: "US", Store: w.Store, Keys: w.Ring, Messages: w.Outbox, Audit: w.Audit, Now: w.Now, Rand: rand.Reader})
	cfg := signin.Config{
		Codes: w.Codes, Tasks: map[journey.Ask]signin.Task{journey.Terms: signin.NewTerms(w.Directory)},
		Store: w.Store, Directory: w.Directory, Keys: w.Ring, Sealer: w.Master, Feed: w.Registry, Audit: w.Audit,
		Now: w.Now, Rand: rand.Reader, Log: log, Region: "US", Cost: Cost, Workers: 2, Queue: 500, Sleep: w.sleep,
	}
	if change != nil {
		change(&cfg)
	}
	w.SignIn = signin.New(cfg)
	return w
}

func (w *World) create(name string) *environment.Live {
	w.T.Helper()
	live, err := w.Registry.Create(context.Background(), "harbourlight", name, false, "tester")
	w.must(err)
	w.Apply(live, Tree)
	return live
}

// Apply makes tree the newest revision of an environment.
func (w *World) Apply(live *environment.Live, tree string) {
	w.T.Helper()
	parsed, problems := config.Parse(map[string][]byte{"tree.yaml": []byte(tree), "harbourlight.svg": []byte(Logo)})
	if config.Refused(problems) {
		w.T.Fatalf("tree: %v", problems)
	}
	var base int64
	if snapshot := live.Snapshot(); snapshot != nil {
		base = snapshot.Revision
	}
	_, _, err := w.Registry.Apply(context.Background(), live.ID, environment.Change{Tree: parsed, Base: base, Author: "tester"})
	w.must(err)
}

// AskForCodes makes the sign-in of production ask for a code, "always" or of
// those "enrolled".
func (w *World) AskForCodes(when string) {
	w.T.Helper()
	const password = "  - {name: password, ask: password}\n"
	w.Apply(w.Live, strings.Replace(Tree, password, password+"  - {name: code, ask: totp, when: "+when+"}\n", 1))
}

func (w *World) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Now is the world's clock.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Pass lets time pass.
func (w *World) Pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *World) sleep(_ context.Context, d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.slept = append(w.slept, d)
}

// Slept gives how long answers were held back, in order.
func (w *World) Slept() []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]time.Duration(nil), w.slept...)
}

func (w *World) watch(statement string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, statement)
}

// Asked gives the statements that the store was asked since the last time, in order.
func (w *World) Asked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := w.asked
	w.asked = nil
	return asked
}

// Hash gives a hash as the product itself makes them.
func (w *World) Hash(password string) string {
	w.T.Helper()
	encoded, err := passhash.New(rand.Reader, []byte(password), Cost)
	w.must(err)
	return encoded
}

// Customer creates an active customer with a username and the e-mail address
// username@mail.test. An empty hash means that they have no password.
func (w *World) Customer(username, hash string) customer.ID {
	w.T.Helper()
	var id customer.ID
	_, _ = rand.Read(id[:])
	one := store.NewCustomer{
		Customer: customer.Customer{ID: id, State: customer.Active, Name: username, Created: w.Now(), Updated: w.Now()},
		Identifiers: []customer.Identifier{
			{Kind: customer.Username, Value: username, Display: username, Source: "customer"},
			{Kind: customer.Email, Value: username + "@mail.test", Display: username + "@mail.test", Source: "customer"},
		},
	}
	if hash != "" {
		sealed, err := w.Master.Seal(context.Background(), w.Live.ID, "credential/"+id.String(), []byte(hash))
		w.must(err)
		parsed, err := passhash.Parse(hash)
		w.must(err)
		one.Credential = &store.Credential{Customer: id, Sealed: sealed, Scheme: string(parsed.Scheme()), Weak: parsed.Weak(), Updated: w.Now()}
	}
	w.must(w.Store.Write(context.Background(), w.Live.ID, func(tx store.Tx) error {
		return tx.CreateCustomers(context.Background(), []store.NewCustomer{one})
	}))
	return id
}

// Passkey gives a customer a passkey, as an import does.
func (w *World) Passkey(owner customer.ID, c *passkeytest.Credential, change func(*store.Passkey)) store.PasskeyID {
	w.T.Helper()
	p := store.Passkey{
		ID: store.PasskeyIDOf(c.ID), Customer: owner, RPID: c.RPID, UserHandle: c.UserHandle, PublicKey: c.PublicKey(w.T),
		Discoverable: true, Label: "Phone", Source: "migration/orchard",
	}
	if change != nil {
		change(&p)
	}
	w.must(w.Store.Write(context.Background(), w.Live.ID, func(tx store.Tx) error {
		return tx.PutPasskeys(context.Background(), []store.Passkey{p})
	}))
	return p.ID
}

// Events gives the audit events of a type or prefix, newest first.
func (w *World) Events(kind audit.Type) []store.ChainedEvent {
	w.T.Helper()
	events, _, err := w.Store.AuditEvents(context.Background(), w.Live.ID, store.AuditQuery{Type: string(kind), Limit: 1000})
	w.must(err)
	return events
}

// Journeys is what [World.AllJourneys] adds.
const Journeys = `
---
kind: journey
name: registration
purpose: registration
groups: [newcomers]
steps:
  - {name: identifier, ask: identifier}
  - {name: address, ask: verify}
  - {name: password, ask: new-password}
  - {name: about-you, ask: profile, fields: [name, household], most: 2, skip: true}
---
kind: journey
name: recovery
purpose: recovery
steps:
  - {name: identifier, ask: identifier}
  - {name: address, ask: verify}
  - {name: second, ask: totp}
  - {name: password, ask: new-password}
`

// AllJourneys lets people register and recover in production, and asks those enrolled
// for a code.
func (w *World) AllJourneys() { w.AllJourneysAsking("  - {name: code, ask: totp, when: enrolled}\n") }

// AllJourneysAsking is AllJourneys with other steps behind the password, as YAML.
func (w *World) AllJourneysAsking(steps string) {
	w.T.Helper()
	const password = "  - {name: password, ask: password}\n"
	tree := strings.Replace(Tree, password, password+steps, 1)
	tree = strings.Replace(tree, "environments:\n", "groups:\n  - {name: newcomers}\nattributes:\n  - {name: household, title: People in your household, type: number, owner: retail, purpose: advice, classification: personal, retention: relationship, self_service: true}\nenvironments:\n", 1)
	w.Apply(w.Live, tree+Journeys)
}
