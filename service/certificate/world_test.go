package certificate

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/service/keyring"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// world is a store with a clock, and an authority that takes no order.
type world struct {
	*testing.T
	store     *reading
	master    *keyring.Master
	audit     *audit.Log
	authority *authority
	log       *lines

	mu    sync.Mutex
	now   time.Time
	names []string
}

// reading counts what the store is asked.
type reading struct {
	*sqlite.Store
	asked atomic.Int64
}

func (r *reading) CertificateFile(ctx context.Context, env store.EnvironmentID, name string) (store.CertificateFile, error) {
	r.asked.Add(1)
	return r.Store.CertificateFile(ctx, env, name)
}

func (r *reading) CertificateFiles(ctx context.Context, env store.EnvironmentID, below string) ([]store.CertificateFile, error) {
	r.asked.Add(1)
	return r.Store.CertificateFiles(ctx, env, below)
}

func (r *reading) Write(ctx context.Context, env store.EnvironmentID, do func(store.Tx) error) error {
	r.asked.Add(1)
	return r.Store.Write(ctx, env, do)
}

// lines is a log that tests read.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newWorld(t *testing.T, names ...string) *world {
	t.Helper()
	w := &world{T: t, now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), names: names, log: &lines{}}
	opened, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "world.db"), Now: w.clock})
	w.must(err)
	t.Cleanup(func() { _ = opened.Close() })
	w.store = &reading{Store: opened}
	w.master, err = keyring.GenerateMaster(io.Discard)
	w.must(err)
	w.audit = audit.New(w.store, w.clock, rand.Reader)
	w.authority = newAuthority(t)
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

func (w *world) served() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.names
}

func (w *world) config() Config {
	return Config{
		Store: w.store, Sealer: w.master, Audit: w.audit, Names: w.served, Directory: w.authority.URL + "/directory", Email: "tls@acme.example",
		Roots: w.authority.roots, TLSHost: "127.0.0.1", TLSPort: 1, Now: w.clock, Rand: rand.Reader,
		Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

func (w *world) node() *Service {
	w.Helper()
	s, err := New(w.config())
	w.must(err)
	w.Cleanup(func() { _ = s.Close() })
	return s
}

// authority is one that counts what it is asked, and takes no order: its limit is
// always reached.
type authority struct {
	*httptest.Server
	roots           *x509.CertPool
	requests, tries atomic.Int64
	tried           chan struct{} // one for each order
}

func newAuthority(t *testing.T) *authority {
	a := &authority{tried: make(chan struct{}, 1000)}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, status int, body any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
	mux.HandleFunc("/directory", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"newNonce": a.URL + "/nonce", "newAccount": a.URL + "/account", "newOrder": a.URL + "/order"})
	})
	mux.HandleFunc("/nonce", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/account", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", a.URL+"/account/1")
		answer(w, http.StatusCreated, map[string]string{"status": "valid"})
	})
	mux.HandleFunc("/order", func(w http.ResponseWriter, _ *http.Request) {
		a.tries.Add(1)
		a.tried <- struct{}{}
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
		_ = json.NewEncoder(w).Encode(map[string]any{"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many certificates", "status": 429})
	})
	a.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.requests.Add(1)
		w.Header().Set("Replay-Nonce", rand.Text())
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(a.Close)
	a.roots = x509.NewCertPool()
	a.roots.AddCert(a.Certificate())
	return a
}
