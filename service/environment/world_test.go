package environment_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// world is a store on disk with a clock that tests move.
type world struct {
	*testing.T
	ctx   context.Context
	store *unreliable
	log   *logged

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, ctx: t.Context(), log: &logged{}, now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	opened, err := sqlite.Open(w.ctx, sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db"), Now: w.clock})
	w.must(err)
	t.Cleanup(func() { _ = opened.Close() })
	w.store = &unreliable{Store: opened}
	return w
}

// node is one process over the world's store, not started.
func (w *world) node() *environment.Registry { return w.nodeAt(w.clock) }

func (w *world) nodeAt(now func() time.Time) *environment.Registry {
	return environment.New(w.config(now))
}

func (w *world) config(now func() time.Time) environment.Config {
	return environment.Config{
		Store: w.store, Audit: audit.New(w.store, now, rand.Reader), Now: now,
		Builtin: map[string]string{"listen.url": "http://localhost:8080", "listen.gateway": "http://localhost:8081"},
		Log:     slog.New(slog.NewTextHandler(w.log, nil)),
	}
}

// started is a node that has read the feed to its end.
func (w *world) started() *environment.Registry {
	w.Helper()
	r := w.node()
	w.must(r.Start(w.ctx))
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

// production makes the environment that release is written for.
func (w *world) production(r *environment.Registry) *environment.Live {
	w.Helper()
	live, err := r.Create(w.ctx, "harbourlight", "production", false, "robin")
	w.must(err)
	return live
}

// apply applies tree on base and expects it to become a revision.
func (w *world) apply(r *environment.Registry, live *environment.Live, tree *config.Tree, base int64) int64 {
	w.Helper()
	number, applied, err := r.Apply(w.ctx, live.ID, environment.Change{Tree: tree, Base: base, Author: "robin", Message: "release"})
	w.must(err)
	if !applied || number != base+1 {
		w.Fatalf("revision %d, applied %v", number, applied)
	}
	return number
}

// plant stores content as the newest revision, as another release might have.
func (w *world) plant(env store.EnvironmentID, base int64, content string) {
	w.Helper()
	w.must(w.store.Write(w.ctx, env, func(tx store.Tx) error {
		number, err := tx.AppendRevision(w.ctx, store.Revision{Base: base, Content: []byte(content), Created: w.clock()})
		if err != nil {
			return err
		}
		return tx.Publish(w.ctx, store.FeedEntry{Kind: store.RevisionApplied, Subject: strconv.FormatInt(number, 10), Until: w.clock().Add(time.Hour)})
	}))
}

// events gives the results of the audit events of a type, newest first.
func (w *world) events(env store.EnvironmentID, kind audit.Type) []store.ChainedEvent {
	w.Helper()
	events, _, err := w.store.AuditEvents(w.ctx, env, store.AuditQuery{Type: string(kind), Limit: 1000})
	w.must(err)
	return events
}

const treeText = `kind: tenant
name: harbourlight
title: release N
environments:
  production: {url: "https://id.harbourlight.example", gateway: "https://api.harbourlight.example"}
  preview: {url: "https://id.harbourlight.example/preview"}
groups: [{name: residents}]
---
kind: authorization-server
name: apps
audience: https://api.harbourlight.example/N
scopes:
  - {name: billing.read.bill, kind: customer-read}
  - {name: billing.write.payment, kind: customer-write}
policies:
  - name: own
    applications: [my-account]
    rules: [{name: residents, groups: {any: [residents]}, scopes: [billing.read.bill], lifetimes: {access: 10m}}]
---
kind: application
name: my-account
type: web
redirects: [https://my.harbourlight.example/cb]
assigned: {apps: [billing.read.bill, billing.write.payment]}
`

// release is a tree that says its number in two places.
func (w *world) release(n int) *config.Tree {
	w.Helper()
	return w.tree(strings.ReplaceAll(treeText, "N", strconv.Itoa(n)))
}

func (w *world) tree(text string) *config.Tree {
	w.Helper()
	tree, problems := config.Parse(map[string][]byte{"tree.yaml": []byte(text)})
	if config.Refused(problems) {
		w.Fatal(problems)
	}
	return tree
}

// releaseOf reads the number of a release from the live configuration, and
// fails if it is not whole.
func releaseOf(t *testing.T, live *environment.Live) int {
	t.Helper()
	s := live.Snapshot()
	if s == nil {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimPrefix(s.Tenant.Title, "release "))
	if err != nil || s.Servers["apps"].Audience != fmt.Sprintf("https://api.harbourlight.example/%d", n) {
		t.Errorf("the snapshot of %q is not whole", s.Tenant.Title)
	}
	return n
}

// unreliable is a store that fails when told, and counts what is read.
type unreliable struct {
	store.Store
	away        atomic.Bool // the feed and revisions
	unreadable  atomic.Int64
	loads, asks atomic.Int64
}

func (u *unreliable) FeedAfter(ctx context.Context, position int64, limit int) ([]store.FeedEntry, error) {
	u.asks.Add(1)
	if u.away.Load() {
		return nil, store.ErrUnavailable
	}
	return u.Store.FeedAfter(ctx, position, limit)
}

func (u *unreliable) Revision(ctx context.Context, env store.EnvironmentID, number int64) (store.Revision, error) {
	u.loads.Add(1)
	switch {
	case u.away.Load():
		return store.Revision{}, store.ErrUnavailable
	case u.unreadable.Load() == int64(env):
		return store.Revision{}, errors.New("32 bytes stored as 31")
	}
	return u.Store.Revision(ctx, env, number)
}

// logged keeps what was logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// heard collects what a subscriber is told.
type heard struct {
	mu      sync.Mutex
	entries []store.FeedEntry
	each    chan store.FeedEntry // may be nil
}

func (h *heard) hear(_ context.Context, e store.FeedEntry) {
	h.mu.Lock()
	h.entries = append(h.entries, e)
	h.mu.Unlock()
	if h.each != nil {
		h.each <- e
	}
}

func (h *heard) all() []store.FeedEntry {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.entries
}
