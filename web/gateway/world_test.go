package gateway_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"sallyport/service/audit"
	"sallyport/service/keyring"
	"sallyport/service/subscribe"
	"sallyport/service/verify/verifytest"
	"sallyport/store"
	"sallyport/web/gateway"
)

// world is a gateway before a back end that speaks only to it.
type world struct {
	*verifytest.World
	authority *keyring.Authority
	subs      *subscribe.Service
	meter     *subscribe.Meter
	gateway   *gateway.Gateway
	front     *httptest.Server
	back      *httptest.Server

	mu     sync.Mutex
	seen   []*http.Request // what reached the back end
	bodies []string
	serve  http.HandlerFunc // of the back end; nil answers "paid"

	payright, sunshare, portal, anyone subscribe.Created
}

func newWorld(t testing.TB, adjust ...func(*gateway.Config)) *world {
	t.Helper()
	w := &world{}
	w.back = httptest.NewUnstartedServer(http.HandlerFunc(w.answer))
	w.back.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	address := "https://" + w.back.Listener.Addr().String()
	w.World = verifytest.New(t, verifytest.Tree(address), func(v *verifytest.World) {
		w.subs = subscribe.New(subscribe.Config{Store: v.Store, Audit: v.Audit, Registry: v.Registry, Now: v.Now, Rand: rand.Reader})
	})
	w.authority = keyring.NewAuthority(w.Ring)
	w.back.TLS = w.demanding()
	w.back.StartTLS()
	t.Cleanup(w.back.Close)
	w.meter = subscribe.NewMeter(subscribe.MeterConfig{Store: w.Store, Now: w.Now, Log: slog.New(slog.DiscardHandler)})
	c := gateway.Config{
		Registry: w.Registry, Verifier: w.Verify, Subscriptions: w.subs, Meter: w.meter, Authority: w.authority,
		Audit: w.Audit, Now: w.Now, Log: slog.New(slog.DiscardHandler),
		Address: func(r *http.Request) netip.Addr {
			a, _ := netip.ParseAddrPort(r.RemoteAddr)
			return a.Addr()
		},
	}
	for _, f := range adjust {
		f(&c)
	}
	w.gateway = gateway.New(c)
	w.front = httptest.NewUnstartedServer(nil)
	w.front.Config = gateway.NewServer(w.gateway, slog.New(slog.DiscardHandler))
	w.front.Start()
	t.Cleanup(w.front.Close)
	w.payright, w.sunshare = w.subscription("payright", "standard"), w.subscription("sunshare", "standard")
	w.portal, w.anyone = w.subscription("portal", "standard"), w.subscription("", "everybody")
	return w
}

// demanding is the TLS of a back end that wants the gateway's certificate.
func (w *world) demanding() *tls.Config {
	cert, key, err := w.authority.IssueServer(context.Background(), w.Live.ID, []string{"127.0.0.1", "localhost"}, audit.System)
	w.Must(err)
	pair, err := tls.X509KeyPair(cert, key)
	w.Must(err)
	bundle, err := w.authority.CACertificate(context.Background(), w.Live.ID)
	w.Must(err)
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(bundle)
	return &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{pair},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients,
	}
}

func (w *world) answer(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	serve := w.serve
	w.mu.Unlock()
	if serve != nil {
		serve(rw, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	w.mu.Lock()
	w.seen, w.bodies = append(w.seen, r), append(w.bodies, string(body))
	w.mu.Unlock()
	_, _ = io.WriteString(rw, "paid")
}

func (w *world) backend(serve http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serve = serve
}

// last is what reached the back end last, nil for nothing.
func (w *world) last() (*http.Request, string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.seen) == 0 {
		return nil, ""
	}
	return w.seen[len(w.seen)-1], w.bodies[len(w.bodies)-1]
}

func (w *world) subscription(application, product string) subscribe.Created {
	w.T.Helper()
	created, err := w.subs.Create(context.Background(), w.Live, application, product, audit.System)
	w.Must(err)
	return created
}

// machine is a good token of payright.
func (w *world) machine(scopes string) string {
	return w.Sign("partners", w.Claims("partners", "payright", scopes))
}

// person is a good token of the portal for a customer.
func (w *world) person(scopes string) string {
	claims := verifytest.Person(w.Claims("apps", "portal", scopes), "cus_1", store.GrantID{1}, store.SessionID{1})
	return w.Sign("apps", claims)
}

// ask is a request to the gateway.
type ask struct {
	method, path, key, token, body string
	header                         map[string]string
}

func (w *world) request(a ask) *http.Request {
	w.T.Helper()
	if a.method == "" {
		a.method = http.MethodGet
	}
	var body io.Reader
	if a.body != "" {
		body = strings.NewReader(a.body)
	}
	r, err := http.NewRequest(a.method, w.front.URL+a.path, body)
	w.Must(err)
	r.Host = "api.example"
	if a.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if a.key != "" {
		r.Header.Set("Subscription-Key", a.key)
	}
	if a.token != "" {
		r.Header.Set("Authorization", "Bearer "+a.token)
	}
	for name, value := range a.header {
		r.Header.Set(name, value)
	}
	return r
}

// told is what a caller learns.
type told struct {
	*http.Response
	body    string
	problem struct {
		Title, Detail, Check, Reference string
		Status                          int
		Needs                           [][]string
		Violations                      []struct{ In, Name, Pointer, What string }
	}
}

func (w *world) call(a ask) told {
	w.T.Helper()
	response, err := w.front.Client().Do(w.request(a))
	w.Must(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	w.Must(err)
	t := told{Response: response, body: string(body)}
	if response.Header.Get("Content-Type") == "application/problem+json" {
		w.Must(json.Unmarshal(body, &t.problem))
	}
	return t
}

// events flushes the refusals and gives those of one check, newest first.
func (w *world) events(check string) []store.ChainedEvent {
	w.T.Helper()
	w.Must(w.gateway.Flush(context.Background()))
	events, _, err := w.Store.AuditEvents(context.Background(), w.Live.ID, store.AuditQuery{Type: "call.refused", Result: check, Limit: 1000})
	w.Must(err)
	return events
}
