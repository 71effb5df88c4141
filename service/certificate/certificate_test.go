package certificate

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/store"
)

func hello(name string, protocols ...string) *tls.ClientHelloInfo {
	conn, _ := net.Pipe()
	return &tls.ClientHelloInfo{ServerName: name, SupportedProtos: protocols, Conn: conn}
}

// Whoever points a thousand names at us, or makes them up, costs us no order, no
// request and no look into the store.
func TestUnknownNamesCauseNothing(t *testing.T) {
	w := newWorld(t, "my.orchard.example")
	s := w.node()
	before := w.store.asked.Load()
	for range 500 {
		name := strings.ToLower(rand.Text()[:12]) + ".orchard.example"
		for _, h := range []*tls.ClientHelloInfo{hello(name, "h2", "http/1.1"), hello(name, "acme-tls/1")} {
			if c, err := s.TLS(nil).GetCertificate(h); c != nil || !errors.Is(err, ErrUnknown) {
				t.Fatalf("%s: %v", name, err)
			}
		}
		r := httptest.NewRequest(http.MethodGet, "http://"+name+"/.well-known/acme-challenge/x", nil)
		recorder := httptest.NewRecorder()
		s.Challenges(http.NotFoundHandler()).ServeHTTP(recorder, r)
		if recorder.Code != http.StatusNotFound {
			t.Fatalf("%s: status %d", name, recorder.Code)
		}
	}
	if n := w.authority.requests.Load(); n != 0 {
		t.Errorf("%d requests", n)
	}
	if n := w.store.asked.Load() - before; n != 0 {
		t.Errorf("the store was asked %d times", n)
	}
}

func TestNamesThatNoAuthorityCanLookAtAreNotOrdered(t *testing.T) {
	for name, want := range map[string]bool{
		"my.orchard.example": true, "xn--mnchen-3ya.example": true, "localhost": false, "orchard.localhost": false, "192.0.2.1": false,
		"2001:db8::1": false, "intranet": false, "*.orchard.example": false, "": false, ".example": false,
	} {
		if orderable(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

func TestNothingIsAskedBeforeItRuns(t *testing.T) {
	w := newWorld(t, "my.orchard.example")
	before := w.store.asked.Load()
	w.node()
	if n, m := w.authority.requests.Load(), w.store.asked.Load()-before; n+m != 0 {
		t.Errorf("%d requests, the store was asked %d times", n, m)
	}
}

// The authority says: not now. It is asked once, and then left alone for a while.
func TestWhoReachedALimitWaits(t *testing.T) {
	w := newWorld(t, "my.orchard.example")
	s := w.node()
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan struct{})
	go func() { defer close(ran); s.Run(ctx) }()
	<-w.authority.tried
	for range 20 {
		s.Wake()
		if _, err := s.TLS(nil).GetCertificate(hello("my.orchard.example", "h2")); err == nil {
			t.Fatal("there is a certificate")
		}
	}
	w.eventually(func() bool { return len(w.failures()) == 1 })
	if n := w.authority.tries.Load(); n != 1 {
		t.Errorf("%d orders", n)
	}
	cancel()
	<-ran
	w.names = nil
	if s.Serves("my.orchard.example") {
		t.Error("what is configured no more is served")
	}
	if err := s.on(t.Context(), "cert_obtaining", map[string]any{"identifier": "my.orchard.example"}); !errors.Is(err, errUnserved) {
		t.Errorf("an order of it is not ended: %v", err)
	}
	if strings.Contains(w.log.String(), "PRIVATE KEY") {
		t.Error("a key is in the log")
	}
}

func (w *world) failures() []store.ChainedEvent {
	events, _, err := w.store.AuditEvents(w.Context(), store.System, store.AuditQuery{Type: string(audit.CertificateFailed), Limit: 9})
	w.must(err)
	return events
}

func (w *world) eventually(done func() bool) {
	w.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			w.Fatalf("it did not come to pass:\n%s", w.log)
		}
	}
}

func TestADirectoryIsReachedByTLS(t *testing.T) {
	for _, directory := range []string{"", "http://ca.example/directory", "https://", "ca.example", "https://user@ca.example/"} {
		if _, err := New(Config{Directory: directory}); !errors.Is(err, ErrDirectory) {
			t.Errorf("%q: %v", directory, err)
		}
	}
}
