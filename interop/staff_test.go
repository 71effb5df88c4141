package interop

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sallyport/interop/harness"
	"sallyport/store/postgres/pgtest"
)

// staff is two nodes of one installation, with a clock that tests move, and a
// console at one address, as a load balancer would give it.
type staff struct {
	*testing.T
	console string // address, without a slash at the end
	nodes   [2]node
	clock   string
	ahead   time.Duration
}

func newStaff(t *testing.T) *staff {
	t.Helper()
	s := &staff{T: t, clock: filepath.Join(t.TempDir(), "clock")}
	setClock(t, s.clock, "0s")
	host, database := freeAddress(t), pgtest.StartTCP(t)
	s.console = "http://" + host + "/console"
	start := func(env ...string) node {
		pages := freeAddress(t)
		server := harness.StartServer(t, harness.Launch{
			Build: harness.TestHooks, Store: database, Env: append(env, clockVariable+"="+s.clock),
			Flags: []string{"--listen", pages, "--console-url", s.console},
		})
		way := &http.Transport{DialContext: (&detour{map[string]string{host: pages}}).dial, MaxIdleConnsPerHost: guesses}
		t.Cleanup(way.CloseIdleConnections)
		return node{server, way}
	}
	s.nodes[0] = start()
	s.nodes[1] = start("SALLYPORT_MASTER_KEY_FILE=" + masterKey(t, s.nodes[0]))
	for _, n := range s.nodes {
		n.Keep(newPassword)
	}
	return s
}

// pass moves the clock of both nodes, and waits until neither thinks that it has
// missed something.
func (s *staff) pass(d time.Duration) {
	s.Helper()
	s.ahead += d
	setClock(s.T, s.clock, s.ahead.String())
	for _, n := range s.nodes {
		await(s.T, offWithin, "the node has followed the clock", func() bool {
			answer, err := http.Get(n.URL + "/healthz")
			if err != nil {
				return false
			}
			answer.Body.Close()
			return answer.StatusCode == http.StatusOK
		})
	}
}

// events counts those of a type, and of a result, in the ledger.
func (s *staff) events(kind, result string) int {
	s.Helper()
	said := s.nodes[0].Run(s.T, "audit", "query", "type:"+kind+" result:"+result, "--env", "system/system", "--limit", "1000", "--json")
	var page struct {
		Events []json.RawMessage `json:"events"`
	}
	if err := json.Unmarshal([]byte(said), &page); err != nil {
		s.Fatalf("%v in %s", err, said)
	}
	return len(page.Events)
}

// browser is one of an operator or of an attacker. It follows nothing, and is for
// one goroutine.
type browser struct {
	*staff
	client *http.Client
	at     string // address of the sign-in page
	forged string // where it says that it is
	from   string // where a proxy says that it is; empty: no proxy is between
}

func (s *staff) browser(n node) *browser {
	jar, _ := cookiejar.New(nil) // no options, no error
	return &browser{staff: s, client: &http.Client{
		Transport: n.way, Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// twin is the same browser at another node.
func (b *browser) twin(n node) *browser {
	other := *b
	other.client = &http.Client{Transport: n.way, Jar: b.client.Jar, Timeout: b.client.Timeout, CheckRedirect: b.client.CheckRedirect}
	return &other
}

type shown struct {
	status int
	text   string
	next   string // where it leads
}

func (b *browser) send(method, address string, form url.Values) shown {
	req, err := http.NewRequestWithContext(b.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.Error(err)
		return shown{}
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if b.forged != "" {
		for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "True-Client-Ip", "Cf-Connecting-Ip"} {
			req.Header.Set(name, b.forged)
		}
		req.Header.Set("Forwarded", "for="+b.forged)
	}
	if b.from != "" { // a proxy writes behind whatever came
		req.Header.Add("X-Forwarded-For", b.from)
	}
	answer, err := b.client.Do(req)
	if err != nil {
		b.Error(err)
		return shown{}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.Error(err)
	}
	return shown{answer.StatusCode, string(text), answer.Header.Get("Location")}
}

// ask opens the console, which leads to a sign-in page, and gives a name there.
func (b *browser) ask(name string) {
	b.Helper()
	b.at = b.send(http.MethodGet, b.console+"/", nil).next
	if b.give(harness.FieldUsername, name).status != http.StatusSeeOther {
		b.Errorf("%s is not asked for a password at %s", name, b.at)
	}
}

// give sends the form of the sign-in page.
func (b *browser) give(pairs ...string) shown {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.send(http.MethodPost, b.at, form)
}

func (b *browser) password(name, text string) shown {
	return b.give(harness.FieldUsername, name, harness.FieldPassword, text)
}

// isIn says whether the console opens.
func (b *browser) isIn() bool {
	return b.send(http.MethodGet, b.console+"/", nil).status == http.StatusOK
}

var (
	keyShown      = regexp.MustCompile(`id="totp-key">([A-Z2-7 ]+)<`)
	recoveryShown = regexp.MustCompile(`<li><code>([0-9a-z-]{14})</code></li>`)
)

// operator makes one, and gives the browser that they came in with, the key of
// their app and their recovery codes.
func (s *staff) operator(name string) (home *browser, key string, codes []string) {
	s.Helper()
	home = s.browser(s.nodes[0])
	link := strings.TrimSpace(s.nodes[0].Run(s.T, "operator", "link"))
	home.at = home.send(http.MethodPost, link, url.Values{"username": {name}, "name": {name}, harness.FieldNew: {newPassword}}).next
	page := home.send(http.MethodGet, home.at, nil)
	found := keyShown.FindStringSubmatch(page.text)
	if found == nil {
		s.Fatalf("no key is shown, but %d: %s", page.status, page.text)
	}
	key = found[1]
	home.give(harness.FieldCode, totp(s.T, key, s.now()))
	for _, m := range recoveryShown.FindAllStringSubmatch(home.send(http.MethodGet, home.at, nil).text, -1) {
		codes = append(codes, m[1])
	}
	home.give("codes-kept", "1")
	if len(codes) != 10 || !home.isIn() {
		s.Fatalf("%s is not in; codes %v", name, codes)
	}
	for _, n := range s.nodes {
		n.Keep(append(codes, key)...)
	}
	return home, key, codes
}

func (s *staff) now() time.Time { return time.Now().Add(s.ahead) }

// leave signs out, so that the next sign-in asks everything.
func (b *browser) leave() {
	b.Helper()
	if b.send(http.MethodPost, b.console+"/signout", url.Values{}).status != http.StatusOK || b.isIn() {
		b.Fatal("they are not signed out")
	}
}
