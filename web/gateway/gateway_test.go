package gateway_test

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/pure/quota"
	"sallyport/service/audit"
	"sallyport/service/verify/verifytest"
	"sallyport/store"
	"sallyport/web/gateway"
)

func TestAGoodCallReachesTheBackEndAsItWas(t *testing.T) {
	w := newWorld(t)
	token := w.machine("payments.write.posting payments.read.posting")
	got := w.call(ask{method: "POST", path: "/billing/payments?dry=1&a=%2B", key: w.payright.Primary.Reveal(), token: token, body: `{"account":"1","cents":5}`})
	if got.StatusCode != 200 || got.body != "paid" {
		t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	r, body := w.last()
	want := map[string]string{
		"Authorization": "Bearer " + token, "Content-Type": "application/json", "Subscription-Key": "",
		"Sallyport-Application": "payright", "Sallyport-Subject": "app:payright",
		"Sallyport-Scopes": "payments.read.posting payments.write.posting", "Sallyport-Reference": got.Header.Get("Trace-Reference"),
	}
	for name, value := range want {
		if r.Header.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, r.Header.Get(name), value)
		}
	}
	if r.RequestURI != "/payments?dry=1&a=%2B" || body != `{"account":"1","cents":5}` || len(r.TLS.PeerCertificates) == 0 {
		t.Errorf("the back end got %s %q", r.RequestURI, body)
	}
	if got.Header.Get("Cache-Control") != "no-store" {
		t.Error("a shared cache could keep the answer")
	}
}

func TestEachCheckRefusesAndSaysSo(t *testing.T) {
	w := newWorld(t)
	machine, person := w.machine("payments.read.posting"), w.person("billing.read.bill")
	payright, sunshare, portal, anyone := w.payright.Primary.Reveal(), w.sunshare.Primary.Reveal(), w.portal.Primary.Reveal(), w.anyone.Primary.Reveal()
	now := w.Now().Unix()
	claims := w.Claims("partners", "payright", "payments.read.posting")
	sign := func(name string, value any) string {
		c := w.Claims("partners", "payright", "payments.read.posting")
		c[name] = value
		return w.Sign("partners", c)
	}
	unknown := "spk_" + strings.Repeat("A", 43)
	tests := map[string]struct {
		ask    ask
		status int
		check  string
	}{
		"no API has the path":                      {ask{path: "/nowhere", key: payright, token: machine}, 404, "path"},
		"the API has no such operation":            {ask{path: "/billing/refunds", key: payright, token: machine}, 404, "path"},
		"the API without its address":              {ask{path: "/payments", key: payright, token: machine}, 404, "path"},
		"the operation has no such method":         {ask{method: "DELETE", path: "/billing/payments", key: payright, token: machine}, 405, "operation"},
		"a method is not overridden":               {ask{method: "GET", path: "/billing/payments", key: payright, token: w.machine(""), header: map[string]string{"X-HTTP-Method-Override": "POST"}}, 403, "scope"},
		"no key":                                   {ask{path: "/billing/payments", token: machine}, 401, "key"},
		"a key in the query":                       {ask{path: "/billing/payments?subscription-key=" + payright, token: machine}, 401, "key"},
		"an unknown key":                           {ask{path: "/billing/payments", key: unknown, token: machine}, 401, "key"},
		"a wrong key, though none is needed":       {ask{path: "/billing/status", key: unknown}, 401, "key"},
		"no token":                                 {ask{path: "/billing/payments", key: payright}, 401, "token"},
		"another scheme than Bearer":               {ask{path: "/billing/payments", key: payright, header: map[string]string{"Authorization": "Basic eDp5"}}, 401, "token"},
		"a malformed token":                        {ask{path: "/billing/payments", key: payright, token: "a b"}, 400, "token"},
		"a tampered token":                         {ask{path: "/billing/payments", key: payright, token: machine[:len(machine)-6] + "AAAAAA"}, 401, "token"},
		"an expired token":                         {ask{path: "/billing/payments", key: payright, token: sign("exp", now-1)}, 401, "token"},
		"a token for another audience":             {ask{path: "/billing/payments", key: payright, token: sign("aud", "https://elsewhere.example")}, 401, "token"},
		"a token of another issuer":                {ask{path: "/billing/payments", key: payright, token: sign("iss", "https://elsewhere.example")}, 401, "token"},
		"an ID token":                              {ask{path: "/billing/payments", key: payright, token: w.SignID("partners", claims)}, 401, "token"},
		"the key of one, the token of another":     {ask{path: "/billing/payments", key: sunshare, token: machine}, 403, "binding"},
		"a key of nobody with a token":             {ask{path: "/billing/payments", key: anyone, token: machine}, 403, "binding"},
		"a scope is missing":                       {ask{path: "/billing/bills/7", key: payright, token: machine}, 403, "scope"},
		"a read scope where writing is needed":     {ask{method: "POST", path: "/billing/payments", key: portal, token: person, body: `{"account":"1","cents":5}`}, 403, "scope"},
		"a parameter that does not fit":            {ask{path: "/billing/payments?limit=1000", key: payright, token: machine}, 400, "request"},
		"a query that can be read in two ways":     {ask{path: "/billing/payments?a=1;limit=1000", key: payright, token: machine}, 400, "request"},
		"a body that does not fit":                 {ask{method: "POST", path: "/billing/payments", key: portal, token: w.person("billing.write.payment"), body: `{"account":"1","cents":0}`}, 422, "request"},
		"a body with a property nobody described":  {ask{method: "POST", path: "/billing/payments", key: portal, token: w.person("billing.write.payment"), body: `{"account":"1","cents":1,"admin":true}`}, 422, "request"},
		"a body that is no JSON":                   {ask{method: "POST", path: "/billing/payments", key: portal, token: w.person("billing.write.payment"), body: `{`}, 400, "request"},
		"a body of another type":                   {ask{method: "POST", path: "/billing/payments", key: portal, token: w.person("billing.write.payment"), body: `a=1`, header: map[string]string{"Content-Type": "text/plain"}}, 415, "request"},
		"a body that is encoded past the check":    {ask{method: "POST", path: "/billing/payments", key: portal, token: w.person("billing.write.payment"), body: `{"account":"1","cents":1}`, header: map[string]string{"Content-Encoding": "gzip"}}, 415, "request"},
		"a body where none is described":           {ask{path: "/billing/payments", key: payright, token: machine, body: `{}`}, 400, "request"},
		"a body that is missing":                   {ask{method: "POST", path: "/billing/payments", key: portal, token: w.person("billing.write.payment")}, 400, "request"},
		"a body that is too large to be validated": {ask{method: "POST", path: "/billing/payments", key: portal, token: w.person("billing.write.payment"), body: `"` + strings.Repeat("x", 1<<20) + `"`}, 413, "request"},
		"options that take headers out":            {ask{path: "/billing/payments", key: payright, token: machine, header: map[string]string{"Connection": "close, Authorization"}}, 400, "request"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := w.call(test.ask)
			p := got.problem
			if got.StatusCode != test.status || p.Check != test.check || p.Status != test.status || p.Title == "" || p.Detail == "" || len(p.Reference) != 16 {
				t.Fatalf("%d %s", got.StatusCode, got.body)
			}
			if got.Header.Get("Trace-Reference") != p.Reference || got.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("headers %v", got.Header)
			}
			if got.StatusCode == 401 && got.Header.Get("WWW-Authenticate") == "" {
				t.Error("no challenge (RFC 9110 §15.5.2)")
			}
			for _, secret := range []string{test.ask.key, test.ask.token} {
				if secret != "" && len(secret) > 20 && strings.Contains(got.body, secret) {
					t.Error("the answer repeats a secret")
				}
			}
		})
	}
	if r, _ := w.last(); r != nil {
		t.Errorf("the back end saw %s %s", r.Method, r.RequestURI)
	}
}

func TestAScopeRefusalTellsWhatIsNeededAndTheOwnerEverything(t *testing.T) {
	w := newWorld(t)
	token := w.machine("payments.read.posting")
	got := w.call(ask{method: "POST", path: "/billing/payments", key: w.payright.Primary.Reveal(), token: token, body: `{}`})
	if want := `Bearer realm="billing", error="insufficient_scope"`; !strings.HasPrefix(got.Header.Get("WWW-Authenticate"), want) ||
		!strings.Contains(got.Header.Get("WWW-Authenticate"), `scope="`) {
		t.Errorf("challenge %s", got.Header.Get("WWW-Authenticate"))
	}
	if len(got.problem.Needs) != 2 || !slices.ContainsFunc(got.problem.Needs, func(s []string) bool { return slices.Equal(s, []string{"payments.write.posting"}) }) {
		t.Errorf("needs %v", got.problem.Needs)
	}
	events := w.events("scope")
	if len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	e := events[0]
	for _, part := range []string{`"scopes":["payments.read.posting"]`, `"needs":[["billing.write.payment"],["payments.write.posting"]]`, `"operation":"billing/post"`, w.payright.ID} {
		if !strings.Contains(string(e.Body), part) {
			t.Errorf("the event does not tell %s: %s", part, e.Body)
		}
	}
	if e.Trace != got.problem.Reference || e.Application != "payright" || strings.Contains(string(e.Body), "127.0.0.1") || !strings.Contains(string(e.Personal), "127.0.0.1") {
		t.Errorf("event %+v", e.Event)
	}
}

func TestAFloodOfRefusalsIsOneEventThatEveryReferenceFinds(t *testing.T) {
	w := newWorld(t)
	references := map[string]int64{}
	for range 30 {
		got := w.call(ask{path: "/billing/payments", key: w.payright.Primary.Reveal()})
		references[got.problem.Reference]++
	}
	events := w.events("token")
	if len(events) > 3 || len(events) != len(references) { // seconds may turn meanwhile
		t.Fatalf("%d events for %d references", len(events), len(references))
	}
	for _, e := range events {
		if references[e.Trace] == 0 {
			t.Errorf("nobody was told %s", e.Trace)
		}
	}
}

func TestAPublicOperationNeedsNoTokenAndVouchesForNone(t *testing.T) {
	w := newWorld(t)
	for name, a := range map[string]ask{
		"without a key":     {path: "/billing/status", token: "whatever"},
		"with a standalone": {path: "/billing/status", key: w.anyone.Primary.Reveal(), token: "whatever"},
		"with a key":        {path: "/billing/status", key: w.payright.Secondary.Reveal(), token: w.person("")},
	} {
		if got := w.call(a); got.StatusCode != 200 {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.body)
		}
		if r, _ := w.last(); r == nil || r.Header.Get("Authorization") != "" || r.Header.Get("Sallyport-Subject") != "" {
			t.Errorf("%s: a token that nobody verified crossed", name)
		}
	}
}

func TestQuotaIsSpentByForwardedCallsAlone(t *testing.T) {
	w := newWorld(t)
	limited := w.subscription("payright", "everybody") // two calls a minute
	key, token := limited.Primary.Reveal(), w.machine("payments.read.posting")
	for range 5 { // refused for its token, so it costs nothing
		if got := w.call(ask{path: "/billing/payments", key: key, token: "x"}); got.problem.Check != "token" {
			t.Fatalf("%d %s", got.StatusCode, got.body)
		}
	}
	for i, remaining := range []string{"r=1", "r=0"} {
		got := w.call(ask{path: "/billing/payments", key: key, token: token})
		if got.StatusCode != 200 || !strings.Contains(got.Header.Get("RateLimit"), remaining) || got.Header.Get("RateLimit-Policy") == "" {
			t.Fatalf("call %d: %d %v %s", i, got.StatusCode, got.Header, got.body)
		}
	}
	got := w.call(ask{path: "/billing/payments", key: limited.Secondary.Reveal(), token: token})
	if got.StatusCode != 429 || got.problem.Check != "limit" || got.Header.Get("Retry-After") == "" || !strings.Contains(got.Header.Get("RateLimit"), "r=0") {
		t.Errorf("the other key of the subscription: %d %v", got.StatusCode, got.Header)
	}
	w.Must(w.meter.Flush(t.Context()))
	usage, err := w.Store.Usage(t.Context(), w.Live.ID, store.UsageQuery{Subscription: limited.ID, From: w.Now().Add(-time.Hour), To: w.Now().Add(time.Hour), Limit: 10})
	w.Must(err)
	var calls, bytes int64
	for _, u := range usage {
		calls, bytes = calls+u.Calls, bytes+u.Bytes
	}
	if calls != 2 || bytes != 8 || usage[0].Operation != "billing/payments" {
		t.Errorf("usage %+v", usage)
	}
	w.Pass(31 * time.Second)
	w.Hear()
	if got := w.call(ask{path: "/billing/payments", key: key, token: w.machine("payments.read.posting")}); got.StatusCode != 200 {
		t.Errorf("half a minute later: %d", got.StatusCode)
	}
}

func TestOneSourceCannotGuessForEver(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) {
		c.Limits.Mistakes = quota.Limit{Count: 1, Period: time.Minute, Burst: 3}
		c.Limits.Customer = quota.Limit{Count: 1, Period: time.Minute, Burst: 1}
	})
	for i, want := range []string{"key", "key", "key", "limit"} {
		got := w.call(ask{path: "/billing/payments", key: "spk_" + strings.Repeat(string(rune('a'+i)), 43)})
		if got.problem.Check != want {
			t.Errorf("guess %d: %s", i, got.body)
		}
	}
}

func TestACustomerIsLimitedOverAllApplications(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.Limits.Customer = quota.Limit{Count: 1, Period: time.Minute, Burst: 1} })
	for i, want := range []int{200, 429} {
		if got := w.call(ask{path: "/billing/bills/7", key: w.portal.Primary.Reveal(), token: w.person("billing.read.bill")}); got.StatusCode != want {
			t.Errorf("call %d: %d", i, got.StatusCode)
		}
	}
}

func TestAnOpaqueTokenOpensWhatAJWTOpens(t *testing.T) {
	w := newWorld(t)
	grant := store.GrantID{1}
	claims := verifytest.Person(w.Claims("apps", "portal", "billing.read.bill"), "cus_1", grant, store.SessionID{1})
	a := ask{path: "/billing/bills/7", key: w.portal.Primary.Reveal(), token: w.Seal("apps", claims)}
	for range 2 { // the second time it is remembered
		if got := w.call(a); got.StatusCode != 200 {
			t.Fatalf("%d %s", got.StatusCode, got.body)
		}
	}
	if seen, _ := w.last(); seen.Header.Get("Sallyport-Subject") != "cus_1" {
		t.Errorf("the back end is told of %q", seen.Header.Get("Sallyport-Subject"))
	}
	elsewhere := a
	elsewhere.token = w.Seal("partners", claims) // the key of a server that the API takes, but the issuer of another
	if got := w.call(elsewhere); got.problem.Check != "token" {
		t.Errorf("under another server's key: %d %s", got.StatusCode, got.body)
	}
	w.Publish(store.GrantRevoked, hex.EncodeToString(grant[:]))
	if got := w.call(a); got.problem.Check != "token" {
		t.Errorf("once its grant is revoked: %d %s", got.StatusCode, got.body)
	}
}

func TestOffIsOffAtTheGateway(t *testing.T) {
	grant, session := store.GrantID{1}, store.SessionID{1}
	revoke := func(kind store.FeedKind, subject string) func(*world) {
		return func(w *world) { w.Publish(kind, subject) }
	}
	tests := map[string]struct {
		off   func(*world)
		check string
	}{
		"the grant":    {revoke(store.GrantRevoked, hex.EncodeToString(grant[:])), "token"},
		"the session":  {revoke(store.SessionEnded, hex.EncodeToString(session[:])), "token"},
		"the customer": {revoke(store.CustomerRevoked, "cus_1"), "token"},
		"the key": {func(w *world) {
			w.Must(w.subs.Suspend(context.Background(), w.Live, w.portal.ID, audit.System))
		}, "key"},
		"the product for the application": {func(w *world) {
			w.Apply(changed(w, "applications: [portal, payright, sunshare]", "applications: [payright, sunshare]"))
		}, "product"},
		"the assignment to the server": {func(w *world) {
			w.Apply(changed(w, "assigned: {apps: [billing.read.bill, billing.write.payment]}", "assigned: {}", "    applications: [portal]", `    applications: ["*"]`))
		}, "token"},
		"the feed": {func(w *world) { w.Pass(6 * time.Second) }, "gateway"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a := ask{path: "/billing/bills/7", key: w.portal.Primary.Reveal(), token: w.person("billing.read.bill")}
			if got := w.call(a); got.StatusCode != 200 {
				t.Fatalf("before: %d %s", got.StatusCode, got.body)
			}
			test.off(w)
			if got := w.call(a); got.problem.Check != test.check {
				t.Errorf("after: %d %s", got.StatusCode, got.body)
			}
		})
	}
}

// changed is the world's tree with texts replaced, which must be there.
func changed(w *world, pairs ...string) map[string]string {
	files := verifytest.Tree(w.back.URL)
	text := files["tree.yaml"]
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			w.T.Fatalf("the tree has no %q", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	files["tree.yaml"] = text
	return files
}

func TestTheBackEndIsReachedThroughTheGatewayAlone(t *testing.T) {
	w := newWorld(t)
	trust, err := w.authority.Trust(t.Context(), w.Live.ID)
	w.Must(err)
	preview, err := w.Registry.Create(t.Context(), "harbourlight", "preview", false, "tester")
	w.Must(err)
	stranger, err := w.authority.ClientCertificate(t.Context(), preview.ID)
	w.Must(err)
	for name, certificates := range map[string][]tls.Certificate{"without a certificate": nil, "with another environment's": {*stranger}} {
		client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust.Pool, Certificates: certificates}}}
		r, err := http.NewRequest(http.MethodGet, w.back.URL+"/status", nil)
		w.Must(err)
		r.Header.Set("Authorization", "Bearer "+w.machine("payments.read.posting"))
		if response, err := client.Do(r); err == nil {
			_ = response.Body.Close()
			t.Errorf("%s: %s", name, response.Status)
		}
	}
	if got := w.call(ask{path: "/billing/status"}); got.StatusCode != 200 {
		t.Errorf("through the gateway: %d", got.StatusCode)
	}
}

func TestABackEndThatIsNotOursGetsNothing(t *testing.T) {
	w := newWorld(t)
	var reached atomic.Bool
	stranger := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	stranger.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	stranger.StartTLS() // with a certificate of nobody we trust
	defer stranger.Close()
	w.Apply(verifytest.Tree(stranger.URL))
	got := w.call(ask{path: "/billing/status"})
	if got.StatusCode != 502 || got.problem.Check != "backend" || strings.Contains(got.body, "127.0.0.1") || strings.Contains(got.body, "x509") {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	if reached.Load() {
		t.Error("the call was sent")
	}
	if events := w.events("backend"); len(events) != 1 || !strings.Contains(string(events[0].Body), "certificate") {
		t.Errorf("the owner is told %v", events)
	}
}
