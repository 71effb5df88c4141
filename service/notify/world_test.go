package notify_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/egress"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/service/notify"
	"sallyport/service/vault"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// world is an environment with an outbox and a clock that tests move.
type world struct {
	*testing.T
	*notify.Service
	store  *sqlite.Store
	path   string
	live   *environment.Live
	there  *environment.Live // as pages at the other brand's host see it
	master *keyring.Master
	cfg    notify.Config
	log    safeBuffer

	mu  sync.Mutex
	now time.Time
}

// safeBuffer is a log that several write to.
type safeBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

const tree = `kind: tenant
name: acme
title: Acme Energy
environments: {production: {url: "https://my.acme.example", gateway: "https://api.acme.example"}}
---
{kind: brand, name: acme, title: Acme Energy, default: true, help: "https://help.acme.example/"}
---
{kind: brand, name: orchard, title: Orchard Valley Power, hosts: [my.orchard.example]}
`

func newWorld(t *testing.T, senders ...string) *world {
	t.Helper()
	w := &world{T: t, now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), path: filepath.Join(t.TempDir(), "store.db")}
	ctx, log := t.Context(), slog.New(slog.NewTextHandler(&w.log, nil))
	var err error
	w.store, err = sqlite.Open(ctx, sqlite.Config{Path: w.path, Now: w.clock})
	w.must(err)
	t.Cleanup(func() { _ = w.store.Close() })
	w.master, err = keyring.GenerateMaster(io.Discard)
	w.must(err)
	ledger := audit.New(w.store, w.clock, rand.Reader)
	registry := environment.New(environment.Config{
		Store: w.store, Audit: ledger, Now: w.clock, Log: log,
		Builtin: map[string]string{"listen.url": "https://my.acme.example", "listen.gateway": "https://api.acme.example"},
	})
	w.must(registry.Start(ctx))
	w.live, err = registry.Create(ctx, "acme", "production", false, "tester")
	w.must(err)
	parsed, problems := config.Parse(map[string][]byte{"tree.yaml": []byte(tree + "---\n" + strings.Join(senders, "\n---\n"))})
	if config.Refused(problems) {
		t.Fatalf("tree: %v", problems)
	}
	_, _, err = registry.Apply(ctx, w.live.ID, environment.Change{Tree: parsed, Author: "tester"})
	w.must(err)
	w.there, _, _ = registry.Route(environment.Pages, "my.orchard.example", "/")
	secrets := vault.New(vault.Config{Store: w.store, Sealer: w.master, Audit: ledger, Now: w.clock})
	_, err = secrets.Put(ctx, w.live.ID, vault.Change{Name: "signing", By: "operator/rita"}, []byte("a key of the adapter"))
	w.must(err)
	w.cfg = notify.Config{
		Store: w.store, Sealer: w.master, Secrets: secrets, Audit: ledger, Environments: func() []*environment.Live { return []*environment.Live{w.live} },
		Now: w.clock, Rand: rand.Reader, Log: log, Letters: t.TempDir(), Every: time.Millisecond, Private: egress.Everywhere(),
	}
	w.Service = notify.New(w.cfg)
	return w
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

// queue queues messages in one transaction.
func (w *world) queue(all ...notify.Message) {
	w.Helper()
	w.must(w.store.Write(w.Context(), w.live.ID, func(tx store.Tx) error {
		for _, m := range all {
			if err := w.Queue(w.Context(), tx, w.live, m); err != nil {
				return err
			}
		}
		return nil
	}))
}

// listed is the outbox, oldest first.
func (w *world) listed() []store.Message {
	w.Helper()
	found, err := w.store.Messages(w.Context(), w.live.ID, store.MessagePage{Limit: 1000})
	w.must(err)
	slices.Reverse(found)
	return found
}

// state is where the only message is, and why.
func (w *world) state() string {
	w.Helper()
	all := w.listed()
	if len(all) != 1 {
		w.Fatalf("%d messages", len(all))
	}
	return strings.TrimSpace(string(all[0].State) + " " + all[0].Reason)
}

// run runs services until done is true of the world.
func (w *world) run(done func() bool, services ...*notify.Service) {
	w.Helper()
	if len(services) == 0 {
		services = []*notify.Service{w.Service}
	}
	ctx, stop := context.WithTimeout(w.Context(), 20*time.Second)
	defer stop()
	var all sync.WaitGroup
	for _, s := range services {
		all.Go(func() { _ = s.Run(ctx) })
	}
	for !done() && ctx.Err() == nil {
		time.Sleep(time.Millisecond) // what is awaited is another goroutine's, and has no signal
	}
	if ctx.Err() != nil {
		w.Errorf("it never came to that: %+v\n%s", w.listed(), w.log.String())
	}
	stop()
	all.Wait()
}

// settled tells whether nothing is to be done now.
func (w *world) settled() bool {
	now := w.clock()
	return !slices.ContainsFunc(w.listed(), func(m store.Message) bool {
		return m.State == store.MessageSending || m.State == store.MessageQueued && !m.Due.After(now)
	})
}

// adapter is somebody's adapter of text messages.
type adapter struct {
	*httptest.Server
	mu     sync.Mutex
	orders []map[string]any
	heads  []http.Header
	bodies []string
}

// newAdapter gives one that answers as told; without that it takes everything.
func newAdapter(t *testing.T, answer func(w http.ResponseWriter, id string)) *adapter {
	t.Helper()
	a := &adapter{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var order map[string]any
		if err := json.Unmarshal(body, &order); err != nil {
			t.Errorf("an order is no JSON: %v", err)
		}
		a.mu.Lock()
		a.orders, a.heads, a.bodies = append(a.orders, order), append(a.heads, r.Header), append(a.bodies, string(body))
		a.mu.Unlock()
		id, _ := order["id"].(string)
		if answer != nil {
			answer(w, id)
			return
		}
		fmt.Fprintf(w, `{"id":%q}`, id)
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *adapter) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.orders)
}

// sender is the object that names the adapter.
func (a *adapter) sender(channel string) string {
	return fmt.Sprintf("{kind: sender, name: by-%s, channel: %s, url: %q, secret: signing, timeout: 1s, from: %s}", channel, channel, a.URL, "no-reply@acme.example")
}

// code is a message that hands a code out.
func (w *world) code(by message.Channel, address string) notify.Message {
	return notify.Message{
		To: notify.To{Channel: by, Address: address, Language: "es-MX"}, Template: message.SignInCode,
		Values: map[string]string{"code": "204 981", "minutes": "10"}, Until: w.clock().Add(10 * time.Minute),
	}
}

// news is a message that tells of a change.
func (w *world) news(by message.Channel, address string) notify.Message {
	return notify.Message{
		To: notify.To{Channel: by, Address: address, Name: "Aroha Ngata"}, Template: message.PasswordChanged,
		Values: map[string]string{"name": "Aroha Ngata", "when": "now"},
	}
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
