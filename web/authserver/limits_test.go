package authserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/quota"
	"sallyport/service/audit"
	"sallyport/service/issue/issuetest"
	"sallyport/service/limit"
	"sallyport/service/verify"
	"sallyport/web/authserver"
)

// limited is the usual tree with limits of its servers.
func limited(limits string) string {
	return strings.ReplaceAll(issuetest.Tree, "kind: authorization-server\n", "kind: authorization-server\nlimits: "+limits+"\n")
}

const (
	threeBySource      = "{source: {calls: 1, per: 10s, burst: 3}}"
	threeByApplication = "{application: {calls: 1, per: 10s, burst: 3}}"
)

func TestASourceIsLimitedBeforeAnythingOfItIsRead(t *testing.T) {
	s := newSiteOf(t, limited(threeBySource))
	secret := s.Secret("payright")
	for i := range 3 {
		if got := s.post(partners, machine(), basic("payright", secret)); got.Status != http.StatusOK {
			t.Fatalf("request %d: %+v", i+1, got)
		}
	}
	for name, options := range map[string][]func(*http.Request){
		"a right secret": {basic("payright", secret)}, "a wrong secret": {basic("payright", "x")}, "nothing": nil,
	} {
		got := s.post(partners, machine(), options...)
		if got.Status != http.StatusTooManyRequests || got.Error != "temporarily_unavailable" || got.Reference == "" {
			t.Errorf("%s: %+v", name, got)
		}
		for header, want := range map[string]string{
			"Retry-After": "10", "RateLimit-Policy": `"source";q=3;w=30`, "RateLimit": `"source";r=0;t=30`, "Cache-Control": "no-store",
		} {
			if got := headerOf(got.header, header); got != want {
				t.Errorf("%s: %s is %q, want %q", name, header, got, want)
			}
		}
	}
	if r := s.send(http.MethodPost, partners+"/introspect", "token=x", basic("payright", secret)); r.StatusCode != http.StatusOK {
		t.Errorf("another endpoint is limited with it: %d", r.StatusCode)
	}
	if got := s.post(apps, machine(), basic("payright", secret)); got.Status == http.StatusTooManyRequests {
		t.Errorf("another server is limited with it: %+v", got)
	}
	if got := s.post(partners, machine(), basic("payright", secret), with("X-Forwarded-For", "198.51.100.1")); got.Status != http.StatusTooManyRequests {
		t.Errorf("a header moved the limit: %+v", got)
	}
	s.address = "198.51.100.1:1"
	if got := s.post(partners, machine(), basic("payright", secret)); got.Status != http.StatusOK {
		t.Errorf("another source: %+v", got)
	}
	s.address = "192.0.2.7:1"
	s.Pass(10 * time.Second)
	if got := s.post(partners, machine(), basic("payright", secret)); got.Status != http.StatusOK {
		t.Errorf("after what Retry-After says: %+v", got)
	}
	if got := s.post(partners, machine(), basic("payright", secret)); got.Status != http.StatusTooManyRequests {
		t.Errorf("and one more: %+v", got)
	}
}

// headerOf gives a header in any spelling, as clients read it.
func headerOf(h http.Header, name string) string {
	for spelt, values := range h {
		if strings.EqualFold(spelt, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

func TestEveryEndpointOfApplicationsIsLimited(t *testing.T) {
	s := newSiteOf(t, limited("{source: {calls: 1, per: 10s, burst: 1}, authorize: {calls: 1, per: 10s, burst: 1}}"))
	for _, test := range []struct{ method, path string }{
		{http.MethodPost, "/token"},
		{http.MethodPost, "/introspect"},
		{http.MethodPost, "/revoke"},
		{http.MethodGet, "/userinfo"},
		{http.MethodGet, "/authorize"},
		{http.MethodGet, "/logout"},
	} {
		if r := s.send(test.method, apps+test.path, ""); r.StatusCode == http.StatusTooManyRequests {
			t.Errorf("%s: the first is refused", test.path)
		}
		r := s.send(test.method, apps+test.path, "")
		page := strings.HasPrefix(r.Header.Get("Content-Type"), "text/html")
		if r.StatusCode != http.StatusTooManyRequests || headerOf(r.Header, "Retry-After") != "10" || page != (test.path == "/authorize" || test.path == "/logout") {
			t.Errorf("%s: %d %v", test.path, r.StatusCode, r.Header)
		}
		if text := body(r); page && (!strings.Contains(text, "wait") || strings.Contains(text, "understand")) {
			t.Errorf("%s: the page says %s", test.path, text)
		}
	}
	for _, path := range []string{"/jwks", "/.well-known/openid-configuration"} {
		for range 3 {
			if r := s.send(http.MethodGet, apps+path, ""); r.StatusCode != http.StatusOK {
				t.Errorf("%s: %d", path, r.StatusCode)
			}
		}
	}
	if r := s.send(http.MethodOptions, apps+"/token", ""); r.StatusCode != http.StatusNoContent {
		t.Errorf("a preflight is limited: %d", r.StatusCode)
	}
}

func TestAnApplicationIsLimitedWhereverItCallsFrom(t *testing.T) {
	s := newSiteOf(t, limited(threeByApplication))
	secret := s.Secret("payright")
	from := func(i int) {
		s.address = netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), 1).String()
	}
	for i := range 20 { // a stranger cannot use up what is the application's
		from(i)
		s.post(partners, machine(), basic("payright", "wrong"))
	}
	for i, remaining := range []string{"2", "1", "0"} {
		from(100 + i)
		got := s.post(partners, machine(), basic("payright", secret))
		if got.Status != http.StatusOK || headerOf(got.header, "RateLimit-Policy") != `"application";q=3;w=30` ||
			!strings.HasPrefix(headerOf(got.header, "RateLimit"), `"application";r=`+remaining+`;t=`) {
			t.Errorf("request %d: %d %v", i+1, got.Status, got.header)
		}
	}
	from(200)
	if got := s.post(partners, machine(), basic("payright", secret)); got.Status != http.StatusTooManyRequests ||
		headerOf(got.header, "RateLimit") != `"application";r=0;t=30` || got.AccessToken != "" {
		t.Errorf("the fourth: %+v", got)
	}
	about := url.Values{"token": {"x"}}
	if r := s.send(http.MethodPost, partners+"/introspect", about.Encode(), basic("payright", secret)); r.StatusCode != http.StatusOK {
		t.Errorf("another endpoint: %d", r.StatusCode)
	}
	if got := s.post(partners, machine(), basic("billing-api", s.Secret("billing-api"))); got.Status == http.StatusTooManyRequests {
		t.Errorf("another application: %+v", got)
	}
	// Its own limit replaces the server's.
	s.Apply(strings.Replace(limited(threeByApplication), "name: payright\n", "name: payright\nrate: {calls: 1, per: 60s, burst: 50}\n", 1))
	if got := s.post(partners, machine(), basic("payright", secret)); got.Status != http.StatusOK || headerOf(got.header, "RateLimit-Policy") != `"application";q=50;w=3000` {
		t.Errorf("with a limit of its own: %d %v", got.Status, got.header)
	}
}

// Whoever writes a public client's name is not it: each source has its own count.
func TestAPublicApplicationIsLimitedBySource(t *testing.T) {
	s := newSiteOf(t, limited(threeByApplication))
	form := url.Values{"grant_type": {"authorization_code"}, "code": {"x"}, "client_id": {"spa"}}
	for range 4 {
		s.post(apps, form)
	}
	if got := s.post(apps, form); got.Status != http.StatusTooManyRequests {
		t.Errorf("%+v", got)
	}
	s.address = "198.51.100.1:1"
	if got := s.post(apps, form); got.Error != "invalid_grant" {
		t.Errorf("another source: %+v", got)
	}
}

func TestALimitOfNoCallsIsNone(t *testing.T) {
	s := newSiteOf(t, limited("{source: {calls: 0}, application: {calls: 0}, authorize: {calls: 0}}"))
	secret := s.Secret("payright")
	for range 20 {
		if got := s.post(partners, machine(), basic("payright", secret)); got.Status != http.StatusOK || headerOf(got.header, "RateLimit") != "" {
			t.Fatalf("%+v", got)
		}
	}
}

func TestAFloodIsAnEventEachTenSecondsThatEveryReferenceFinds(t *testing.T) {
	s := newSiteOf(t, limited(threeBySource))
	references := map[string]bool{}
	flood := func(n int) {
		for range n {
			got := s.post(partners, machine("client_id", "payright", "client_secret", "canary-secret"))
			if got.Status == http.StatusTooManyRequests {
				references[got.Reference] = true
			}
		}
	}
	flood(203)
	if events := s.Events(audit.RequestLimited); len(events) != 1 || len(references) != 1 || !references[events[0].Trace] || events[0].Result != "source" {
		t.Fatalf("%d events of %d references", len(events), len(references))
	}
	s.Pass(10 * time.Second)
	flood(2)
	events := s.Events(audit.RequestLimited)
	if len(events) != 2 || !references[events[0].Trace] {
		t.Fatalf("%d events", len(events))
	}
	var told struct {
		Detail struct {
			Server, Endpoint, Limit string
			Requests                int64
		}
	}
	if err := json.Unmarshal(events[0].Body, &told); err != nil {
		t.Fatal(err)
	}
	if d := told.Detail; d.Server != "enterprise" || d.Endpoint != "token-source" || d.Limit != "source" || d.Requests != 200 {
		t.Errorf("told %+v", d)
	}
	if strings.Contains(string(events[0].Body), "canary") || strings.Contains(string(events[0].Body), "192.0.2.7") {
		t.Errorf("the event holds what it must not: %s", events[0].Body)
	}
}

// fakeCounters are shared ones, until they are gone.
type fakeCounters struct {
	mu      sync.Mutex
	arrival map[string]time.Time
	away    bool
}

func (c *fakeCounters) Spend(_ context.Context, name string, rate quota.Limit, now time.Time, cost int) (quota.Verdict, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away {
		return quota.Verdict{}, errors.New("gone")
	}
	arrival, verdict := quota.Spend(rate, c.arrival[name], now, cost)
	c.arrival[name] = arrival
	return verdict, nil
}

func (c *fakeCounters) Refund(context.Context, string, quota.Limit, time.Time) error { return nil }

// sharing is a node of the site that counts with counters.
func (s *site) sharing(counters limit.Counters) *site {
	node := *s
	node.handler = authserver.New(authserver.Config{
		Registry: s.Registry, Issue: s.Issue, SignIn: s.signIn, Now: s.Now, Log: slog.New(slog.DiscardHandler), Shared: counters,
		Verifier: verify.New(verify.Config{Ring: s.Ring, Registry: s.Feed, Now: s.Now}),
		Address:  func(r *http.Request) netip.Addr { return netip.MustParseAddrPort(r.RemoteAddr).Addr() },
	})
	return &node
}

func TestNodesShareALimitAndKeepItWhenTheCountersAreGone(t *testing.T) {
	s := newSiteOf(t, limited(threeByApplication))
	secret := s.Secret("payright")
	counters := &fakeCounters{arrival: map[string]time.Time{}}
	one, two := s.sharing(counters), s.sharing(counters)
	for i, node := range []*site{one, two, one} {
		if got := node.post(partners, machine(), basic("payright", secret)); got.Status != http.StatusOK {
			t.Fatalf("request %d: %+v", i+1, got)
		}
	}
	if got := two.post(partners, machine(), basic("payright", secret)); got.Status != http.StatusTooManyRequests {
		t.Errorf("the nodes do not share the limit: %+v", got)
	}
	counters.away = true
	for i := range 3 {
		if got := two.post(partners, machine(), basic("payright", secret)); got.Status != http.StatusOK {
			t.Errorf("request %d of a node that counts for itself: %+v", i+1, got)
		}
	}
	if got := two.post(partners, machine(), basic("payright", secret)); got.Status != http.StatusTooManyRequests {
		t.Errorf("a node that counts for itself has no limit: %+v", got)
	}
}

// BenchmarkLimits is a small request with and without limits: two are spent, and
// the caller is told of one.
func BenchmarkLimits(b *testing.B) {
	for name, limits := range map[string]string{
		"with":    "{source: {calls: 1000000, per: 1s}, application: {calls: 1000000, per: 1s}}",
		"without": "{source: {calls: 0}, application: {calls: 0}}",
	} {
		b.Run(name, func(b *testing.B) {
			s := newSiteOf(b, limited(limits))
			secret := s.Secret("payright")
			b.ReportAllocs()
			for b.Loop() {
				s.Pass(time.Millisecond)
				r := httptest.NewRequest(http.MethodPost, partners+"/introspect", strings.NewReader("token=x"))
				r.RemoteAddr = s.address
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.SetBasicAuth("payright", secret)
				recorder := httptest.NewRecorder()
				if s.handler.ServeHTTP(recorder, r); recorder.Code != http.StatusOK {
					b.Fatal(recorder.Code)
				}
			}
		})
	}
}
