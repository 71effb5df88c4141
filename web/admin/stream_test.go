package admin

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// ledger is events that tests append.
type ledger struct {
	mu     sync.Mutex
	events []store.ChainedEvent
}

func (l *ledger) add(kind string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, store.ChainedEvent{Event: store.Event{Type: kind}})
}

func (l *ledger) AuditEvents(context.Context, store.EnvironmentID, store.AuditQuery) ([]store.ChainedEvent, string, error) {
	return []store.ChainedEvent{{Event: store.Event{Type: "before", Personal: []byte(`{"address":"192.0.2.1"}`)}}}, "", nil
}

func (l *ledger) AuditTail(_ context.Context, _ store.EnvironmentID, cursor string, _ int) ([]store.ChainedEvent, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if cursor == "" {
		return nil, "now", nil
	}
	events := l.events
	l.events = nil
	return events, cursor, nil
}

// world is a server with one environment, over a real store.
func world(t *testing.T, c Config) *httptest.Server {
	t.Helper()
	opened, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	c.Faults, c.Now, c.Log = faults(), time.Now, slog.New(slog.DiscardHandler)
	c.Audit = audit.New(opened, time.Now, rand.Reader)
	c.Registry = environment.New(environment.Config{
		Store: opened, Audit: c.Audit, Now: time.Now, Log: c.Log,
	})
	if err := c.Registry.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Registry.Create(t.Context(), "acme", "preview", false, "test@host"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(New(c))
	t.Cleanup(server.Close)
	return server
}

func ask(t *testing.T, server *httptest.Server, path, operator string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+Prefix+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if operator != "" {
		request.Header.Set("Sallyport-Operator", operator)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func TestTailGivesEventsAsTheyHappenUntilTheServerStops(t *testing.T) {
	stopping, l := make(chan struct{}), &ledger{}
	server := world(t, Config{Ledger: &audit.Reader{Store: l, Now: time.Now}, Stopping: stopping})
	response := ask(t, server, "/environments/acme/preview/audit/tail?last=1", "ada@host")
	if got := response.Header.Get("Content-Type"); got != ndjson {
		t.Fatalf("content type %q, status %d", got, response.StatusCode)
	}
	lines := bufio.NewScanner(response.Body)
	next := func() Event {
		t.Helper()
		var e Event
		if !lines.Scan() || json.Unmarshal(lines.Bytes(), &e) != nil {
			t.Fatalf("no event: %q %v", lines.Text(), lines.Err())
		}
		return e
	}
	if e := next(); e.Type != "before" || e.Personal != nil {
		t.Errorf("got %+v, want the event of before without what is personal", e)
	}
	l.add("after")
	if e := next(); e.Type != "after" {
		t.Errorf("got %+v", e)
	}
	close(stopping)
	if lines.Scan() {
		t.Errorf("the stream goes on: %s", lines.Text())
	}
}

func TestRequestsThatDoNotKeepToTheDescriptionAreRefused(t *testing.T) {
	server := world(t, Config{Ledger: &audit.Reader{Store: &ledger{}, Now: time.Now}})
	for _, test := range []struct {
		name, path, operator string
		code                 Code
		status               int
	}{
		{"nobody asks", "/environments/acme/preview/audit/events", "", RequestInvalid, http.StatusUnprocessableEntity},
		{"somebody with a name that breaks lines", "/environments/acme/preview/audit/events", "ada @host", RequestInvalid, http.StatusUnprocessableEntity},
		{"a parameter out of bounds", "/environments/acme/preview/audit/events?limit=100000", "ada@host", RequestInvalid, http.StatusUnprocessableEntity},
		{"a parameter that is not known", "/environments/acme/preview/audit/events?limits=1", "ada@host", RequestInvalid, http.StatusUnprocessableEntity},
		{"an environment that is not there", "/environments/acme/production/audit/events", "ada@host", NoEnvironment, http.StatusNotFound},
		{"an environment of another tenant", "/environments/other/preview/audit/events", "ada@host", NoEnvironment, http.StatusNotFound},
		{"an environment without a revision", "/environments/acme/preview/access/matrix", "ada@host", NoRevision, http.StatusConflict},
	} {
		t.Run(test.name, func(t *testing.T) {
			response := ask(t, server, test.path, test.operator)
			var p Problem
			if err := json.NewDecoder(response.Body).Decode(&p); err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status || p.Code != test.code || p.Fix == "" {
				t.Errorf("got %d %+v", response.StatusCode, p)
			}
			if got := response.Header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("content type %q", got)
			}
		})
	}
}
