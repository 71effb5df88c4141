// Package issuetest builds a small world to issue tokens in: an environment of
// an invented utility on embedded storage, with a clock that tests move. The
// tests of service/issue and of web/authserver start from it, so that both
// speak of the same applications. Only tests import it.
package issuetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/egress"
	"sallyport/service/environment"
	"sallyport/service/hook"
	"sallyport/service/issue"
	"sallyport/service/keyring"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// Tree is the configuration of the world.
//
//go:embed tree.yaml
var Tree string

// Host is where the world's environment lives.
const Host = "id.harbourlight.test"

// World is everything that a test needs. Its fields are the real services.
type World struct {
	T        testing.TB
	Live     *environment.Live
	Registry *environment.Registry
	Store    *sqlite.Store
	Audit    *audit.Log
	Master   *keyring.Master // of Ring, for the ring of a second node
	Ring     *keyring.Ring
	Secrets  *directory.Secrets
	// Directory changes customers; its changes are heard at once.
	Directory *directory.Directory
	Issue     *issue.Service
	Feed      *Feed
	Log       *bytes.Buffer // everything that was logged

	mu  sync.Mutex
	now time.Time
}

// New builds a world under the configuration of tree.
func New(t testing.TB, tree string) *World {
	t.Helper()
	w := &World{T: t, now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Log: &bytes.Buffer{}}
	ctx := context.Background()
	var err error
	w.Store, err = sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(t.TempDir(), "world.db"), Now: w.Now})
	w.must(err)
	t.Cleanup(func() { _ = w.Store.Close() })
	log := slog.New(slog.NewTextHandler(&locked{w: w.Log}, nil))
	w.Audit = audit.New(w.Store, w.Now, rand.Reader)
	w.Registry = environment.New(environment.Config{
		Store: w.Store, Audit: w.Audit, Now: w.Now, Log: log,
		Builtin: map[string]string{"listen.url": "https://" + Host, "listen.gateway": "https://api.harbourlight.test"},
	})
	w.must(w.Registry.Start(ctx))
	w.Live, err = w.Registry.Create(ctx, "harbourlight", "production", false, "tester")
	w.must(err)
	w.Apply(tree)
	master, err := keyring.GenerateMaster(io.Discard)
	w.must(err)
	w.Master = master
	w.Feed = &Feed{from: w.Store}
	w.Ring = keyring.New(keyring.Config{Store: w.Store, Master: master, Audit: w.Audit, Now: w.Now, Rand: rand.Reader})
	w.Secrets = directory.NewSecrets(directory.SecretsConfig{Store: w.Store, Audit: w.Audit, Feed: w.Feed, Now: w.Now, Rand: rand.Reader})
	w.Directory = directory.New(directory.Config{Store: w.Store, Audit: w.Audit, Feed: w.Feed, Now: w.Now})
	w.Feed.Subscribe(w.Secrets.Changed)
	w.Issue = issue.New(issue.Config{
		Store: w.Store, Keys: w.Ring, Secrets: w.Secrets, Feed: w.Feed, Audit: w.Audit, Now: w.Now, Rand: rand.Reader,
		Hooks: hook.New(hook.Config{Audit: w.Audit, Now: w.Now, Rand: rand.Reader, Log: log, Private: egress.Everywhere()}),
	})
	return w
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

// Apply makes tree the newest revision.
func (w *World) Apply(tree string) {
	w.T.Helper()
	parsed, problems := config.Parse(map[string][]byte{"tree.yaml": []byte(tree)})
	if config.Refused(problems) {
		w.T.Fatalf("tree: %v", problems)
	}
	var base int64
	if snapshot := w.Live.Snapshot(); snapshot != nil {
		base = snapshot.Revision
	}
	_, _, err := w.Registry.Apply(context.Background(), w.Live.ID, environment.Change{Tree: parsed, Base: base, Author: "tester"})
	w.must(err)
}

// Change applies the live tree with old replaced by new, which must be there.
func (w *World) Change(old, new string) {
	w.T.Helper()
	if !strings.Contains(Tree, old) {
		w.T.Fatalf("the tree has no %q", old)
	}
	w.Apply(strings.ReplaceAll(Tree, old, new))
}

// View is the environment as a request sees it now.
func (w *World) View() issue.View {
	w.T.Helper()
	view, err := issue.ViewOf(w.Live)
	w.must(err)
	return view
}

// Secret makes a secret for an application.
func (w *World) Secret(application string) string {
	w.T.Helper()
	_, secret, err := w.Secrets.CreateSecret(context.Background(), w.Live.ID, application, audit.System)
	w.must(err)
	return secret
}

// Customer creates an active customer of groups, with a verified e-mail
// address, a phone number and a username.
func (w *World) Customer(name string, groups ...string) customer.Customer {
	w.T.Helper()
	var id customer.ID
	_, _ = rand.Read(id[:])
	c := customer.Customer{
		ID: id, State: customer.Active, Name: name, Groups: groups, Created: w.Now(), Updated: w.Now(),
		Attributes: map[string]string{"account_number": "HL-004711"},
	}
	local := strings.ToLower(strings.ReplaceAll(name, " ", "."))
	one := store.NewCustomer{Customer: c, Identifiers: []customer.Identifier{
		{Kind: customer.Email, Value: local + "@mail.test", Display: local + "@mail.test", Verified: true, Source: "customer"},
		{Kind: customer.Phone, Value: "+4930" + digits(id), Display: "030 " + digits(id), Source: "customer"},
		{Kind: customer.Username, Value: local, Display: local, Verified: true, Source: "customer"},
	}}
	w.must(w.Store.Write(context.Background(), w.Live.ID, func(tx store.Tx) error {
		return tx.CreateCustomers(context.Background(), []store.NewCustomer{one})
	}))
	stored, err := w.Store.Customer(context.Background(), w.Live.ID, id)
	w.must(err)
	return stored
}

func digits(id customer.ID) string {
	var b strings.Builder
	for _, c := range id[:7] {
		b.WriteByte('0' + c%10)
	}
	return b.String()
}

// SignIn gives a session of c by password, and its cookie's value.
func (w *World) SignIn(c customer.Customer) (issue.Person, string) {
	w.T.Helper()
	return w.SignInBy(c, issue.ACRPassword, "pwd")
}

// SignInBy gives a session of c that reached a class by methods.
func (w *World) SignInBy(c customer.Customer, acr string, methods ...string) (issue.Person, string) {
	w.T.Helper()
	var secret [32]byte
	s := store.Session{
		Customer: c.ID, SignedIn: w.Now(), Assurance: acr, Methods: methods,
		Created: w.Now(), Expires: w.Now().Add(12 * time.Hour),
	}
	_, _ = rand.Read(s.ID[:])
	_, _ = rand.Read(secret[:])
	s.SecretHash = sha256.Sum256(secret[:])
	w.must(w.Store.Write(context.Background(), w.Live.ID, func(tx store.Tx) error {
		return tx.CreateSession(context.Background(), s)
	}))
	return issue.Person{Session: s, Customer: c}, base64.RawURLEncoding.EncodeToString(append(s.ID[:], secret[:]...))
}

// SignOut ends a session, as service/signin does.
func (w *World) SignOut(p issue.Person) {
	w.T.Helper()
	id := p.Session.ID
	w.must(w.Store.Write(context.Background(), w.Live.ID, func(tx store.Tx) error {
		if err := tx.EndSession(context.Background(), id, w.Now()); err != nil {
			return err
		}
		return tx.Publish(context.Background(), store.FeedEntry{
			Kind: store.SessionEnded, Subject: hex.EncodeToString(id[:]), At: w.Now(), Until: w.Now().Add(25 * time.Hour),
		})
	}))
	w.Feed.Wake()
}

// Disable switches a customer off.
func (w *World) Disable(c customer.Customer) {
	w.T.Helper()
	w.must(w.Directory.Disable(context.Background(), w.Live.ID, c.ID, audit.System))
}

// Enable switches a customer on again.
func (w *World) Enable(c customer.Customer) {
	w.T.Helper()
	w.must(w.Directory.Enable(context.Background(), w.Live.ID, c.ID, audit.System))
}

// SignOutEverywhere ends whatever a customer was given until now.
func (w *World) SignOutEverywhere(c customer.Customer) {
	w.T.Helper()
	w.must(w.Directory.SignOut(context.Background(), w.Live.ID, c.ID, audit.System))
}

// Events gives the newest audit events of a type or prefix, newest first.
func (w *World) Events(kind audit.Type) []store.ChainedEvent {
	w.T.Helper()
	events, _, err := w.Store.AuditEvents(context.Background(), w.Live.ID, store.AuditQuery{Type: string(kind), Limit: 1000})
	w.must(err)
	return events
}

// Feed hands entries on as soon as somebody wakes it, and is as fresh as the
// test says.
type Feed struct {
	Stale error // what Fresh returns

	mu          sync.Mutex
	from        store.Feed
	position    int64
	subscribers []func(context.Context, store.FeedEntry)
}

// Fresh returns Stale.
func (f *Feed) Fresh() error { return f.Stale }

// Subscribe adds a subscriber.
func (f *Feed) Subscribe(s func(context.Context, store.FeedEntry)) {
	f.subscribers = append(f.subscribers, s)
}

// Wake reads the feed to its end.
func (f *Feed) Wake() {
	f.mu.Lock()
	defer f.mu.Unlock()
	entries, err := f.from.FeedAfter(context.Background(), f.position, 1000)
	if err != nil {
		panic(err)
	}
	for _, entry := range entries {
		f.position = entry.Position
		for _, tell := range f.subscribers {
			tell(context.Background(), entry)
		}
	}
}

// locked lets many goroutines log into one buffer.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
