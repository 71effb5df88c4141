// Package sourcetest plays running systems: servers over TLS on loopback that a
// test scripts, and what a kind needs to ask one. What several kinds must keep to
// whatever they ask is tried by [Misbehaviour].
package sourcetest

import (
	"context"
	"crypto/rand"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/service/egress"
	"sallyport/service/source"
)

// Password is right for whoever a script knows, and stands nowhere else.
const Password = "tractor \"& %0d%0a)(|\\ Übung"

// Server is a scripted system.
type Server struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

// Serve starts a server over TLS that answers by script.
func Serve(t testing.TB, script http.HandlerFunc) *Server {
	t.Helper()
	s := &Server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.Path)
		s.mu.Unlock()
		script(w, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// Asked lists the questions so far, by method and path.
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.asked...)
}

// Spec is a connection to the server, as a tree would have it.
func (s *Server) Spec(c config.Connection) *source.Spec {
	spec := &source.Spec{Connection: &c, Environment: "production", Migration: "old", Format: "ndjson"}
	if c.URL == "" {
		c.URL = s.URL
	}
	if c.Timeout == 0 {
		c.Timeout = config.Duration(2 * time.Second)
	}
	if c.Rate.Calls == 0 {
		c.Rate = config.Rate{Calls: 1000, Per: config.Duration(time.Second), Burst: 1000}
	}
	spec.Private = []string{strings.TrimPrefix(s.URL, "https://")}
	spec.CAPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	return spec
}

// Clock is a clock that moves where somebody waits.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now is the time by the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		c.at = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	}
	return c.at
}

// Move moves the clock on.
func (c *Clock) Move(by time.Duration) {
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = now.Add(by)
}

// Deps are what a kind needs, with secrets by name and a clock that nobody waits for.
func Deps(clock *Clock, secrets map[string]string) source.Deps {
	return source.Deps{
		Private: egress.Everywhere(),
		Secret:  func(_ context.Context, name string) ([]byte, error) { return []byte(secrets[name]), nil },
		Now:     clock.Now, Rand: rand.Reader,
		Sleep: func(ctx context.Context, d time.Duration) error {
			clock.Move(d)
			return ctx.Err()
		},
	}
}

// JSON answers with a status and a body.
func JSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// Misbehaviour opens a system of a kind over servers that do what no system should,
// and demands that each is Unavailable with its reason: never a wrong password.
func Misbehaviour(t *testing.T, open source.Opener, c config.Connection, secrets map[string]string) {
	t.Helper()
	endless := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		chunk := []byte(`{"error":"` + strings.Repeat("x", 64<<10))
		for range 32 << 10 / 2 { // 1 GiB, if it is let
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	drips := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for {
			if _, err := io.WriteString(w, " "); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	tests := map[string]struct {
		script http.HandlerFunc
		want   source.Reason
	}{
		"answers with an internal error": {func(w http.ResponseWriter, _ *http.Request) { JSON(w, 500, `{}`) }, source.Broken},
		"answers that it is overloaded":  {func(w http.ResponseWriter, _ *http.Request) { JSON(w, 429, `{}`) }, source.RateLimited},
		"sends us elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, source.Redirected},
		"answers with a page for people": {func(w http.ResponseWriter, _ *http.Request) { JSON(w, 200, "<html>sign in here</html>") }, source.Malformed},
		"answers with nothing":           {func(w http.ResponseWriter, _ *http.Request) { JSON(w, 200, "") }, source.Malformed},
		"answers with an empty object":   {func(w http.ResponseWriter, _ *http.Request) { JSON(w, 200, "{}") }, source.Malformed},
		"names a member twice":           {func(w http.ResponseWriter, _ *http.Request) { JSON(w, 200, `{"a":1,"a":2}`) }, source.Malformed},
		"answers without an end":         {endless, source.TooLarge},
		"drips":                          {drips, source.Timeout},
		"packs its answer, unasked": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			JSON(w, 200, "{}")
		}, source.Malformed},
		"breaks off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "{")
		}, source.Unreachable},
		"hangs up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, source.Unreachable},
	}
	for name, test := range tests {
		t.Run("the system "+name, func(t *testing.T) {
			t.Parallel()
			server := Serve(t, test.script)
			answer := Verify(t, open, short(server.Spec(c)), Deps(&Clock{}, secrets))
			if answer.Verdict != source.Unavailable || answer.Reason != test.want || answer.Element != nil {
				t.Errorf("got %v %q", answer.Verdict, answer.Reason)
			}
			if len(server.Asked()) != 1 {
				t.Errorf("it was asked %v", server.Asked())
			}
		})
	}
	outside(t, open, c, secrets)
}

// short gives a system little time.
func short(spec *source.Spec) *source.Spec {
	spec.Timeout = config.Duration(300 * time.Millisecond)
	return spec
}

// outside tries what is between us and a system.
func outside(t *testing.T, open source.Opener, c config.Connection, secrets map[string]string) {
	t.Helper()
	server := Serve(t, func(w http.ResponseWriter, _ *http.Request) { JSON(w, 200, "{}") })
	tests := map[string]struct {
		change func(*source.Spec)
		want   source.Reason
	}{
		"is private and not listed":       {func(s *source.Spec) { s.Private = nil }, source.Guarded},
		"has a certificate of a stranger": {func(s *source.Spec) { s.CAPEM = nil }, source.BadTLS},
		"is not there": {func(s *source.Spec) {
			s.URL, s.Private = "https://127.0.0.1:1", []string{"127.0.0.1:1"}
		}, source.Refused},
	}
	for name, test := range tests {
		t.Run("the system "+name, func(t *testing.T) {
			spec := server.Spec(c)
			test.change(spec)
			answer := Verify(t, open, spec, Deps(&Clock{}, secrets))
			if answer.Verdict != source.Unavailable || answer.Reason != test.want {
				t.Errorf("got %v %q", answer.Verdict, answer.Reason)
			}
		})
	}
	if asked := server.Asked(); len(asked) != 0 {
		t.Errorf("something reached it: %v", asked)
	}
}

// Verify opens a system and asks about ana.
func Verify(t testing.TB, open source.Opener, spec *source.Spec, deps source.Deps) source.Answer {
	t.Helper()
	return VerifyAs(t, open, spec, deps, "ana@acme.example")
}

// VerifyAs opens a system and asks about somebody, with [Password].
func VerifyAs(t testing.TB, open source.Opener, spec *source.Spec, deps source.Deps, identifier string) source.Answer {
	t.Helper()
	system, err := open(t.Context(), spec, deps)
	if err != nil {
		t.Fatal(err)
	}
	defer system.Close()
	timed, cancel := context.WithTimeout(t.Context(), spec.Timeout.Std())
	defer cancel()
	return system.Verifier.Verify(timed, source.Login{Identifier: identifier, Password: []byte(Password)})
}
