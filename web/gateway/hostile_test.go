package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/service/verify/verifytest"
)

// raw sends bytes as they are, which no HTTP client would, and gives the answer.
func (w *world) raw(text string) (status int, body string) {
	w.T.Helper()
	conn, err := net.Dial("tcp", w.front.Listener.Addr().String())
	w.Must(err)
	defer conn.Close()
	w.Must(conn.SetDeadline(time.Now().Add(5 * time.Second)))
	_, _ = io.WriteString(conn, text) // the other side may have closed: it answers all the same
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	w.Must(err)
	defer response.Body.Close()
	content, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(content)
}

// get is a request line and headers of a good call of payright.
func (w *world) get(path, more string) string {
	return fmt.Sprintf("GET %s HTTP/1.1\r\nHost: api.example\r\nSubscription-Key: %s\r\nAuthorization: Bearer %s\r\n%s\r\n",
		path, w.payright.Primary.Reveal(), w.machine("payments.read.posting"), more)
}

func TestAPathThatCanBeReadInTwoWaysIsRefused(t *testing.T) {
	w := newWorld(t)
	paths := []string{
		"//billing/payments", "/billing//payments", "/billing/./payments", "/billing/status/../payments", "/billing/%2e/payments",
		"/billing/%2e%2e/billing/payments", "/billing/%2E%2E/payments", "/billing%2fpayments", "/billing%2Fpayments", "/billing%5cpayments",
		`/billing\payments`, "/billing/status;/payments", "/billing/payments;a=1", "/billing/status%3b", "/billing/payments%00", "/billing/payments%0d%0a",
		"/billing/%252e%252e/payments", "/billing/payments%", "/billing/payments%zz", "/billing/pay%u0061ments", "/billing/payments#/status",
		"/billing/status/..;/payments", "/billing/%c0%ae%c0%ae/payments", "/billing/payments/.", "/billing/bills/%ff", "/billing/..",
	}
	for _, path := range paths {
		if status, body := w.raw(w.get(path, "")); status != 400 && status != 404 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if r, _ := w.last(); r != nil {
		t.Errorf("the back end saw %s", r.RequestURI)
	}
}

func TestWhatWasMatchedIsWhatIsForwarded(t *testing.T) {
	w := newWorld(t)
	tests := map[string]string{
		"/billing/payments":            "/payments",
		"/billing/p%61yments":          "/payments",
		"/billing/bills/a%20b":         "/bills/a%20b",
		"/billing/bills/%e2%82%ac":     "/bills/%E2%82%AC",
		"/billing/bills/a+b!'()*@:,":   "/bills/a+b!'()*@:,",
		"/billing/bills/x?q=a%2fb&q=c": "/bills/x?q=a%2fb&q=c",
	}
	for path, want := range tests {
		text := w.get(path, "")
		if strings.Contains(path, "/bills/") {
			text = "GET " + path + " HTTP/1.1\r\nHost: api.example\r\nSubscription-Key: " + w.portal.Primary.Reveal() +
				"\r\nAuthorization: Bearer " + w.person("billing.read.bill") + "\r\n\r\n"
		}
		status, body := w.raw(text)
		r, _ := w.last()
		if status != 200 || r == nil || r.RequestURI != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

// What the back end hears about the caller comes from the gateway alone,
// however a caller spells it.
func TestNobodyCanSpeakForTheGateway(t *testing.T) {
	w := newWorld(t)
	aliases := []string{
		"Sallyport-Subject: admin", "sallyport-subject: admin", "SALLYPORT-SUBJECT: admin", "Sallyport_Subject: admin", "Sallyport.Subject: admin",
		"sallyport-Application: admin", "Sallyport_Scopes: admin", "Sallyport-Anything: admin", "X-Sallyport-Subject: admin", "Sallyport~Subject: admin",
		"X-Forwarded-For: admin", "x-forwarded-host: admin", "X_Forwarded_For: admin", "X.Forwarded.For: admin", "X-Forwarded-Proto: admin", "X-Forwarded-Prefix: admin",
		"X-Forwarded-User: admin", "Forwarded: for=admin", "X-Real-IP: admin", "X_Real_IP: admin", "True-Client-IP: admin", "Client-IP: admin",
		"X-Original-URL: /admin", "X-Rewrite-URL: /admin", "X-Original-Host: admin", "X_Original_URL: /admin",
		"X-HTTP-Method-Override: DELETE", "X-HTTP-Method: DELETE", "X-Method-Override: DELETE", "X_HTTP_Method_Override: DELETE",
		"X-Remote-User: admin", "Remote-User: admin", "Remote_User: admin", "X-SSL-Client-Cert: admin", "SSL_Client_Verify: admin", "X-Client-Cert: admin",
		"X-Auth-Request-User: admin", "X-Authenticated-User: admin", "X-Ms-Client-Principal: admin", "Subscription_Key: admin",
		"Cookie: __Host-signin-2=admin", "Proxy-Authorization: Basic admin", "Content_Length: 7admin", "Transfer_Encoding: admin",
		"Te: admin", "Keep-Alive: admin", "Trailer: Admin", "Expect: admin",
	}
	for _, alias := range aliases {
		t.Run(alias, func(t *testing.T) {
			status, body := w.raw(w.get("/billing/payments", alias+"\r\n"))
			if status == 417 {
				return // the server itself refused
			}
			if status != 200 {
				t.Fatalf("%d %s", status, body)
			}
			r, _ := w.last()
			for name, values := range r.Header {
				for _, value := range values {
					if strings.Contains(value, "admin") || strings.Contains(value, "DELETE") {
						t.Errorf("the back end got %s: %s", name, value)
					}
				}
			}
			if r.Header.Get("Sallyport-Subject") != "app:payright" || len(r.Header.Values("Sallyport-Subject")) != 1 {
				t.Errorf("the back end got Sallyport-Subject %v", r.Header.Values("Sallyport-Subject"))
			}
		})
	}
}

func TestSmuggledRequestsGetNowhere(t *testing.T) {
	w := newWorld(t)
	smuggled := "GET /admin HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, more := range map[string]string{
		"two lengths":                 "Content-Length: 0\r\nContent-Length: 33\r\n",
		"an odd transfer encoding":    "Transfer-Encoding: xchunked\r\n",
		"two transfer encodings":      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
		"a space before the colon":    "Transfer-Encoding : chunked\r\n",
		"a negative length":           "Content-Length: -1\r\n",
		"a line break within a value": "X-A: b\rGET /admin\r\n",
		"two hosts":                   "Host: other.example\r\n",
		"another host":                "",
	} {
		text := w.get("/billing/payments", more) + smuggled
		if name == "another host" {
			text = strings.Replace(text, "Host: api.example", "Host: localhost", 1)
		}
		if status, body := w.raw(text); status != 400 && status != 501 && status != 404 {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.seen {
		if r.RequestURI != "/payments" {
			t.Errorf("the back end saw %s", r.RequestURI)
		}
	}
}

func TestUpgradesAndInformationalAnswersDoNotCross(t *testing.T) {
	w := newWorld(t)
	var upgrade atomic.Value
	w.backend(func(rw http.ResponseWriter, r *http.Request) {
		upgrade.Store(r.Header.Get("Upgrade") + r.Header.Get("Connection") + r.Header.Get("HTTP2-Settings"))
		rw.Header().Set("Trace-Reference", "forged")
		rw.Header().Set("Set-Cookie", "__Host-signin-2=x")
		rw.Header().Set("Access-Control-Allow-Origin", "*")
		rw.WriteHeader(http.StatusEarlyHints)
		rw.Header().Set("Connection", "X-Private")
		rw.Header().Set("X-Private", "1")
		rw.WriteHeader(http.StatusOK)
	})
	conn, err := net.Dial("tcp", w.front.Listener.Addr().String())
	w.Must(err)
	defer conn.Close()
	_, err = io.WriteString(conn, w.get("/billing/payments", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"))
	w.Must(err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	w.Must(err)
	defer response.Body.Close()
	if response.StatusCode != 200 || upgrade.Load() != "" {
		t.Errorf("%d, the back end was asked to %q", response.StatusCode, upgrade.Load())
	}
	for _, name := range []string{"Set-Cookie", "Access-Control-Allow-Origin", "X-Private"} {
		if response.Header.Get(name) != "" {
			t.Errorf("%s came back", name)
		}
	}
	if response.Header.Get("Trace-Reference") == "forged" {
		t.Error("a back end speaks for the gateway")
	}
}

func TestAnAnswerThatSwitchesProtocolsIsNotPassedOn(t *testing.T) {
	w := newWorld(t)
	w.backend(func(rw http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET /admin")
	})
	if got := w.call(ask{path: "/billing/status"}); got.StatusCode != 502 || got.problem.Check != "backend" {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}

func TestHeadersAndBodiesAreBounded(t *testing.T) {
	w := newWorld(t)
	if status, _ := w.raw(w.get("/billing/payments", "X-Large: "+strings.Repeat("x", 64<<10)+"\r\n")); status != 431 {
		t.Errorf("large headers: %d", status)
	}
	if status, _ := w.raw(w.get("/billing/payments", "Content-Length: 99999999999\r\n")); status != 413 {
		t.Errorf("a body of 100 GB: %d", status)
	}
	chunk := fmt.Sprintf("%x\r\n%s\r\n", 1<<20, strings.Repeat("x", 1<<20))
	text := strings.Replace(w.get("/billing/payments", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"), "GET", "POST", 1)
	text = strings.Replace(text, w.machine("payments.read.posting"), "", 1)
	bearer := strings.Index(text, "Bearer ")
	text = text[:bearer] + "Bearer " + w.machine("payments.write.posting") + text[bearer+strings.Index(text[bearer:], "\r\n"):]
	if status, body := w.raw(text + chunk + chunk + "0\r\n\r\n"); status != 413 {
		t.Errorf("a body that does not tell its length: %d %s", status, body)
	}
}

func TestStreamsAreNotHeldBack(t *testing.T) {
	w := newWorld(t)
	next, gone := make(chan struct{}), make(chan struct{})
	w.backend(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/event-stream")
		control := http.NewResponseController(rw)
		_ = control.Flush()
		for i := 0; ; i++ {
			select {
			case <-next:
				_, _ = fmt.Fprintf(rw, "data: %d\n\n", i)
				_ = control.Flush()
			case <-r.Context().Done():
				close(gone)
				return
			}
		}
	})
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	r := w.request(ask{path: "/billing/events", key: w.payright.Primary.Reveal(), token: w.machine("payments.read.posting")})
	response, err := w.front.Client().Do(r.WithContext(ctx)) // headers alone arrive
	w.Must(err)
	lines := bufio.NewReader(response.Body)
	for i := range 3 {
		next <- struct{}{}
		line, err := lines.ReadString('\n')
		w.Must(err)
		if line != fmt.Sprintf("data: %d\n", i) {
			t.Fatalf("line %q", line)
		}
		_, _ = lines.ReadString('\n')
	}
	leave()
	<-gone // the back end learns that the client went away
	eventually(t, "the disconnect is counted", func() bool { return w.gateway.Stats().Disconnects == 1 })
}

// eventually waits for what another goroutine is about to do.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestAnAnswerThatBreaksOffIsSeenToBreakOff(t *testing.T) {
	w := newWorld(t)
	w.backend(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(rw, "half")
		_ = http.NewResponseController(rw).Flush()
		panic(http.ErrAbortHandler)
	})
	response, err := w.front.Client().Do(w.request(ask{path: "/billing/status"}))
	if err == nil { // the headers may have crossed before the rest failed to come
		defer response.Body.Close()
		if body, err := io.ReadAll(response.Body); err == nil {
			t.Errorf("the caller takes %q for the whole", body)
		}
	}
	eventually(t, "it is counted", func() bool { return w.gateway.Stats().Truncated == 1 })
}

func TestTrailersCross(t *testing.T) {
	w := newWorld(t)
	w.backend(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Trailer", "Grpc-Status")
		_, _ = io.WriteString(rw, "body")
		rw.Header().Set("Grpc-Status", "0")
	})
	got := w.call(ask{path: "/billing/status"})
	if got.body != "body" || got.Trailer.Get("Grpc-Status") != "0" {
		t.Errorf("%q, trailers %v", got.body, got.Trailer)
	}
}

func TestABackEndThatDoesNotAnswerCostsNobodyTheirQuota(t *testing.T) {
	w := newWorld(t)
	limited := w.subscription("payright", "everybody")
	a := ask{path: "/billing/payments", key: limited.Primary.Reveal(), token: w.machine("payments.read.posting")}
	w.back.Close()
	for range 5 {
		if got := w.call(a); got.StatusCode != 502 || got.problem.Check != "backend" || !strings.Contains(got.Header.Get("RateLimit"), "r=2") {
			t.Fatalf("%d %v %s", got.StatusCode, got.Header, got.body)
		}
	}
}

func TestASlowBackEndIsGivenUp(t *testing.T) {
	w := newWorld(t)
	w.Apply(changed(w, "timeout: 5s", "timeout: 1s"))
	w.backend(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	if got := w.call(ask{path: "/billing/status"}); got.StatusCode != 504 || got.problem.Check != "backend" {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}

func TestPagesOfRegisteredOriginsMayCall(t *testing.T) {
	w := newWorld(t)
	preflight := func(origin, method string) told {
		return w.call(ask{method: "OPTIONS", path: "/billing/bills/7", header: map[string]string{"Origin": origin, "Access-Control-Request-Method": method}})
	}
	got := preflight("https://portal.example", "GET")
	if got.StatusCode != 204 || got.Header.Get("Access-Control-Allow-Origin") != "https://portal.example" || got.Header.Get("Access-Control-Allow-Methods") != "GET" ||
		!strings.Contains(got.Header.Get("Access-Control-Allow-Headers"), "Subscription-Key") || got.Header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("preflight: %d %v", got.StatusCode, got.Header)
	}
	for _, origin := range []string{"https://evil.example", "null", "https://portal.example.evil.example", "http://portal.example"} {
		if got := preflight(origin, "GET"); got.StatusCode != 403 || got.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %v", origin, got.StatusCode, got.Header)
		}
	}
	refused := w.call(ask{path: "/billing/bills/7", header: map[string]string{"Origin": "https://portal.example"}})
	if refused.StatusCode != 401 || refused.Header.Get("Access-Control-Allow-Origin") == "" || !strings.Contains(refused.Header.Get("Vary"), "Origin") {
		t.Errorf("a page cannot read why it was refused: %v", refused.Header)
	}
	if got := w.call(ask{method: "OPTIONS", path: "/billing/bills/7"}); got.StatusCode != 405 {
		t.Errorf("OPTIONS without an origin: %d", got.StatusCode)
	}
}

func TestANewRevisionFailsNoCall(t *testing.T) {
	w := newWorld(t)
	var calls, failed atomic.Int64
	stop := make(chan struct{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				r := w.request(ask{path: "/billing/payments", key: w.payright.Primary.Reveal(), token: w.machine("payments.read.posting")})
				response, err := w.front.Client().Do(r)
				if err != nil {
					failed.Add(1)
					continue
				}
				if response.StatusCode != 200 {
					failed.Add(1)
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
				calls.Add(1)
			}
		})
	}
	// Each revision moves the back end to its other name, so that calls which
	// began under one connect under the next.
	for i := range 10 {
		files := verifytest.Tree(w.back.URL)
		if i%2 == 0 {
			files = verifytest.Tree(strings.Replace(w.back.URL, "127.0.0.1", "localhost", 1))
		}
		w.Apply(files)
		seen := calls.Load()
		eventually(t, "calls go on", func() bool { return calls.Load() > seen+20 })
		w.Hear()
	}
	close(stop)
	all.Wait()
	if failed.Load() > 0 {
		t.Errorf("%d of %d calls failed", failed.Load(), calls.Load())
	}
}

func TestTheAuthorityRotatesWithoutAFailedCall(t *testing.T) {
	w := newWorld(t)
	a := ask{path: "/billing/payments", key: w.payright.Primary.Reveal(), token: w.machine("payments.read.posting")}
	for _, moment := range []string{"before", "after"} {
		if got := w.call(a); got.StatusCode != 200 {
			t.Fatalf("%s: %d %s", moment, got.StatusCode, got.body)
		}
		w.Must(w.authority.Rotate(t.Context(), w.Live.ID, time.Hour, "tester"))
		if moment == "before" {
			w.authority.Forget(w.Live.ID, "ca/gateway") // what the feed tells other nodes
			continue
		}
	}
}

func TestNoTwoCallersCross(t *testing.T) {
	w := newWorld(t)
	w.backend(func(rw http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(rw, r.Header.Get("Sallyport-Application")+" "+r.URL.RawQuery)
	})
	var all sync.WaitGroup
	for n, who := range []struct{ application, key, token string }{
		{"payright", w.payright.Primary.Reveal(), w.machine("payments.read.posting")},
		{"sunshare", w.sunshare.Primary.Reveal(), w.Sign("partners", w.Claims("partners", "sunshare", "payments.read.posting"))},
	} {
		all.Go(func() {
			for i := range 100 {
				want := fmt.Sprintf("%s n=%d-%d", who.application, n, i)
				r := w.request(ask{path: fmt.Sprintf("/billing/payments?n=%d-%d", n, i), key: who.key, token: who.token})
				response, err := w.front.Client().Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				body, _ := io.ReadAll(response.Body)
				_ = response.Body.Close()
				if string(body) != want {
					t.Errorf("%s got %q", want, body)
					return
				}
			}
		})
	}
	all.Wait()
}
