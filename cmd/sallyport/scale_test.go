package main

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"sallyport/demo"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/service/signin"
	"sallyport/store"
	"sallyport/store/postgres/pgtest"
	"sallyport/web/console"
)

// The small form of TestLargeListsAndSearches: the same pages over a small crowd.
// That they read no more than they show is told by the plans that the stores' own
// tests look at; here every page opens and leads on and back, within a time that
// is generous.
func TestListsAndSearchesOpenAtEveryPage(t *testing.T) {
	for name, at := range map[string]func(*testing.T) location{"sqlite": freshSQLite, "postgres": freshPostgres} {
		t.Run(name, func(t *testing.T) {
			c := newScene(t, at(t), 3000)
			c.load(t.Context())
			c.measure(plan{pages: 3, times: 1, budget: 3 * time.Second})
		})
	}
}

func freshSQLite(t *testing.T) location {
	return location{"sqlite", filepath.Join(t.TempDir(), "store.db")}
}

func freshPostgres(t *testing.T) location { return location{"postgres", pgtest.Start(t)} }

// scene is the console and the management API over a crowd.
type scene struct {
	crowd
	installation *installation
	pages        http.Handler
	management   http.Handler
	ahead        time.Duration // of the console's clock
}

// always lets the same operator in, who signed in with two factors.
type always struct {
	*signin.Service
	who customer.ID
}

func (a always) Current(context.Context, *environment.Live, string) (*signin.Current, error) {
	return &signin.Current{
		Session:  store.Session{ID: store.SessionID{1}, Customer: a.who, SignedIn: now(), Assurance: "mfa"},
		Customer: customer.Customer{ID: a.who},
	}, nil
}

func newScene(t *testing.T, at location, size int) *scene {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	i, err := openInstallation(ctx, installationOptions{location: at, log: quietLog()})
	must(t, err)
	following := make(chan struct{})
	go func() { i.registry.Run(ctx); close(following) }()
	t.Cleanup(func() {
		stop()
		<-following
		must(t, i.close())
	})
	s := &scene{installation: i, management: i.newAdmin()}
	s.crowd = crowd{T: t, store: i.store, size: size, until: now().Truncate(time.Second)}
	s.live = s.environment(ctx)
	s.pages = console.New(console.Config{
		Registry: i.registry, SignIn: always{i.signin, s.owner(ctx)}, Operators: i.operators, Promotion: i.promotion, Directory: i.directory, Claims: i.claim, Intake: i.intake, Jobs: i.jobs, Ring: i.ring,
		Secrets: i.secrets, Subscribe: i.subscribe, Authority: i.authority,
		Audit: i.audit, Ledger: &audit.Reader{Store: i.store, Now: now}, Prover: i.prover, Login: http.NotFoundHandler(),
		Address: func(*http.Request) netip.Addr { return netip.MustParseAddr("192.0.2.7") },
		Missing: store.ErrNotFound, Invalid: store.ErrInvalid, Conflict: store.ErrConflict, Log: i.log,
		Now: func() time.Time { return now().Add(s.ahead) },
	})
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const partners = 300

// environment is the demo's, with hundreds of partners beside its own applications.
func (s *scene) environment(ctx context.Context) *environment.Live {
	s.Helper()
	live, err := s.installation.registry.Create(ctx, "harbourlight", "production", false, "operator/test")
	must(s.T, err)
	l, err := demo.Listen("127.0.0.1")
	must(s.T, err)
	defer l.Close()
	files, err := l.Tree()
	must(s.T, err)
	var more bytes.Buffer
	for i := range partners {
		fmt.Fprintf(&more, "---\nkind: application\nname: partner-%03d\ntitle: Partner %d\ntype: machine\nowner: Partner %d Ltd\nassigned: {enterprise: [payments.read.posting]}\ntags: {party: partner}\n", i, i, i%40)
	}
	files["partners.yaml"] = more.Bytes()
	tree, problems := config.Parse(files)
	if config.Refused(problems) {
		s.Fatal(problems)
	}
	_, _, err = s.installation.registry.Apply(ctx, live.ID, environment.Change{Tree: tree, Author: "operator/test"})
	must(s.T, err)
	return live
}

// owner is an operator who may open every page.
func (s *scene) owner(ctx context.Context) customer.ID {
	s.Helper()
	link, err := s.installation.operators.Link(ctx, operator.Wish{Holding: operator.Holding{Role: operator.Owner}, By: "operator/test"})
	must(s.T, err)
	must(s.T, s.installation.operators.SetUp(ctx, link.Secret.Reveal(), operator.Given{Username: "rita", Password: "a gate behind a gate"}))
	person, err := s.store.PersonByIdentifier(ctx, store.System, customer.Username, "rita")
	must(s.T, err)
	return person.Customer.ID
}

// view is something to open again and again.
type view struct {
	name string
	path string
	walk bool // go on to a later page, and back by one
	anew bool // figures that are kept for a minute are read each time
}

const (
	inConsole = "/e/harbourlight/production"
	inAPI     = "/admin/v1/environments/harbourlight/production"
)

// views are the lists, the searches and the forms of search of the console and of
// the management API.
func (s *scene) views() []view {
	someone := customer.ID(idOf("customer", 11)).String()
	busy := customer.ID(idOf("customer", known)).String()
	all := []view{
		{name: "environments", path: "/"},
		{name: "operators", path: "/operators"},
		{name: "overview, figures anew", path: inConsole, anew: true},
		{name: "overview", path: inConsole},
		{name: "customer", path: inConsole + "/customers/" + someone},
		{name: "accounts", path: inConsole + "/accounts", walk: true},
		{name: "accounts HL-0", path: inConsole + "/accounts?q=hl-0", walk: true},
		{name: "accounts, nobody's", path: inConsole + "/accounts?q=zz"},
		{name: "account", path: inConsole + "/accounts/" + customer.AccountID(idOf("account", 11)).String()},
		{name: "API: accounts HL-00", path: inAPI + "/accounts?limit=200&prefix=HL-00"},
		{name: "API: account", path: inAPI + "/accounts/HL-000000011"},
		{name: "API: accounts of a customer", path: inAPI + "/customers/" + busy + "/accounts?limit=200"},
		{name: "API: agreements", path: inAPI + "/customers/" + busy + "/agreements"},
		{name: "API: who wears a tag", path: inAPI + "/tags/hardship/customers?limit=200"},
		{name: "customer with many events", path: inConsole + "/customers/" + busy},
		{name: "applications", path: inConsole + "/applications", walk: true},
		{name: "applications, a search", path: inConsole + "/applications?q=" + url.QueryEscape("tag:partner type:machine partner-1")},
		{name: "application", path: inConsole + "/applications/my-account"},
		{name: "keys", path: inConsole + "/keys"},
		{name: "servers", path: inConsole + "/servers"},
		{name: "revisions", path: inConsole + "/revisions"},
		{name: "migrations", path: inConsole + "/migrations"},
		{name: "migration", path: inConsole + "/migrations/meterman"},
		{name: "records held", path: inConsole + "/migrations/meterman/records?state=held", walk: true},
		{name: "records held, by reason", path: inConsole + "/migrations/meterman/records?state=held&reason=duplicate", walk: true},
		{name: "records dropped", path: inConsole + "/migrations/meterman/records?state=dropped", walk: true},
		{name: "records imported", path: inConsole + "/migrations/meterman/records?state=imported", walk: true},
		{name: "records imported, few and last", path: inConsole + "/migrations/orchard/records?state=imported", walk: true},
		{name: "record", path: inConsole + "/migrations/meterman/record?key=MM000000010"},
		{name: "API: status", path: "/admin/v1/status"},
		{name: "API: customer", path: inAPI + "/customers/" + busy},
		{name: "API: applications", path: inAPI + "/applications"},
		{name: "API: subscriptions", path: inAPI + "/subscriptions"},
		{name: "API: migration", path: inAPI + "/migrations/meterman?held=1000"},
	}
	name := s.customer(0).Identifiers[0].Value
	typed := []string{"zzzz", "+1", "+12", "+1200", s.customer(5).Identifiers[2].Value, s.customer(5).Identifiers[1].Value, s.customer(5).Identifiers[0].Value, "z", "yara.", "+1 (200) 00"}
	for n := 1; n <= len(name); n++ {
		typed = append(typed, name[:n])
	}
	for _, q := range typed {
		all = append(all, view{name: "customers " + q, path: inConsole + "/customers?q=" + url.QueryEscape(q), walk: q == "a" || q == "ann" || q == "+1"})
	}
	for _, q := range []string{"a", "+1", "zzzz", name} {
		all = append(all, view{name: "API: customers " + q, path: inAPI + "/customers?limit=200&prefix=" + url.QueryEscape(q)})
	}
	middle := s.until.Add(-15 * 24 * time.Hour).UTC().Format(time.RFC3339)
	for _, q := range []string{
		"", "type:token.issued", "type:token.", "type:signin.", "type:role.", "type:role.granted", "type:revision.refused", "type:nothing.", "type:nothing",
		"type:customer.viewed", "type:signin.refused", "actor:operator/rita", "actor:operator/nobody", "actor:application/payright", "actor:customer/" + someone,
		"application:my-account", "application:sunshare", "application:nothing", "customer:" + busy, "customer:" + someone, "result:ok", "result:!ok",
		"result:no-rule", "result:widens", "result:nothing", "trace:t000000000000123", "trace:nothing", "after:1h", "after:24h", "before:29d", "after:" + middle,
		"before:" + middle, "type:role. before:" + middle, "result:!ok after:24h", "result:widens after:30d", "application:my-account type:signin.",
		"application:my-account result:!ok", "application:payright customer:" + busy, "customer:" + busy + " type:session.ended",
		"application:my-account type:nothing", "actor:application/sunshare type:role.", "actor:customer/" + someone + " result:wrong-password before:20d",
	} {
		all = append(all, view{name: "audit " + q, path: inConsole + "/audit?q=" + url.QueryEscape(q), walk: true})
	}
	for _, q := range []string{"", "type:token.", "result:!ok", "actor:customer/nobody"} {
		all = append(all, view{name: "API: audit " + q, path: inAPI + "/audit/events?limit=1000&query=" + url.QueryEscape(q)})
	}
	return all
}

// timing is how long a view took, and how much it was.
type timing struct {
	view
	first time.Duration // before anything of it was read
	took  []time.Duration
	bytes int
}

func (m *timing) at(share float64) time.Duration {
	return m.took[min(int(share*float64(len(m.took))), len(m.took)-1)]
}

// plan says how often every view is opened, up to which page lists are followed,
// and how long the 95th percentile of a view may take.
type plan struct {
	pages, times int
	budget       time.Duration
}

// measure opens every view, and fails if one is above the budget.
func (s *scene) measure(p plan) {
	s.Helper()
	var all []*timing
	for _, v := range s.views() {
		for _, page := range s.walk(v, p.pages) {
			all = append(all, s.time(page, p.times))
		}
	}
	var table strings.Builder
	out := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "first\tp50\tp95\tmost\tbytes\t view")
	slices.SortFunc(all, func(a, b *timing) int { return int(b.at(.95) - a.at(.95)) })
	for _, m := range all {
		ms := func(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000) }
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%d\t %s\n", ms(m.first), ms(m.at(.5)), ms(m.at(.95)), ms(m.at(1)), m.bytes, m.name)
		if m.at(.95) > p.budget {
			s.Errorf("%s: the 95th percentile is %v", m.name, m.at(.95))
		}
	}
	_ = out.Flush()
	s.Logf("milliseconds, over %d customers and %d events\n%s", s.size, s.events(), table.String())
}

func (s *scene) time(v view, times int) *timing {
	s.Helper()
	m := &timing{view: v}
	for n := range times + 1 {
		if v.anew {
			s.ahead += 61 * time.Second
		}
		began := time.Now()
		w := s.open(v.path)
		took := time.Since(began)
		if w.Code != http.StatusOK {
			s.Fatalf("%s: %d %s", v.name, w.Code, w.Body)
		}
		if m.bytes = w.Body.Len(); n == 0 {
			m.first = took
			continue
		}
		m.took = append(m.took, took)
	}
	s.ahead = 0
	slices.Sort(m.took)
	return m
}

func (s *scene) open(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	if strings.HasPrefix(path, "/admin/") {
		r := httptest.NewRequest(http.MethodGet, "http://localhost:8080"+path, nil)
		r.Header.Set("Sallyport-Operator", "rita@desk")
		s.management.ServeHTTP(w, r)
	} else {
		s.pages.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost:8080/console"+strings.TrimSuffix(path, "/"), nil))
	}
	return w
}

var (
	older = regexp.MustCompile(`<a href="([^"]+)" rel="next"`)
	newer = regexp.MustCompile(`<a href="([^"]+)" rel="prev"`)
)

// walk gives a view, and of a list that goes on the second page, the last of so
// many, and the way back from there.
func (s *scene) walk(v view, pages int) []view {
	s.Helper()
	found := []view{v}
	if !v.walk {
		return found
	}
	leads := func(path string, way *regexp.Regexp) string {
		link := way.FindStringSubmatch(s.open(path).Body.String())
		if link == nil {
			return ""
		}
		return strings.TrimPrefix(html.UnescapeString(link[1]), "/console")
	}
	path, last := v.path, 1
	for page := 2; page <= pages; page++ {
		next := leads(path, older)
		if next == "" {
			break
		}
		path, last = next, page
		if page == 2 {
			found = append(found, view{name: v.name + ", page 2", path: path})
		}
	}
	if last > 2 {
		found = append(found, view{name: fmt.Sprintf("%s, page %d", v.name, last), path: path})
		if back := leads(path, newer); back != "" {
			found = append(found, view{name: fmt.Sprintf("%s, back to %d", v.name, last-1), path: back})
		} else {
			s.Errorf("%s: there is no way back from page %d", v.name, last)
		}
	}
	return found
}
