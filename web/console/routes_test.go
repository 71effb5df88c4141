package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"sallyport/pure/customer"
	"sallyport/service/claim"
	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/service/signin"
	"sallyport/store"
)

// things are one of each kind of thing that routes are about, of one tenant.
type things struct {
	tenant, customer, disabled, secret, subscription, key, operator, group, message, claim string
	chain                                                                                  int
	proposals                                                                              proposalsOf
}

// things makes what is missing of them.
func (s *site) things(tenant string) things {
	s.Helper()
	live, found := s.cfg.Registry.ByName(tenant, "production")
	if !found {
		s.Fatal("no tenant " + tenant)
	}
	t := things{tenant: tenant, customer: customer.ID{1, byte(live.ID)}.String(), disabled: customer.ID{2, byte(live.ID)}.String(), operator: "one.of." + tenant, message: "m" + tenant, group: s.group(live), claim: claim.IDText(waiting(live))}
	heads, err := s.store.AuditHeads(s.Context(), live.ID)
	s.must(err)
	t.chain = heads[0].Writer
	secrets, err := s.cfg.Secrets.ListSecrets(s.Context(), live.ID, "my-account")
	s.must(err)
	if len(secrets) > 0 {
		t.secret = secrets[0].ID
	} else {
		t.secret, _, err = s.cfg.Secrets.CreateSecret(s.Context(), live.ID, "my-account", "operator/test")
		s.must(err)
	}
	t.subscription = s.subscriptionOf(live)
	_, err = s.cfg.Ring.Signing(s.Context(), live.ID, "apps", "ES256")
	s.must(err)
	keys, err := s.cfg.Ring.Published(s.Context(), live.ID)
	s.must(err)
	for _, k := range keys {
		if k.State == store.KeyCurrent {
			t.key = k.ID
		}
	}
	t.proposals = s.proposals(live)
	return t
}

func (s *site) subscriptionOf(live *environment.Live) string {
	all, err := s.cfg.Subscribe.List(s.Context(), live, "my-account")
	s.must(err)
	if len(all) > 0 {
		return all[0].ID
	}
	made, err := s.cfg.Subscribe.Create(s.Context(), live, "my-account", "everything", "operator/test")
	s.must(err)
	return made.ID
}

// furnish gives each tenant what lasts: a disabled customer, an operator, a record of
// its migration, and two that claim one address.
func (s *site) furnish() {
	s.Helper()
	for _, tenant := range []string{"harbourlight", "orchard"} {
		live, _ := s.cfg.Registry.ByName(tenant, "production")
		off := customer.ID{2, byte(live.ID)}
		s.must(s.store.Write(s.Context(), live.ID, func(tx store.Tx) error {
			err := tx.CreateCustomers(s.Context(), []store.NewCustomer{{Customer: customer.Customer{ID: off, State: customer.Disabled, Name: "Off", Version: 1}}})
			if err != nil {
				return err
			}
			if err := tx.StartRun(s.Context(), store.Run{Migration: "old", ID: "r", Source: "x.csv", Total: 1, State: "running", Started: s.now, Updated: s.now}); err != nil {
				return err
			}
			if err := tx.PutJob(s.Context(), store.Job{
				ID: "job_1", Migration: "old", State: store.JobPaused, Node: "n", Inputs: []store.JobInput{{Input: "file", Name: "<b>x.csv", Size: 7}},
				Sealed: []byte("x"), Phase: "import", Rows: 1, Of: 2, Operator: "operator/test", Created: s.now, Updated: s.now,
			}); err != nil {
				return err
			}
			if err := tx.PutMessage(s.Context(), store.Message{
				ID: "m" + tenant, Channel: "email", Template: "test", State: store.MessageFailed, Reason: "refused", Sender: "<b>mail", Due: s.now, Created: s.now, Updated: s.now,
			}); err != nil {
				return err
			}
			if err := s.household(tx, customer.AccountID{3, byte(live.ID)}, off); err != nil {
				return err
			}
			if err := s.waits(tx, waiting(live), off); err != nil {
				return err
			}
			return tx.MoveRecords(s.Context(), []store.RecordMove{{Migration: "old", Key: "=k", State: store.RecordHeld, Reason: "duplicate", Run: "r", At: s.now}})
		}))
		s.imports(live, "twins", twins)
		link, err := s.cfg.Operators.Link(s.Context(), operator.Wish{Holding: operator.Holding{Role: operator.Desk, Place: operator.Place{Tenant: tenant}}, By: "operator/test"})
		s.must(err)
		s.must(s.cfg.Operators.SetUp(s.Context(), link.Secret.Reveal(), operator.Given{Username: "one.of." + tenant, Password: "a gate behind a gate"}))
	}
}

// queries are what some pages have to be asked, by the end of their pattern.
var queries = map[string]string{
	"/explain": "application=my-account&scope=billing.read.bill", "/records": "state=held", "/records.csv": "state=held", "/record": "key=%3Dk",
	"/customers": "q=da", "/customers.csv": "q=da", "/revoke": "role=desk&place=harbourlight",
}

// at is the address of a route for some things.
func (t things) at(pattern string) string {
	who := t.customer
	if strings.HasSuffix(pattern, "/enable") {
		who = t.disabled
	}
	change := t.proposals.open
	switch {
	case strings.HasSuffix(pattern, "/rebase"):
		change = t.proposals.drifted
	case strings.HasSuffix(pattern, "/undo"):
		change = t.proposals.applied
	}
	migration := "old"
	if strings.Contains(pattern, "{group}") {
		migration = "twins"
	}
	path := strings.NewReplacer("{change}", change, "{account}", t.account(), "{claim}", t.claim, "{group}", t.group, "{tenant}", t.tenant, "{environment}", "production", "{customer}", who, "{application}", "my-account",
		"{server}", "apps", "{revision}", "1", "{migration}", migration, "{message}", t.message, "{chain}", strconv.Itoa(t.chain), "{seq}", "1", "{secret}", t.secret,
		"{subscription}", t.subscription, "{key}", t.key, "{operator}", t.operator).Replace(pattern)
	if q := queries[pattern[strings.LastIndex(pattern, "/"):]]; q != "" {
		path += "?" + q
	}
	return path
}

// paths are an address of each route, by pattern.
func (s *site) paths(tenant string) map[string]string {
	all := map[string]string{}
	t := s.things(tenant)
	for _, r := range routes {
		all[r.pattern] = t.at(r.pattern)
	}
	return all
}

// bound is what binds forms to the session of whoever is signed in.
func (s *site) bound() string {
	s.Helper()
	system, _ := s.cfg.Registry.ByName("system", "system")
	x := &exchange{Handler: s.Handler, r: httptest.NewRequest(http.MethodGet, host, nil), system: system, current: &signin.Current{Session: s.has}}
	token, err := x.token()
	s.must(err)
	return token
}

// post sends a form as a browser does from our own page.
func (s *site) post(path string, values url.Values) *httptest.ResponseRecorder {
	s.Helper()
	values.Set(formField, s.bound())
	r := httptest.NewRequest(http.MethodPost, host+path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.send(r)
}

// system is the environment of the operators.
func (s *site) system() store.EnvironmentID { return store.System }

// may tells what the table of roles allows; what each route's own place is does
// not matter for a role that covers the tenant.
func may(role operator.Role, a operator.Action) bool {
	o := operator.Operator{Roles: []operator.Holding{{Role: role}}}
	return a == "" || o.May(a, operator.Place{})
}

// Each page × each role × the own tenant and another.
func TestEveryPageKeepsToRolesAndTenants(t *testing.T) {
	s := newSite(t)
	s.furnish()
	own, other := s.things("harbourlight"), s.things("orchard")
	for _, role := range operator.Roles() {
		s.as(role, "harbourlight")
		for _, r := range routes {
			if r.show == nil {
				continue
			}
			want := http.StatusOK
			if !may(role, r.action) {
				want = http.StatusForbidden
			}
			got := s.open(own.at(r.pattern))
			if got.Code != want {
				t.Errorf("%s opens %s: %d, want %d", role, own.at(r.pattern), got.Code, want)
			}
			html := strings.HasPrefix(got.Header().Get("Content-Type"), "text/html")
			if text := got.Body.String(); html && (strings.Contains(text, "<b>Dana") || strings.Contains(text, "<i>Browser")) || strings.Contains(text, "orchard") {
				t.Errorf("%s shows what it must not", own.at(r.pattern))
			}
			if csp := got.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none';") || got.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s has headers %v", own.at(r.pattern), got.Header())
			}
			if own.at(r.pattern) == other.at(r.pattern) {
				continue // of no tenant: each sees what is theirs
			}
			want = http.StatusNotFound
			if !strings.Contains(r.pattern, "{tenant}") && !may(role, r.action) {
				want = http.StatusForbidden
			}
			if got := s.open(other.at(r.pattern)); got.Code != want {
				t.Errorf("%s of harbourlight opens %s: %d, want %d", role, other.at(r.pattern), got.Code, want)
			}
		}
	}
}

// whole is a form that would do what its route does.
func whole(role operator.Role) url.Values {
	return url.Values{
		"reason": {"because " + string(role)}, "version": {"1"}, "product": {"everything"}, "change": {"suspend"}, "base": {"1"},
		"role": {"auditor"}, "place": {"harbourlight"},
	}
}

// Each form × each role × the own tenant and another.
func TestEveryFormKeepsToRolesAndTenants(t *testing.T) {
	s := newSite(t)
	s.furnish()
	for _, role := range operator.Roles() {
		for _, r := range routes {
			if r.do == nil {
				continue
			}
			s.as(role, "harbourlight")
			own, other := s.things("harbourlight"), s.things("orchard")
			got := s.post(own.at(r.pattern), whole(role))
			if refused := got.Code == http.StatusForbidden; refused == may(role, r.act) || got.Code == http.StatusNotFound || got.Code >= 500 {
				t.Errorf("%s sends %s: %d\n%s", role, own.at(r.pattern), got.Code, got.Body)
			}
			if own.at(r.pattern) == other.at(r.pattern) {
				continue
			}
			want := http.StatusNotFound
			if !strings.Contains(r.pattern, "{tenant}") && !may(role, r.act) {
				want = http.StatusForbidden
			}
			if got := s.post(other.at(r.pattern), whole(role)); got.Code != want {
				t.Errorf("%s of harbourlight sends %s: %d, want %d", role, other.at(r.pattern), got.Code, want)
			}
		}
	}
}

// Another tenant's things are not reached through one's own tenant's paths either.
func TestAnotherTenantsThingsAreNotFoundByTheirIds(t *testing.T) {
	s := newSite(t)
	s.furnish()
	s.as(operator.Owner, "harbourlight")
	mixed := s.things("orchard")
	mixed.tenant = "harbourlight"
	for _, r := range routes {
		named := false
		for _, part := range []string{"{customer}", "{secret}", "{subscription}", "{key}", "{operator}", "{claim}"} {
			named = named || strings.Contains(r.pattern, part)
		}
		if !named {
			continue
		}
		if r.show != nil {
			if got := s.open(mixed.at(r.pattern)); got.Code != http.StatusNotFound {
				t.Errorf("%s is opened: %d", mixed.at(r.pattern), got.Code)
			}
		}
		if r.do != nil {
			if got := s.post(mixed.at(r.pattern), whole(operator.Owner)); got.Code != http.StatusNotFound {
				t.Errorf("%s takes a form: %d", mixed.at(r.pattern), got.Code)
			}
		}
	}
}

func TestWhoSendsAFormThatIsNotTheirsIsRecorded(t *testing.T) {
	s := newSite(t)
	s.furnish()
	s.as(operator.Auditor, "harbourlight")
	got := s.post(s.things("harbourlight").at(env+"/keys/{key}"), url.Values{})
	found, _, err := s.cfg.Ledger.Events(t.Context(), s.system(), "type:management.refused", "", 9)
	s.must(err)
	if len(found) != 1 || found[0].Result != "role" || !strings.Contains(got.Body.String(), "Reference: "+found[0].Trace) ||
		!strings.Contains(string(found[0].Detail), `"action":"keys.rotate"`) || !strings.Contains(string(found[0].Detail), `"place":"harbourlight/production"`) {
		t.Errorf("%d, %+v", got.Code, found)
	}
}

func TestHeldRecordsAreToldByReason(t *testing.T) {
	s := newSite(t)
	s.furnish()
	s.as(operator.Desk, "harbourlight")
	at := "/e/harbourlight/production/migrations/old"
	if page := s.open(at).Body.String(); !strings.Contains(page, "Held, by reason") || !strings.Contains(page, "reason=duplicate&amp;state=held") {
		t.Error("the migration does not tell why")
	}
	if got := s.open(at + "/record?key=nobody"); got.Code != 404 || !strings.Contains(got.Body.String(), "No such record") {
		t.Errorf("a record that is not there: %d", got.Code)
	}
	for reason, want := range map[string]string{"duplicate": ">=k<", "other": "None is held for that reason."} {
		if page := s.open(at + "/records?state=held&reason=" + reason).Body.String(); !strings.Contains(page, want) {
			t.Errorf("%s: the page does not say %q", reason, want)
		}
	}
}
