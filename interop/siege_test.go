package interop

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/interop/harness"
	"sallyport/store/postgres/pgtest"
)

// siege is two nodes of a company behind a proxy, with everything that customers can
// prove who they are by, and what was sent to them.
type siege struct {
	*staff
	acme
	post *postbox
	app  harness.Application
	next int // of customers

	household *browser // that somebody was given last, to sign in on before
}

// besieged is a customer.
type besieged struct{ harness.Person }

// crowdSize is how many customers there are; each attack has one of its own.
const crowdSize = 24

func newSiege(t *testing.T) *siege {
	t.Helper()
	s := &siege{staff: &staff{T: t, clock: filepath.Join(t.TempDir(), "clock")}, acme: newAcme(t), post: newPostbox(t)}
	setClock(t, s.clock, "0s")
	s.furnish(t)
	s.console = "http://" + s.pages + "/console"
	database := pgtest.StartTCP(t)
	start := func(l harness.Launch) node {
		pages, gates := freeAddress(t), freeAddress(t)
		l.Build, l.Store = harness.TestHooks, database
		l.Env = append(l.Env, clockVariable+"="+s.clock)
		l.Flags = append(l.Flags, "--listen", pages, "--gateway-listen", gates, "--console-url", s.console, "--trusted-proxy", "127.0.0.1")
		way := &http.Transport{DialContext: (&detour{map[string]string{s.pages: pages, s.gates: gates}}).dial, MaxIdleConnsPerHost: guesses}
		t.Cleanup(way.CloseIdleConnections)
		return node{harness.StartServer(t, l), way}
	}
	s.nodes[0] = start(harness.Launch{Flags: []string{"--config", s.tree}})
	s.nodes[1] = start(harness.Launch{Env: []string{"SALLYPORT_MASTER_KEY_FILE=" + masterKey(t, s.nodes[0])}})
	s.nodes[0].Keep(newPassword)
	s.nodes[1].Keep(newPassword)
	s.moveIn(t)
	return s
}

// furnish adds what the starter's tree does not have: how customers register, recover
// and are sent things, and where accounts are.
func (s *siege) furnish(t *testing.T) {
	t.Helper()
	s.edit(t, "tenant.yaml", "{name: password, ask: password}", "{name: password, ask: password, or: code}\n  - {name: second, ask: totp, when: enrolled, factors: [text, call]}")
	s.edit(t, "migration.yaml", "required: true}]", "required: true}, {from: PHONE, to: phone, verified: OK}]")
	more := `kind: journey
name: registration
purpose: registration
steps:
  - {name: identifier, ask: identifier}
  - {name: address, ask: verify}
  - {name: password, ask: new-password}
  - {name: account, ask: claim, skip: true}
  - {name: questions, ask: questions, skip: true}
---
kind: journey
name: recovery
purpose: recovery
steps:
  - {name: identifier, ask: identifier}
  - {name: address, ask: verify}
  - {name: second, ask: totp}
  - name: questions
    ask: questions
    questions:
      - {name: pet, texts: {en: "What was your first pet called?"}}
      - {name: street, texts: {en: "In which street did you live at six?"}}
  - {name: password, ask: new-password}
---
kind: records
name: billing
table: accounts.csv
facts:
  - {name: postcode, title: Postcode, form: code}
  - {name: meter, title: Number of the meter, form: digits}
need: 2
account: {lines: [street], postcode: postcode}
`
	for _, channel := range []string{"email", "sms", "voice", "letter"} {
		from := ""
		if channel == "email" {
			from = "from: no-reply@acme.example\n"
		}
		more += fmt.Sprintf("---\nkind: sender\nname: by-%s\nchannel: %s\nurl: %s\nsecret: post\n%s", channel, channel, s.post.url, from)
	}
	accounts := "number,postcode,meter,street\n"
	for i := range crowdSize {
		accounts += fmt.Sprintf("HL-%04d,%05d,%07d,%d Wharf Lane\n", i, 10_000+i, 7_000_000+i, i+1)
	}
	for name, text := range map[string]string{"siege.yaml": more, "accounts.csv": accounts} {
		if err := os.WriteFile(filepath.Join(s.tree, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// person is the customer of a number.
func person(i int) harness.Person {
	return harness.Person{Username: fmt.Sprintf("c%02d@acme.test", i), Email: fmt.Sprintf("c%02d@acme.test", i), Password: fmt.Sprintf("copper-heron-%02d", i)}
}

func phoneOf(i int) string { return fmt.Sprintf("+1212555%04d", 100+i) }

// moveIn imports the customers, and gives the application and the adapter their secrets.
func (s *siege) moveIn(t *testing.T) {
	t.Helper()
	export := "ID,EMAIL,PHONE,OK,HASH\n"
	for i := range crowdSize {
		p, salt := person(i), fmt.Sprintf("salt%04d", i)
		sum := sha1.Sum([]byte(p.Password + salt))
		export += fmt.Sprintf("%d,%s,%s,true,{SSHA}%s\n", i+1, p.Email, phoneOf(i), base64.StdEncoding.EncodeToString(append(sum[:], salt...)))
	}
	n := s.nodes[0]
	file := filepath.Join(n.Dir, "export.csv")
	for name, text := range map[string]string{file: export, filepath.Join(n.Dir, "post"): "an adapter's secret"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n.Run(t, "secret", "put", "post", "--file", filepath.Join(n.Dir, "post"))
	n.Run(t, "migrate", "run", "old", "--file", file)
	secret := strings.TrimSpace(n.Run(t, "apps", "rotate", "web-app"))
	n.Keep(secret)
	s.app = harness.Application{Issuer: n.Issuers["main"], ClientID: "web-app", ClientSecret: secret}
}

// customer is one whom nobody has attacked yet.
func (s *siege) customer() (besieged, int) {
	i := s.next
	if s.next++; s.next > crowdSize {
		s.Fatal("there are no more customers")
	}
	return besieged{person(i)}, i
}

// postbox is the adapter of all senders.
type postbox struct {
	url string

	mu   sync.Mutex
	sent map[string][]string // texts by whom they went to
}

func newPostbox(t *testing.T) *postbox {
	t.Helper()
	p := &postbox{sent: map[string][]string{}}
	server := httptest.NewServer(http.HandlerFunc(p.deliver))
	t.Cleanup(server.Close)
	p.url = server.URL + "/deliver"
	return p
}

func (p *postbox) deliver(w http.ResponseWriter, r *http.Request) {
	var order struct{ ID, To, Text string }
	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	p.sent[order.To] = append(p.sent[order.To], order.Text)
	p.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]string{"id": order.ID})
}

func (p *postbox) count(to string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.sent[to])
}

var sentCode = regexp.MustCompile(`\b\d{3} ?\d{3}\b`)

// code is that of the message behind the first of them.
func (p *postbox) code(t *testing.T, to string, behind int) (code string) {
	t.Helper()
	await(t, 30*time.Second, "a code is sent to "+to, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		if sent := p.sent[to]; len(sent) > behind {
			code = strings.ReplaceAll(sentCode.FindString(sent[len(sent)-1]), " ", "")
		}
		return code != ""
	})
	return code
}

// begin opens a sign-in page as the application does, in the browser.
func (b *browser) begin(s *siege) {
	b.Helper()
	b.at = b.send(http.MethodGet, s.signInRequest(s.nodes[0]), nil).next
	if !strings.Contains(b.at, "/signin?") {
		b.Fatalf("the application's request leads to %q", b.at)
	}
}

// name begins, and gives a name.
func (b *browser) name(s *siege, name string) {
	b.Helper()
	b.begin(s)
	if got := b.give(harness.FieldUsername, name); got.status != http.StatusSeeOther {
		b.Fatalf("%s was answered with %d: %s", name, got.status, tellProblem(got))
	}
}

var problemShown = regexp.MustCompile(`(?s)id="error".*?</div>`)

// tellProblem is what a page says is wrong.
func tellProblem(a shown) string { return problemShown.FindString(a.text) }

// enters gives a name and a password, and tells whether the application gets its code.
func (b *browser) enters(s *siege, p harness.Person) bool {
	b.Helper()
	b.name(s, p.Username)
	return b.arrives(b.password(p.Username, p.Password))
}

// arrives follows an answer to the application's door.
func (b *browser) arrives(a shown) bool {
	for range 5 {
		if a.status != http.StatusSeeOther && a.status != http.StatusFound {
			return false
		}
		to, err := url.Parse(a.next)
		if err != nil {
			return false
		}
		if to.Host == "localhost:3000" {
			return to.Query().Get("code") != ""
		}
		a = b.send(http.MethodGet, a.next, nil)
	}
	return false
}

// home is the browser on which a customer signed in before.
func (s *siege) home(p harness.Person) *browser {
	s.Helper()
	b := s.device()
	if !b.enters(s, p) {
		s.Fatalf("%s does not get in", p.Username)
	}
	return b
}

// device is a browser of somebody's own.
func (s *siege) device() *browser {
	b := s.browser(s.nodes[0])
	b.from = "198.51.100.7"
	s.household = b
	return b
}

// counted is how many events of a type and result the ledger of the customers' own
// environment has.
func (s *siege) counted(kind, result string) int {
	s.Helper()
	said := s.nodes[0].Run(s.T, "audit", "query", "type:"+kind+" result:"+result, "--limit", "1000", "--json")
	var page struct{ Events []json.RawMessage }
	if err := json.Unmarshal([]byte(said), &page); err != nil {
		s.Fatalf("%v in %s", err, said)
	}
	return len(page.Events)
}

// account opens a page of a customer's own, and gives what its form holds beside what is
// typed.
func (b *browser) account(path string) (page shown, hidden url.Values) {
	b.Helper()
	b.at = strings.TrimSuffix(b.console, "/console") + "/account" + path
	page = b.send(http.MethodGet, b.at, nil)
	return page, hiddenIn(page.text)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

func hiddenIn(text string) url.Values {
	form := url.Values{}
	for _, found := range hiddenField.FindAllStringSubmatch(text, -1) {
		form.Set(found[1], html.UnescapeString(found[2]))
	}
	return form
}

// with is a form and what is typed into it.
func with(form url.Values, pairs ...string) url.Values {
	all := url.Values{}
	for name, values := range form {
		all[name] = values
	}
	for i := 0; i < len(pairs); i += 2 {
		all.Set(pairs[i], pairs[i+1])
	}
	return all
}

// ask sends a request of an application's, or of a program, by way of a node.
func (s *siege) ask(n node, from string, req *http.Request) shown {
	req.Header.Set("X-Forwarded-For", from)
	answer, err := (&http.Client{Transport: n.way, Timeout: time.Minute}).Do(req)
	if err != nil {
		s.Error(err)
		return shown{}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Error(err)
	}
	return shown{answer.StatusCode, string(text), answer.Header.Get("Location")}
}

// tokenRequest is one of the application's, with a secret.
func (s *siege) tokenRequest(path, secret string, form url.Values) *http.Request {
	req, _ := http.NewRequest(http.MethodPost, s.app.Issuer+path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(s.app.ClientID, secret)
	return req
}
