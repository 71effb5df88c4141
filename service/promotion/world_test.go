package promotion_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/review"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/promotion"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// treeText is a small utility whose production is protected.
const treeText = `kind: tenant
name: harbourlight
environments:
  production: {url: "https://id.harbourlight.example", gateway: "https://api.harbourlight.example", protected: true}
  preview: {url: "https://id.harbourlight.example/preview", gateway: "https://api.harbourlight.example/preview"}
groups: [{name: residents}, {name: landlords}, {name: solar}]
---
kind: authorization-server
name: apps
audience: https://api.harbourlight.example/apps
scopes:
  - {name: billing.read.bill, kind: customer-read}
  - {name: billing.write.payment, kind: customer-write}
policies:
  - name: own
    applications: [my-account]
    rules:
      - {name: see, groups: {any: [residents]}, scopes: [billing.read.bill]}
      - {name: pay, groups: {any: [landlords]}, scopes: [billing.read.bill, billing.write.payment]}
  - name: others
    applications: [payright]
    rules:
      - {name: pay, groups: {any: [residents]}, scopes: [billing.write.payment], lifetimes: {access: 5m}}
---
kind: application
name: my-account
type: web
redirects: [https://my.harbourlight.example/cb]
assigned: {apps: [billing.read.bill, billing.write.payment]}
---
kind: application
name: payright
type: web
redirects: [https://pay.harbourlight.example/cb]
assigned: {apps: [billing.write.payment]}
`

// What tests change of it: each is an old and a new text.
var (
	widerPeople = [2]string{"{name: pay, groups: {any: [landlords]}", "{name: pay, groups: {any: [landlords, solar]}"}
	longerLife  = [2]string{"lifetimes: {access: 5m}", "lifetimes: {access: 10m}"}
	narrower    = [2]string{"{name: see, groups: {any: [residents]}", "{name: see, groups: {any: [residents], none: [solar]}"}
	neutral     = [2]string{"name: payright\n", "name: payright\ntitle: PayRight\n"}
	newRedirect = [2]string{"https://pay.harbourlight.example/cb]", "https://pay.harbourlight.example/cb, https://new.harbourlight.example/cb]"}
	twoNeeded   = [2]string{"protected: true", "protected: true, approvals: 2"}
)

// operators who may approve, until they may not.
type operators struct {
	mu  sync.Mutex
	may map[customer.ID]bool
}

func (o *operators) MayApprove(_ context.Context, id customer.ID, tenant, environment string) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.may[id] && tenant == "harbourlight" && (environment == "production" || environment == "preview"), nil
}

func (o *operators) set(by promotion.By, may bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.may[by.ID] = may
}

var (
	robin = promotion.By{ID: customer.ID{1}, Name: "robin"}
	sam   = promotion.By{ID: customer.ID{2}, Name: "sam"}
	kim   = promotion.By{ID: customer.ID{3}, Name: "kim"}
	desk  = promotion.By{ID: customer.ID{4}, Name: "desk"} // may not approve
)

// world is a store with both environments, and a node that serves it.
type world struct {
	*testing.T
	store     *sqlite.Store
	audit     *audit.Log
	registry  *environment.Registry
	live      *environment.Live // production
	operators *operators
	service   *promotion.Service
	config    promotion.Config

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T, gates ...promotion.Gate) *world {
	t.Helper()
	return worldAt(t, filepath.Join(t.TempDir(), "store.db"), func(c *promotion.Config) { c.Gates = gates })
}

// worldAt is a world on a store that may have been used before.
func worldAt(t *testing.T, path string, change func(*promotion.Config)) *world {
	t.Helper()
	w := &world{T: t, now: time.Date(2026, 11, 22, 10, 0, 0, 123456789, time.UTC), operators: &operators{may: map[customer.ID]bool{}}}
	var err error
	w.store, err = sqlite.Open(t.Context(), sqlite.Config{Path: path, Now: w.clock})
	w.must(err)
	t.Cleanup(func() { _ = w.store.Close() })
	w.audit = audit.New(w.store, w.clock, rand.Reader)
	w.registry = w.node()
	for _, by := range []promotion.By{robin, sam, kim} {
		w.operators.set(by, true)
	}
	w.config = promotion.Config{Store: w.store, Environments: w.registry, Operators: w.operators, Audit: w.audit, Now: w.clock}
	change(&w.config)
	w.service = promotion.New(w.config)
	w.live = w.environment("production")
	return w
}

// environment finds or makes one that runs the tree.
func (w *world) environment(name string) *environment.Live {
	w.Helper()
	live, found := w.registry.ByName("harbourlight", name)
	if found {
		return live
	}
	live, err := w.registry.Create(w.Context(), "harbourlight", name, false, "robin")
	w.must(err)
	w.force(live, w.tree())
	return live
}

// node is one process over the world's store.
func (w *world) node() *environment.Registry {
	w.Helper()
	r := environment.New(environment.Config{
		Store: w.store, Audit: w.audit, Now: w.clock, Log: slog.New(slog.DiscardHandler),
		Builtin: map[string]string{"listen.url": "http://localhost:8080", "listen.gateway": "http://localhost:8081"},
	})
	w.must(r.Start(w.Context()))
	return r
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

// tree is the utility's with some texts changed.
func (w *world) tree(changes ...[2]string) *config.Tree {
	w.Helper()
	text := treeText
	for _, c := range changes {
		if !strings.Contains(text, c[0]) {
			w.Fatalf("the tree has no %q", c[0])
		}
		text = strings.Replace(text, c[0], c[1], 1)
	}
	tree, problems := config.Parse(map[string][]byte{"tree.yaml": []byte(text)})
	if config.Refused(problems) {
		w.Fatal(problems)
	}
	return tree
}

// force applies a tree past every protection.
func (w *world) force(live *environment.Live, tree *config.Tree) {
	w.Helper()
	_, _, err := w.registry.Apply(w.Context(), live.ID, environment.Change{Tree: tree, Base: w.head(live), Author: "robin", BreakGlass: "for a test"})
	w.must(err)
}

func (w *world) head(live *environment.Live) int64 {
	if s := live.Snapshot(); s != nil {
		return s.Revision
	}
	return 0
}

// propose proposes a tree on what production runs.
func (w *world) propose(by promotion.By, changes ...[2]string) *promotion.Shown {
	w.Helper()
	shown, err := w.service.Propose(w.Context(), w.live, promotion.Proposal{
		Tree: w.tree(changes...), Base: w.head(w.live), Title: "a tariff", Reason: "asked for", Source: "preview revision 7",
	}, by)
	w.must(err)
	return shown
}

// approve looks at a change and approves it.
func (w *world) approve(number int64, by promotion.By) error {
	w.Helper()
	shown, err := w.service.Show(w.Context(), w.live, number)
	w.must(err)
	_, err = w.service.Approve(w.Context(), w.live, number, shown.Binding, by)
	return err
}

func (w *world) apply(number int64) (*promotion.Applied, error) {
	return w.service.Apply(w.Context(), w.live, number, robin)
}

// applied is a change that was approved and applied.
func (w *world) applied(changes ...[2]string) *promotion.Applied {
	w.Helper()
	c := w.propose(robin, changes...)
	w.must(w.approve(c.Change.Number, sam))
	applied, err := w.apply(c.Change.Number)
	w.must(err)
	return applied
}

func (w *world) change(number int64) promotion.Change {
	w.Helper()
	c, err := w.store.Change(w.Context(), w.live.ID, number)
	w.must(err)
	return c
}

// failed are the gates that an error names.
func failed(err error) (names []string) {
	var e *promotion.GateError
	if errors.As(err, &e) {
		for _, g := range e.Failed {
			names = append(names, g.Name)
		}
	}
	return names
}

func (w *world) events(kind audit.Type) []store.ChainedEvent {
	w.Helper()
	events, _, err := w.store.AuditEvents(w.Context(), w.live.ID, store.AuditQuery{Type: string(kind), Limit: 100})
	w.must(err)
	return events
}

// refuses is a gate that nothing passes.
func refuses(promotion.Considered) ([]review.Gate, error) {
	return []review.Gate{{Name: "expectations", Text: "payright must never pay"}}, nil
}
