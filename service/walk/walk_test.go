package walk_test

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/pure/expect"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/signin/signintest"
	"sallyport/service/walk"
	"sallyport/store"
)

const tree = `kind: tenant
name: harbourlight
environments:
  production: {url: "https://id.harbourlight.test"}
  preview: {url: "https://preview.harbourlight.test", gateway: "https://api.preview.harbourlight.test"}
  guarded: {url: "https://guarded.harbourlight.test", gateway: "https://api.guarded.harbourlight.test", protected: true}
groups: [{name: members}]
---
kind: authorization-server
name: apps
audience: https://api.harbourlight.test
scopes:
  - {name: billing.read.bill, kind: customer-read}
  - {name: usage.read.interval, kind: system-read}
policies:
  - name: own
    applications: ["*"]
    rules:
      - {name: members-see, grants: [authorization_code], groups: {any: [members]}, scopes: [billing.read.bill]}
      - {name: machines-read, grants: [client_credentials], scopes: [usage.read.interval]}
---
{kind: application, name: site, type: web, redirects: ["https://site.harbourlight.test/"], assigned: {apps: [billing.read.bill]}}
---
{kind: application, name: meters, type: machine, assigned: {apps: [usage.read.interval]}}
---
{kind: brand, name: plain, default: true, accent: "#0b5fa5"}
---
kind: expectations
name: board
server: apps
owner: board
reason: Said so.
statements:
  - {must: obtain, application: site, scopes: [billing.read.bill]}
  - {must: obtain, application: meters, scopes: [usage.read.interval]}
`

// place is a service over a real store, with one environment to walk in.
type place struct {
	*signintest.World
	*walk.Service
	secrets *directory.Secrets
	by      audit.Actor
}

func newPlace(t *testing.T) *place {
	t.Helper()
	w := signintest.New(t, "https://id.harbourlight.test", nil)
	w.Apply(w.Preview, tree)
	secrets := directory.NewSecrets(directory.SecretsConfig{Store: w.Store, Audit: w.Audit, Feed: w.Registry, Now: w.Now, Rand: rand.Reader})
	return &place{w, walk.New(walk.Config{
		Store: w.Store, Sealer: w.Master, Secrets: secrets, Audit: w.Audit, Now: w.Now, Rand: rand.Reader,
		Cost: passhash.Argon2Cost{MemoryKiB: 1024, Time: 1, Threads: 1},
	}), secrets, audit.Operator("ada@host")}
}

func (p *place) begin(t *testing.T) walk.Begun {
	t.Helper()
	b, err := p.Begin(t.Context(), p.Preview, p.Preview.Snapshot(), walk.Ask{By: p.by})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// left counts what a run made and has not removed.
func (p *place) left(t *testing.T, id string) (customers, secrets int) {
	t.Helper()
	some, err := p.Store.Synthetics(t.Context(), p.Preview.ID, id, 1000)
	if err != nil {
		t.Fatal(err)
	}
	lent, err := p.Store.Secrets(t.Context(), p.Preview.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	return len(some), len(lent)
}

func TestAWalkLeavesNothingBehindButItsReport(t *testing.T) {
	p := newPlace(t)
	b := p.begin(t)
	if customers, secrets := p.left(t, b.ID); customers != 2 || secrets != 2 || len(b.Walks) != 3 {
		t.Fatalf("%d customers, %d secrets, %d walks", customers, secrets, len(b.Walks))
	}
	seen := make([]walk.Observed, len(b.Walks))
	for i, w := range b.Walks {
		seen[i] = walk.Observed{Outcome: w.Expected}
	}
	seen[0] = walk.Observed{Outcome: expect.Outcome{Error: "access_denied"}} // the machine, by the order of customers
	report, err := p.Finish(t.Context(), p.Preview, p.Preview.Snapshot(), b.ID, seen, p.by)
	if err != nil || report.AsProven != 2 || report.Failed != 1 || report.Results[0].State != walk.Differs {
		t.Fatalf("%+v, %v", report, err)
	}
	if customers, secrets := p.left(t, b.ID); customers != 0 || secrets != 0 {
		t.Errorf("%d customers and %d secrets are left", customers, secrets)
	}
	last, err := p.Last(t.Context(), p.Preview.ID)
	if err != nil || last.ID != b.ID || len(last.Results) != 3 {
		t.Errorf("%+v, %v", last, err)
	}
	if _, err := p.Finish(t.Context(), p.Preview, p.Preview.Snapshot(), b.ID, seen, p.by); !errors.Is(err, walk.ErrOver) {
		t.Errorf("a second end: %v", err)
	}
}

func TestWhatIsNotKnownNeverCountsAsPassed(t *testing.T) {
	p := newPlace(t)
	b := p.begin(t)
	seen := []walk.Observed{{}, {Broken: "the pages do not end"}}
	report, err := p.Finish(t.Context(), p.Preview, p.Preview.Snapshot(), b.ID, seen, p.by)
	if err != nil || report.AsProven != 0 || report.Failed != 2 || report.NotWalked != 1 {
		t.Errorf("%+v, %v", report, err)
	}
}

// Whoever walks may never come back: a crash, a closed laptop.
func TestWhatAWalkLeftIsSweptOnceItsTimeIsUp(t *testing.T) {
	p := newPlace(t)
	b := p.begin(t)
	sweep := func() {
		if err := p.Sweep(t.Context(), p.Preview.ID); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	if customers, _ := p.left(t, b.ID); customers != 2 {
		t.Fatalf("a walk that goes on has %d customers left", customers)
	}
	if _, err := p.Begin(t.Context(), p.Preview, p.Preview.Snapshot(), walk.Ask{By: p.by}); !errors.Is(err, walk.ErrRunning) {
		t.Errorf("a second walk: %v", err)
	}
	p.Pass(walk.Life + time.Second)
	sweep()
	if customers, secrets := p.left(t, b.ID); customers != 0 || secrets != 0 {
		t.Errorf("%d customers and %d secrets are left", customers, secrets)
	}
	if _, err := p.Store.Walk(t.Context(), p.Preview.ID, b.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the walk is there: %v", err)
	}
	if _, err := p.Finish(t.Context(), p.Preview, p.Preview.Snapshot(), b.ID, nil, p.by); !errors.Is(err, walk.ErrOver) {
		t.Errorf("it was finished: %v", err)
	}
	if !p.recorded(t, b.ID, audit.System) {
		t.Error("nobody can see that its customers were removed")
	}
	p.begin(t)
}

// recorded tells whether the ledger says that a run was given up, and by whom.
func (p *place) recorded(t *testing.T, id string, by audit.Actor) bool {
	t.Helper()
	events, _, err := p.Store.AuditEvents(t.Context(), p.Preview.ID, store.AuditQuery{Type: string(audit.WalkFinished), Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(events, func(e store.ChainedEvent) bool {
		return e.Result == "given-up" && e.Actor == string(by) && strings.Contains(string(e.Body), id)
	})
}

func TestNobodyWalksInProduction(t *testing.T) {
	p := newPlace(t)
	guarded, err := p.Registry.Create(t.Context(), "harbourlight", "guarded", false, "tester")
	if err != nil {
		t.Fatal(err)
	}
	for _, live := range []*environment.Live{p.Live, guarded} {
		p.Apply(p.Live, tree)
		if _, err := p.Begin(t.Context(), live, p.Preview.Snapshot(), walk.Ask{By: p.by}); !errors.Is(err, walk.ErrForbidden) {
			t.Errorf("%s: %v", live.Name, err)
		}
	}
}

func TestAWalkIsEndedByWhoBeganItAndUnderTheRevisionThatWasWalked(t *testing.T) {
	p := newPlace(t)
	b := p.begin(t)
	if _, err := p.Finish(t.Context(), p.Preview, p.Preview.Snapshot(), b.ID, nil, audit.Operator("eve@host")); !errors.Is(err, walk.ErrOver) {
		t.Errorf("somebody else: %v", err)
	}
	p.Apply(p.Preview, strings.Replace(tree, "Said so.", "Said otherwise.", 1))
	if _, err := p.Finish(t.Context(), p.Preview, p.Preview.Snapshot(), b.ID, nil, p.by); !errors.Is(err, walk.ErrMoved) {
		t.Errorf("another revision: %v", err)
	}
	if !p.recorded(t, b.ID, p.by) {
		t.Error("nobody can see that its customers were removed")
	}
	if customers, secrets := p.left(t, b.ID); customers != 0 || secrets != 0 {
		t.Errorf("%d customers and %d secrets are left", customers, secrets)
	}
}

// An application that has two secrets has no room for a third.
func TestAnApplicationThatCannotBeLentASecretIsNotWalked(t *testing.T) {
	p := newPlace(t)
	for range 2 {
		if _, _, err := p.secrets.CreateSecret(context.Background(), p.Preview.ID, "meters", p.by); err != nil {
			t.Fatal(err)
		}
	}
	b := p.begin(t)
	if b.Walks[0].Application != "meters" || !strings.Contains(b.Walks[0].Skipped, "no secret can be lent") {
		t.Errorf("%+v", b.Walks[0])
	}
	if _, found := b.Applications["meters"]; found {
		t.Error("it is told how to ask as it")
	}
}
