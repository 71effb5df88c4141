package directory_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/store"
	"sallyport/store/sqlite"
)

const peopleTree = `
kind: tenant
name: acme
environments:
  production: {url: "https://acme.example"}
groups: [{name: members}, {name: solar}]
attributes:
  - {name: nickname, owner: a, purpose: b, classification: personal, retention: relationship, self_service: true}
  - {name: meters, type: number, owner: a, purpose: b, classification: internal, retention: relationship}
  - {name: tariff, owner: a, purpose: b, classification: internal, retention: relationship, of: account}
---
kind: document
name: terms
versions:
  - {version: "1", from: 2026-01-01, texts: [{language: en, url: "https://acme.example/terms"}]}
  - {version: "2", from: 2026-12-01, texts: [{language: en, url: "https://acme.example/terms"}]}
---
kind: purpose
name: tips
version: "1"
asked: registration
texts: [{language: en, text: May we?}, {language: es, text: Podemos?}]
`

// messenger is what a messenger was handed.
type messenger struct {
	messages []notify.Message
	notices  []notify.Notice
}

func (t *messenger) Queue(_ context.Context, _ store.Tx, _ *environment.Live, m notify.Message) error {
	t.messages = append(t.messages, m)
	return nil
}

func (t *messenger) Tell(_ context.Context, _ store.Tx, _ *environment.Live, n notify.Notice) error {
	t.notices = append(t.notices, n)
	return nil
}

// town is an environment with people, accounts and a clock that tests move.
type town struct {
	*directory.Directory
	t     *testing.T
	store *sqlite.Store
	live  *environment.Live
	cfg   directory.Config
	told  *messenger
	now   time.Time
}

var rita = audit.Operator("rita")

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{t: t, told: &messenger{}, now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	var err error
	w.store, err = sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "town.db"), Now: clock})
	w.ok(err)
	t.Cleanup(func() { _ = w.store.Close() })
	log := audit.New(w.store, clock, rand.Reader)
	registry := environment.New(environment.Config{Store: w.store, Audit: log, Now: clock, Log: slog.New(slog.DiscardHandler)})
	w.ok(registry.Start(t.Context()))
	w.live, err = registry.Create(t.Context(), "acme", "production", false, "operator/rita")
	w.ok(err)
	tree, problems := config.Parse(map[string][]byte{"tree.yaml": []byte(peopleTree)})
	if config.Refused(problems) {
		t.Fatal(problems)
	}
	_, _, err = registry.Apply(t.Context(), w.live.ID, environment.Change{Tree: tree, Author: "operator/rita"})
	w.ok(err)
	w.cfg = directory.Config{
		Store: w.store, Audit: log, Feed: registry, Now: clock, Notify: w.told,
		Digest: func(_ context.Context, _ store.EnvironmentID, text string) ([]byte, error) {
			return []byte{byte(len(text))}, nil
		},
	}
	w.Directory = directory.New(w.cfg)
	return w
}

// with gives another node of the same town.
func (w *town) with(change func(*directory.Config)) *directory.Directory {
	cfg := w.cfg
	change(&cfg)
	return directory.New(cfg)
}

func (w *town) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) is(err, want error) {
	w.t.Helper()
	if !errors.Is(err, want) {
		w.t.Fatalf("error is %v, want %v", err, want)
	}
}

// person makes a customer with a verified address and a username.
func (w *town) person(name string) customer.ID {
	w.t.Helper()
	var id customer.ID
	_, _ = rand.Read(id[:])
	w.ok(w.store.Write(w.t.Context(), w.live.ID, func(tx store.Tx) error {
		return tx.CreateCustomers(w.t.Context(), []store.NewCustomer{{
			Customer: customer.Customer{ID: id, State: customer.Active, Name: strings.ToUpper(name[:1]) + name[1:], Created: w.now, Updated: w.now},
			Identifiers: []customer.Identifier{
				{Kind: customer.Email, Value: name + "@mail.test", Display: name + "@mail.test", Verified: true, Source: "customer"},
				{Kind: customer.Username, Value: name, Display: name, Source: "customer"},
			},
		}})
	}))
	return id
}

// account opens one of which somebody is the owner.
func (w *town) account(number string, owner customer.ID) customer.Account {
	w.t.Helper()
	a, err := w.OpenAccount(w.t.Context(), w.live, directory.AccountPatch{Number: &number}, "operator", rita)
	w.ok(err)
	w.ok(w.Join(w.t.Context(), w.live, directory.Joining{Account: a.ID, Customer: owner, Role: customer.Owner, Grounds: directory.Grounds{How: directory.ByOperator}}, rita))
	return a
}

// events lists the types about a customer, oldest first.
func (w *town) events(id customer.ID) (types []string) {
	w.t.Helper()
	page, _, err := w.store.AuditEvents(w.t.Context(), w.live.ID, store.AuditQuery{Customer: id.String(), Limit: 100})
	w.ok(err)
	for i := len(page) - 1; i >= 0; i-- {
		types = append(types, page[i].Type)
	}
	return types
}

func ptr[T any](v T) *T { return &v }
