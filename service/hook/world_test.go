package hook

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"sallyport/protocol/jose"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/egress"
	"sallyport/store"
)

// world is a service with a clock that tests move and a ledger that they read.
type world struct {
	*Service
	t      *testing.T
	signer *jose.Signer
	verify *jose.Verifier

	mu     sync.Mutex
	now    time.Time
	events []store.Event
}

func newWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	key, err := jose.GenerateKey(rand.Reader, jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	if w.signer, err = jose.NewSigner(key, TokenType); err != nil {
		t.Fatal(err)
	}
	if w.verify, err = jose.NewVerifier(jose.KeySet{key.Public()}, TokenType); err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Audit: audit.New(w, w.clock, rand.Reader), Now: w.clock, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler), Private: egress.Everywhere(),
	}
	for _, c := range change {
		c(&cfg)
	}
	w.Service = New(cfg)
	return w
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

// Record implements audit.Recorder.
func (w *world) Record(_ context.Context, _ store.EnvironmentID, events ...store.Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, events...)
	return nil
}

func (w *world) count(kind audit.Type) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e.Type == string(kind) {
			n++
		}
	}
	return n
}

// question is one about a token of two scopes, of which hooks judge one.
func (w *world) question() Question {
	return Question{
		Env: 7, Tenant: "harbourlight", Environment: "production", Revision: 3, Server: "apps", Issuer: "https://id.test/hl/apps",
		Application: "my-account", Grant: access.AuthorizationCode, Subject: "cus_1",
		Attributes: map[string]string{"tariff": "green", "account_number": "HL-4711"},
		Scopes:     []access.Scope{"openid", "billing.read.bill", "billing.write.payment"},
		Claims: []config.ClaimSpec{
			{Name: "risk", Hook: "risk", Type: "string"}, {Name: "other", Hook: "another"}, {Name: "constant", Value: "x"},
		},
		Signer: w.signer,
	}
}

// risk is a hook at an address.
func risk(url string) *config.Hook {
	return &config.Hook{
		Meta: config.Meta{Name: "risk"}, URL: url, Timeout: config.Duration(time.Second), OnFailure: config.HookRefuse,
		Judges: []string{"billing.write.payment", "outage.write.report"}, Sends: []string{"tariff", "language"},
	}
}

// serve answers questions on loopback.
func serve(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(func() {
		server.CloseClientConnections() // handlers that hang see it
		server.Close()
	})
	return server.URL
}

// asked reads a question without verifying it.
func asked(t *testing.T, r *http.Request) (request, string) {
	t.Helper()
	token, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	var q request
	if _, payload, err := readable(string(token)); err != nil || json.Unmarshal(payload, &q) != nil {
		t.Errorf("%q is no question", token)
	}
	return q, string(token)
}

// says answers with JSON in which %ID% stands for the question's id.
func says(t *testing.T, text func(id string) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q, _ := asked(t, r)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = io.WriteString(w, text(q.ID))
	}
}

func one(w *world, h *config.Hook) Outcome {
	w.t.Helper()
	return w.Ask(w.t.Context(), w.question(), []*config.Hook{h})[0]
}
