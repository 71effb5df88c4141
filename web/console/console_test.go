package console

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/backup"
	"sallyport/service/claim"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/issue/issuetest"
	"sallyport/service/job"
	"sallyport/service/keyring"
	"sallyport/service/notify"
	"sallyport/service/operator"
	"sallyport/service/promotion"
	"sallyport/service/signin"
	"sallyport/service/subscribe"
	"sallyport/service/vault"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// site is the console over two tenants on embedded storage.
type site struct {
	*testing.T
	*Handler
	store  *sqlite.Store
	now    time.Time
	who    customer.ID   // signed in; zero for nobody
	has    store.Session // that they have
	asked  signin.Ticket // what was asked of them last, if they were sent to sign in
	chosen signin.Chosen // what they go on with after they were set up
	dana   customer.ID   // a customer of the first tenant
	sealer *keyring.Master
}

// signedIn is a sign-in that knows who it is told.
type signedIn struct{ *site }

func (s signedIn) Begin(_ context.Context, _ *environment.Live, t signin.Ticket) (string, error) {
	s.asked = t
	return "/signin?to=" + url.QueryEscape(t.Return), nil
}

func (s signedIn) BeginWith(_ context.Context, _ *environment.Live, t signin.Ticket, v signin.Visit, c signin.Chosen) (string, []signin.Cookie, error) {
	s.asked, s.chosen = t, c
	if v.Address != testAddress {
		s.Errorf("they come from %v", v.Address)
	}
	return "/signin?to=" + url.QueryEscape(t.Return), []signin.Cookie{{Name: "way", Value: "v", Life: time.Minute}, {Name: "old"}}, nil
}

func (s signedIn) Current(context.Context, *environment.Live, string) (*signin.Current, error) {
	if s.who.IsZero() {
		return nil, signin.ErrNoSession
	}
	return &signin.Current{Session: s.has, Customer: customer.Customer{ID: s.who}}, nil
}

func (s signedIn) Sessions(context.Context, *environment.Live, *signin.Current, string, int) ([]signin.Browser, string, error) {
	return []signin.Browser{{Session: "s", Agent: "<i>Browser", Methods: []string{"pwd"}, SignedIn: s.now, Used: s.now}}, "", nil
}

const host = "https://id.example"

var testAddress = netip.MustParseAddr("192.0.2.7")

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{T: t, now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	clock := s.clock
	ctx, log := t.Context(), slog.New(slog.NewTextHandler(t.Output(), nil))
	var err error
	s.store, err = sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db"), Now: clock})
	s.must(err)
	t.Cleanup(func() { _ = s.store.Close() })
	master, err := keyring.GenerateMaster(io.Discard)
	s.must(err)
	s.sealer = master
	ledger := audit.New(s.store, clock, rand.Reader)
	ring := keyring.New(keyring.Config{Store: s.store, Master: master, Audit: ledger, Now: clock, Rand: rand.Reader})
	registry := environment.New(environment.Config{
		Store: s.store, Audit: ledger, Now: clock, Log: log, Console: host,
		Builtin: map[string]string{"listen.url": "https://cust.example", "listen.gateway": "https://api.example"},
	})
	subscriptions := subscribe.New(subscribe.Config{Store: s.store, Audit: ledger, Registry: registry, Now: clock, Rand: rand.Reader})
	s.must(registry.Start(ctx))
	cost := passhash.Argon2Cost{MemoryKiB: 1024, Time: 1, Threads: 1}
	operators := operator.New(operator.Config{Store: s.store, Sealer: master, Audit: ledger, Now: clock, Rand: rand.Reader, Cost: cost})
	s.Handler = New(Config{
		Promotion: promotion.New(promotion.Config{Store: s.store, Environments: registry, Operators: operators, Audit: ledger, Now: clock}),
		Registry:  registry, SignIn: signedIn{s}, Audit: ledger, Ring: ring, Now: clock, Log: log,
		Operators: operators,
		Directory: directory.New(directory.Config{Store: s.store, Audit: ledger, Feed: registry, Now: clock}),
		Secrets:   directory.NewSecrets(directory.SecretsConfig{Store: s.store, Audit: ledger, Feed: registry, Now: clock, Rand: rand.Reader}),
		Subscribe: subscriptions, Authority: keyring.NewAuthority(ring), Conflict: store.ErrConflict,
		Intake:   intake.New(intake.Config{Store: s.store, Sealer: master, Now: clock, Rand: rand.Reader, Cost: cost}),
		Claims:   claim.New(claim.Config{Store: s.store, Keys: ring, Audit: ledger, Log: log, Now: clock, Rand: rand.Reader}),
		Messages: notify.New(notify.Config{Store: s.store, Sealer: master, Audit: ledger, Now: clock, Rand: rand.Reader}),
		Vault:    vault.New(vault.Config{Store: s.store, Sealer: master, Audit: ledger, Now: clock}), Backup: backup.New(backup.Config{Store: s.store, Audit: ledger, Now: clock}),
		Jobs:  job.New(job.Config{Store: s.store, Sealer: master, Audit: ledger, Now: clock, Rand: rand.Reader}),
		Debug: s.debugger(ring, registry, ledger), Replayed: s.store,
		Ledger: &audit.Reader{Store: s.store, Now: clock}, Prover: &audit.Prover{Store: s.store, Signer: ring, Now: clock},
		Address: func(*http.Request) netip.Addr { return testAddress }, Login: http.NotFoundHandler(), Missing: store.ErrNotFound, Invalid: store.ErrInvalid,
	})
	for tenant, other := range map[string]string{"harbourlight": "/hl", "orchard": "/ov"} {
		live, err := registry.Create(ctx, tenant, "production", false, "tester")
		s.must(err)
		text := strings.NewReplacer("name: harbourlight", "name: "+tenant, "${listen.url}/hl", "${listen.url}"+other).Replace(issuetest.Tree)
		tree, problems := config.Parse(map[string][]byte{"tree.yaml": []byte(text + migrationText), "billing.yaml": []byte(openAPI)})
		if config.Refused(problems) {
			t.Fatal(problems)
		}
		_, _, err = registry.Apply(ctx, live.ID, environment.Change{Tree: tree, Author: "tester"})
		s.must(err)
		s.customer(live.ID, tenant)
	}
	return s
}

const migrationText = `
---
kind: migration
name: old
source: {format: csv}
key: id
map:
  - {from: id, to: username, required: true}
---
kind: migration
name: twins
source: {format: csv}
key: n
backup: 24h
map:
  - {from: name, to: name}
  - {from: mail, to: email, verified: proved}
---
kind: migration
name: sealed
source: {format: firebase, options: {rounds: "8", mem_cost: "14", salt_separator: Bw==}, secrets: {signer_key: firebase-key}}
---
kind: api
name: billing
openapi: billing.yaml
servers: [apps]
path: /billing
backend: {url: "https://billing.example"}
---
kind: product
name: everything
apis: [billing]
applications: ["*"]
`

const openAPI = `openapi: 3.1.0
info: {title: Billing, version: "1"}
components: {securitySchemes: {apps: {type: oauth2, flows: {authorizationCode: {authorizationUrl: /a, tokenUrl: /t, scopes: {billing.read.bill: See}}}}}}
paths:
  /bills: {get: {operationId: bills, summary: The bills, security: [{apps: [billing.read.bill]}], responses: {"200": {description: Bills}}}}
`

func (s *site) customer(env store.EnvironmentID, name string) {
	id := customer.ID{1, byte(env)}
	if name == "harbourlight" {
		s.dana = id
	}
	s.must(s.store.Write(s.Context(), env, func(tx store.Tx) error {
		return tx.CreateCustomers(s.Context(), []store.NewCustomer{{
			Customer:    customer.Customer{ID: id, State: customer.Active, Name: "<b>Dana", Groups: []string{"residential"}, Version: 1},
			Identifiers: []customer.Identifier{{Kind: customer.Username, Value: "dana", Display: "dana", Source: "test"}},
		}})
	}))
}

func (s *site) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// as signs somebody in with one role at a place.
func (s *site) as(role operator.Role, place string) {
	s.Helper()
	at, ok := operator.ParsePlace(place)
	if !ok {
		s.Fatalf("no place %q", place)
	}
	link, err := s.cfg.Operators.Link(s.Context(), operator.Wish{Holding: operator.Holding{Role: role, Place: at}, By: "operator/test"})
	s.must(err)
	name := string(role) + "." + strings.NewReplacer("/", ".", ":", ".").Replace(place) + "x"
	err = s.cfg.Operators.SetUp(s.Context(), link.Secret.Reveal(), operator.Given{Username: name, Password: "a gate behind a gate"})
	if err != nil && !errors.Is(err, operator.ErrTaken) {
		s.Fatal(err)
	}
	person, err := s.store.PersonByIdentifier(s.Context(), store.System, customer.Username, name)
	s.must(err)
	s.who = person.Customer.ID
	s.has = store.Session{ID: store.SessionID{7}, Customer: s.who, SignedIn: s.now, Assurance: "mfa"}
}

func (s *site) open(path string) *httptest.ResponseRecorder {
	return s.send(httptest.NewRequest(http.MethodGet, host+path, nil))
}

func (s *site) send(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestEveryPageNeedsASession(t *testing.T) {
	s := newSite(t)
	paths := s.paths("harbourlight")
	for _, r := range routes {
		path := paths[r.pattern]
		if r.show == nil {
			continue
		}
		got := s.open(path)
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != host+"/signin?to="+url.QueryEscape(path) {
			t.Errorf("%s gives %d to %q", path, got.Code, got.Header().Get("Location"))
		}
	}
}

func TestARoleForOneServerOpensThatServerAlone(t *testing.T) {
	s := newSite(t)
	s.as(operator.Developer, "harbourlight/production/apps")
	at := "/e/harbourlight/production"
	for path, want := range map[string]int{
		at: 200, at + "/servers": 200, at + "/servers/apps": 200, at + "/access/apps": 200, at + "/servers/enterprise": 404,
		at + "/access/enterprise": 404, at + "/applications": 403, at + "/revisions": 403,
	} {
		got := s.open(path)
		if got.Code != want {
			t.Errorf("%s gives %d, want %d", path, got.Code, want)
		}
		if strings.Contains(got.Body.String(), "enterprise") && want == 200 {
			t.Errorf("%s tells of another server", path)
		}
	}
}

func TestWhoIsShownPersonalDataIsRecorded(t *testing.T) {
	s := newSite(t)
	s.as(operator.Desk, "")
	s.open("/e/harbourlight/production/customers?q=da")
	s.open("/e/harbourlight/production/customers/" + s.dana.String())
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	for _, kind := range []audit.Type{audit.CustomersSearched, audit.CustomerViewed} {
		found, _, err := s.cfg.Ledger.Events(t.Context(), live.ID, "type:"+string(kind), "", 9)
		s.must(err)
		// Of one person alone, what was typed is about them, and goes with them.
		if len(found) != 1 || found[0].Actor != "operator/desk.x" || found[0].Customer != s.dana.String() {
			t.Errorf("%s: %+v", kind, found)
		}
	}
}

func TestAnInvisibleTenantIsInNoPage(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "harbourlight")
	if text := s.open("/").Body.String(); strings.Contains(text, "orchard") || !strings.Contains(text, "harbourlight/production") {
		t.Error(text)
	}
	s.who = customer.ID{9}
	if got := s.open("/"); got.Code != http.StatusServiceUnavailable {
		t.Errorf("a session of nobody gives %d", got.Code)
	}
}

func TestALinkIsUsedFromOurOwnPageAlone(t *testing.T) {
	s := newSite(t)
	link, err := s.cfg.Operators.Link(t.Context(), operator.Wish{Holding: operator.Holding{Role: operator.Owner}, By: "operator/test"})
	s.must(err)
	path := "/setup?t=" + link.Secret.Reveal()
	if got := s.open(path); got.Code != 200 || !strings.Contains(got.Body.String(), `name="new-password"`) {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	post := func(password, origin string) *httptest.ResponseRecorder {
		form := url.Values{"username": {"robin"}, "name": {"Robin"}, "new-password": {password}}
		r := httptest.NewRequest(http.MethodPost, host+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", origin)
		return s.send(r)
	}
	for name, test := range map[string]struct {
		password, origin string
		want             int
	}{
		"another website":  {"a gate behind a gate", "https://evil.example", 403},
		"a sandbox":        {"a gate behind a gate", "null", 403},
		"a short password": {"short", host, 422},
	} {
		if got := post(test.password, test.origin); got.Code != test.want || strings.Contains(got.Body.String(), `value="short"`) {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
	got := post("a gate behind a gate", host)
	if got.Code != 303 || got.Header().Get("Location") != host+"/signin?to=%2F" || !s.asked.TwoFactors || !s.asked.Reauthenticate {
		t.Errorf("%d %v, asked %+v", got.Code, got.Header(), s.asked)
	}
	if s.chosen != (signin.Chosen{Identifier: "robin", Password: "a gate behind a gate"}) {
		t.Errorf("they go on with %+v", s.chosen)
	}
	cookies := strings.Join(got.Header()["Set-Cookie"], "\n")
	if cookies != "way=v; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax\nold=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax" {
		t.Error(cookies)
	}
	if got := s.open(path); got.Code != http.StatusGone {
		t.Errorf("the second time: %d", got.Code)
	}
}

func TestAPageTakesNothingButWhatTheTableSays(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "")
	paths := s.paths("harbourlight")
	for _, r := range routes {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
			if method == http.MethodPost && r.do != nil {
				continue
			}
			if got := s.send(httptest.NewRequest(method, host+paths[r.pattern], nil)); got.Code != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d", method, paths[r.pattern], got.Code)
			}
		}
	}
}

func TestTheTableIsWhole(t *testing.T) {
	pages := map[string]bool{}
	for _, r := range routes {
		pages[r.pattern] = r.show != nil
	}
	for _, r := range routes {
		if r.show != nil && (r.action == "") != (r.pattern == "/") || r.part && strings.Contains(r.pattern, "{server}") {
			t.Errorf("%s: %q", r.pattern, r.action)
		}
		if r.show == nil && r.do == nil || (r.do == nil) != (r.act == "") {
			t.Errorf("%s takes a form that nobody may send, or none that somebody may", r.pattern)
		}
		if r.show == nil && !pages[r.pattern[:strings.LastIndex(r.pattern, "/")]] {
			t.Errorf("%s has no page of its own, and none above it to come back to", r.pattern)
		}
	}
}

func (s *site) clock() time.Time { return s.now }
