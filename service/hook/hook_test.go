package hook

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/breaker"
	"sallyport/service/egress"
)

func TestAHookIsToldWhatIsListedAndNothingElse(t *testing.T) {
	w := newWorld(t)
	var payload map[string]any
	h := risk(serve(t, func(rw http.ResponseWriter, r *http.Request) {
		q, token := asked(t, r)
		said, _, err := w.verify.Verify(token)
		if err != nil || json.Unmarshal(said, &payload) != nil {
			t.Errorf("the question does not verify: %v", err)
		}
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/jwt" || r.Header.Get("Authorization") != "" {
			t.Errorf("%s with %v", r.Method, r.Header)
		}
		rw.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(rw, `{"id":"`+q.ID+`","remove":["billing.write.payment"],"claims":{"risk":"low"}}`)
	}))
	got := one(w, h)
	if got.Failure != "" || got.Refuses() || got.Took <= 0 {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]access.Scope{"billing.write.payment"}, got.Removed); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"risk": "low"}, got.Claims); diff != "" {
		t.Error(diff)
	}
	if len(got.ID) != 22 || payload["jti"] != got.ID {
		t.Errorf("the id %q", got.ID)
	}
	delete(payload, "jti")
	want := map[string]any{
		"iss": "https://id.test/hl/apps", "aud": h.URL, "iat": float64(w.now.Unix()), "exp": float64(w.now.Unix() + 60),
		"ask": map[string]any{
			"version": float64(1), "hook": "risk", "tenant": "harbourlight", "environment": "production", "revision": float64(3),
			"server": "apps", "application": "my-account", "grant": "authorization_code", "subject": "cus_1",
			"attributes": map[string]any{"tariff": "green"},
			"scopes":     []any{"openid", "billing.read.bill", "billing.write.payment"}, "judges": []any{"billing.write.payment"},
			"claims": []any{map[string]any{"name": "risk", "type": "string"}},
		},
	}
	if diff := cmp.Diff(want, payload); diff != "" {
		t.Error(diff)
	}
}

// drip writes a letter at a time for as long as somebody reads.
func drip(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Content-Type", "application/json")
	for r.Context().Err() == nil {
		if _, err := io.WriteString(rw, " "); err != nil {
			return
		}
		rw.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
		case <-time.After(time.Millisecond):
		}
	}
}

func TestAnAnswerThatDoesNotCountTakesAwayAllThatIsJudged(t *testing.T) {
	text := func(s string) func(*testing.T) http.HandlerFunc {
		return func(t *testing.T) http.HandlerFunc {
			return says(t, func(id string) string { return strings.ReplaceAll(s, "%ID%", id) })
		}
	}
	plain := func(f http.HandlerFunc) func(*testing.T) http.HandlerFunc {
		return func(*testing.T) http.HandlerFunc { return f }
	}
	tests := map[string]struct {
		answer func(*testing.T) http.HandlerFunc
		want   Failure
	}{
		"it hangs before the headers": {plain(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}), Slow},
		"it hangs after the headers": {plain(func(rw http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			rw.Header().Set("Content-Type", "application/json")
			rw.(http.Flusher).Flush()
			<-r.Context().Done()
		}), Slow},
		"it drips": {plain(drip), Slow},
		"it breaks off": {plain(func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}), Away},
		"it redirects": {plain(func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "/elsewhere", http.StatusTemporaryRedirect)
		}), Redirected},
		"it has nothing to say": {plain(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) }), BadStatus},
		"it fails":              {plain(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusInternalServerError) }), BadStatus},
		"it answers with a page": {plain(func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(rw, "<html>")
		}), BadMedia},
		"it packs its answer": {plain(func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "application/json")
			rw.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(rw)
			_, _ = io.WriteString(z, "{}")
			_ = z.Close()
		}), BadMedia},
		"it talks without end": {func(t *testing.T) http.HandlerFunc {
			return says(t, func(id string) string {
				return `{"id":"` + id + `","claims":{"risk":"` + strings.Repeat("x", 1<<20) + `"}}`
			})
		}, TooLarge},
		"it says no JSON":                    {text(`hello`), Malformed},
		"it says nothing":                    {text(``), Malformed},
		"it says more behind the answer":     {text(`{"id":"%ID%"} {}`), Malformed},
		"it says a list":                     {text(`["%ID%"]`), Malformed},
		"it has a member of its own":         {text(`{"id":"%ID%","add":["billing.write.payment"]}`), Malformed},
		"it spells a member otherwise":       {text(`{"ID":"%ID%"}`), Malformed},
		"it says a member twice":             {text(`{"id":"%ID%","remove":["billing.write.payment"],"remove":[]}`), Malformed},
		"it says a claim twice":              {text(`{"id":"%ID%","claims":{"risk":"a","risk":"b"}}`), Malformed},
		"it removes a text":                  {text(`{"id":"%ID%","remove":"billing.write.payment"}`), Malformed},
		"it removes nothing, by null":        {text(`{"id":"%ID%","remove":null}`), Malformed},
		"it goes deep":                       {text(`{"id":"%ID%","claims":{"risk":[["a"]]}}`), Malformed},
		"it goes very deep":                  {text(`{"id":` + strings.Repeat("[", 8000)), Malformed},
		"it fills a claim with an object":    {text(`{"id":"%ID%","claims":{"risk":{"a":1}}}`), Malformed},
		"it fills a claim with null":         {text(`{"id":"%ID%","claims":{"risk":null}}`), Malformed},
		"it fills a claim with a fraction":   {text(`{"id":"%ID%","claims":{"risk":1.5}}`), Malformed},
		"it is not UTF-8":                    {text("{\"id\":\"%ID%\",\"claims\":{\"risk\":\"\xff\"}}"), Malformed},
		"it answers another question":        {text(`{"id":"AAAAAAAAAAAAAAAAAAAAAA"}`), Stranger},
		"it does not say to what":            {text(`{"remove":["billing.write.payment"]}`), Stranger},
		"it takes what was not granted":      {text(`{"id":"%ID%","remove":["outage.write.report"]}`), ForeignScope},
		"it takes what it does not judge":    {text(`{"id":"%ID%","remove":["billing.read.bill"]}`), ForeignScope},
		"it fills a claim of another hook":   {text(`{"id":"%ID%","claims":{"other":"x"}}`), ForeignClaim},
		"it fills a claim of the server":     {text(`{"id":"%ID%","claims":{"sub":"cus_2"}}`), ForeignClaim},
		"it fills a claim with another type": {text(`{"id":"%ID%","claims":{"risk":true}}`), WrongType},
		"it fills in scope":                  {text(`{"id":"%ID%","claims":{"scope":"outage.write.report"}}`), ForeignClaim},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			h := risk(serve(t, test.answer(t)))
			if test.want == Slow {
				h.Timeout = config.Duration(50 * time.Millisecond)
			}
			for _, mode := range []string{config.HookRefuse, config.HookWithout} {
				h.OnFailure = mode
				got := one(w, h)
				if got.Failure != test.want || got.Detail == "" || got.Refuses() != (mode == config.HookRefuse) {
					t.Errorf("%s: %s, %s", mode, got.Failure, got.Detail)
				}
				if diff := cmp.Diff([]access.Scope{"billing.write.payment"}, got.Removed); diff != "" || got.Claims != nil {
					t.Errorf("%s: %s, claims %v", mode, diff, got.Claims)
				}
			}
		})
	}
}

func TestAnOldAnswerIsNoAnswer(t *testing.T) {
	w := newWorld(t)
	var first string
	h := risk(serve(t, says(t, func(id string) string {
		if first == "" {
			first = `{"id":"` + id + `"}`
		}
		return first
	})))
	if got := one(w, h); got.Failure != "" || len(got.Removed) > 0 {
		t.Errorf("%+v", got)
	}
	if got := one(w, h); got.Failure != Stranger || len(got.Removed) != 1 {
		t.Errorf("the same answer again: %+v", got)
	}
}

// names is a resolver that tests write.
type names map[string]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr(n[host])}, nil
}

func TestAHookInsideIsReachedOnlyWhereItMayBe(t *testing.T) {
	url := serve(t, says(t, func(id string) string { return `{"id":"` + id + `"}` }))
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	resolver := names{"metadata.test": "169.254.169.254", "inside.test": "127.0.0.1", "localhost": "127.0.0.1", "office.test": "10.1.2.3"}
	loop := []string{"127.0.0.0/8"}
	tests := map[string]struct {
		host    string
		private []string
		want    Failure
	}{
		"the cloud's metadata":                       {"metadata.test", nil, Guarded},
		"a private network":                          {"office.test", nil, Guarded},
		"this machine, by a name that hides it":      {"inside.test", nil, Guarded},
		"this machine, spelt so":                     {"127.0.0.1", nil, Guarded},
		"this machine, allowed":                      {"127.0.0.1", []string{"127.0.0.1:" + port}, ""},
		"this machine, at another port":              {"127.0.0.1", []string{"127.0.0.1:1"}, Guarded},
		"this machine, spelt in letters":             {"localhost", []string{"localhost"}, ""},
		"a name inside, in a network that is listed": {"inside.test", loop, ""},
		"a name inside, in another network":          {"office.test", loop, Guarded},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			private, err := egress.ParseAllowance(test.private)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, func(c *Config) { c.Resolver, c.Private = resolver, private })
			if got := one(w, risk("http://"+test.host+":"+port+"/")); got.Failure != test.want {
				t.Errorf("%s: %s", got.Failure, got.Detail)
			}
		})
	}
}

func TestAConnectionIsUsedAgain(t *testing.T) {
	w := newWorld(t)
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(says(t, func(id string) string { return `{"id":"` + id + `"}` }))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	for range 5 {
		if got := one(w, risk(server.URL)); got.Failure != "" {
			t.Fatalf("%+v", got)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections for five questions", n)
	}
}

// A receiver that is started anew closes connections that lie idle; a question that
// is under way on one then is put again.
func TestAConnectionThatWasClosedMeanwhileIsNoFailure(t *testing.T) {
	w := newWorld(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var connections atomic.Int32
	once := func(conn net.Conn) { // answers one question, and closes on the second
		defer conn.Close()
		in := bufio.NewReader(conn)
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		q, _ := asked(t, r)
		body := `{"id":"` + q.ID + `"}`
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		if r, err = http.ReadRequest(in); err == nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			go once(conn)
		}
	}()
	h := risk("http://" + listener.Addr().String())
	for range 3 {
		if got := one(w, h); got.Failure != "" {
			t.Errorf("%+v", got)
		}
	}
	if n := connections.Load(); n != 3 {
		t.Errorf("%d connections", n)
	}
}

func TestAHookThatHangsIsLeftAloneAndTriedAgain(t *testing.T) {
	w := newWorld(t)
	var hangs atomic.Bool
	var calls atomic.Int32
	hangs.Store(true)
	answer := says(t, func(id string) string { return `{"id":"` + id + `"}` })
	h := risk(serve(t, func(rw http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if hangs.Load() {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			return
		}
		answer(rw, r)
	}))
	h.Timeout = config.Duration(30 * time.Millisecond)
	expect := func(step string, want Failure, called, suspended, resumed int) {
		t.Helper()
		if got := one(w, h); got.Failure != want {
			t.Errorf("%s: %s", step, got.Failure)
		}
		if n := int(calls.Load()); n != called {
			t.Errorf("%s: called %d times", step, n)
		}
		if s, r := w.count(audit.HookSuspended), w.count(audit.HookResumed); s != suspended || r != resumed {
			t.Errorf("%s: suspended %d, resumed %d", step, s, r)
		}
	}
	for n := range breaker.MaxFaults {
		expect("hanging", Slow, n+1, map[bool]int{true: 1}[n == breaker.MaxFaults-1], 0)
	}
	expect("left alone", Suspended, breaker.MaxFaults, 1, 0)
	w.pass(restTime - time.Nanosecond)
	expect("still", Suspended, breaker.MaxFaults, 1, 0)
	w.pass(time.Nanosecond)
	expect("tried", Slow, breaker.MaxFaults+1, 1, 0)
	expect("left alone again", Suspended, breaker.MaxFaults+1, 1, 0)
	w.pass(restTime)
	hangs.Store(false)
	h.Timeout = config.Duration(3 * time.Second)
	expect("good again", "", breaker.MaxFaults+2, 1, 1)
	expect("and stays so", "", breaker.MaxFaults+3, 1, 1)

	elsewhere := risk(serve(t, answer))
	if got := one(w, elsewhere); got.Failure != "" {
		t.Errorf("another address inherits: %+v", got)
	}
}

func TestAHookThatLiesIsAskedAgain(t *testing.T) {
	w := newWorld(t)
	h := risk(serve(t, says(t, func(string) string { return `{}` })))
	for range 2 * breaker.MaxFaults {
		if got := one(w, h); got.Failure != Stranger {
			t.Errorf("%+v", got)
		}
	}
	if w.count(audit.HookSuspended) > 0 {
		t.Error("it was suspended")
	}
}

func TestWhoHangsUpSaysNothingAboutAHook(t *testing.T) {
	w := newWorld(t)
	entered := make(chan struct{})
	h := risk(serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		entered <- struct{}{}
		<-r.Context().Done()
	}))
	h.Timeout = config.Duration(3 * time.Second)
	for range breaker.MaxFaults + 1 {
		ctx, hangUp := context.WithCancel(t.Context())
		go func() { <-entered; hangUp() }()
		if got := w.Ask(ctx, w.question(), []*config.Hook{h})[0]; got.Failure != Abandoned {
			t.Errorf("%+v", got)
		}
	}
	if w.count(audit.HookSuspended) > 0 {
		t.Error("it was suspended")
	}
}

func TestOnlySoManyCallsOfAHookAreUnderWay(t *testing.T) {
	w := newWorld(t)
	entered, leave := make(chan struct{}, maxCalls+1), make(chan struct{})
	answer := says(t, func(id string) string { return `{"id":"` + id + `"}` })
	h := risk(serve(t, func(rw http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		<-leave
		answer(rw, r)
	}))
	h.Timeout = config.Duration(3 * time.Second)
	var all sync.WaitGroup
	for range maxCalls {
		all.Go(func() {
			if got := one(w, h); got.Failure != "" {
				t.Errorf("%+v", got)
			}
		})
	}
	for range maxCalls {
		<-entered
	}
	impatient := *h
	impatient.Timeout = config.Duration(20 * time.Millisecond)
	if got := one(w, &impatient); got.Failure != Busy || len(entered) > 0 {
		t.Errorf("%+v", got)
	}
	close(leave)
	all.Wait()
	if w.count(audit.HookSuspended) > 0 {
		t.Error("it was suspended")
	}
}

func TestHooksAreAskedAtOnceAndToldApart(t *testing.T) {
	w := newWorld(t)
	var both sync.WaitGroup
	both.Add(2)
	meet := func(text string) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) {
			both.Done()
			both.Wait() // each answers once the other was asked
			says(t, func(id string) string { return strings.ReplaceAll(text, "%ID%", id) })(rw, r)
		}
	}
	first, second := risk(serve(t, meet(`{"id":"%ID%","claims":{"risk":"low"}}`))), risk(serve(t, meet(`{"id":"%ID%","claims":{"other":"x"}}`)))
	second.Name, second.Timeout, first.Timeout = "another", config.Duration(3*time.Second), config.Duration(3*time.Second)
	got := w.Ask(t.Context(), w.question(), []*config.Hook{first, second})
	if len(got) != 2 || got[0].Hook != second || got[0].Claims["other"] != "x" || got[1].Hook != first || got[1].Claims["risk"] != "low" {
		t.Errorf("%+v", got)
	}
}

func TestATrialShowsEverythingButTheSignature(t *testing.T) {
	w := newWorld(t)
	body := ""
	h := risk(serve(t, says(t, func(id string) string {
		body = `{"id":"` + id + `","remove":["billing.write.payment"]}`
		return body
	})))
	got, err := w.Try(t.Context(), w.question(), h)
	if err != nil {
		t.Fatal(err)
	}
	var header map[string]string
	var q request
	if json.Unmarshal(got.Header, &header) != nil || json.Unmarshal(got.Question, &q) != nil {
		t.Fatalf("%+v", got)
	}
	if header["typ"] != TokenType || header["kid"] == "" || !q.Ask.Test || got.Status != 200 || string(got.Answer) != body || len(got.Removed) != 1 {
		t.Errorf("%v %+v %+v", header, q, got)
	}
	liar := risk(serve(t, says(t, func(string) string { return `{"id":1}` })))
	got, err = w.Try(t.Context(), w.question(), liar)
	if err != nil || got.Failure != Malformed || string(got.Answer) != `{"id":1}` || len(got.Removed) != 1 {
		t.Errorf("%v %+v", err, got)
	}
}
