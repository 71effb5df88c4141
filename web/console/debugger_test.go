package console

import (
	"crypto/rand"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/debug"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/issue"
	"sallyport/service/keyring"
	"sallyport/service/operator"
	"sallyport/service/verify"
)

// debugger answers about the site's applications.
func (s *site) debugger(ring *keyring.Ring, registry *environment.Registry, ledger *audit.Log) *debug.Service {
	secrets := directory.NewSecrets(directory.SecretsConfig{Store: s.store, Audit: ledger, Feed: registry, Now: s.clock, Rand: rand.Reader})
	issuing := issue.New(issue.Config{Store: s.store, Keys: ring, Secrets: secrets, Feed: registry, Audit: ledger, Now: s.clock, Rand: rand.Reader})
	return debug.New(debug.Config{
		Issue: issuing, Verify: verify.New(verify.Config{Ring: ring, Registry: registry, Now: s.clock}),
		Ledger: &audit.Reader{Store: s.store, Now: s.clock}, Now: s.clock,
	})
}

const debuggerOf = "/e/harbourlight/production/debugger/"

func TestTheDebuggerSaysWhatIsAskedGotAndWhyNot(t *testing.T) {
	s := newSite(t)
	s.as(operator.Architect, "harbourlight")
	for path, want := range map[string][]string{
		"": {"my-account", "Ask a sample request", "data-token-reader", "sallyport token inspect - --env harbourlight/production"},
		"my-account": {
			"Nothing was asked yet", "Ask a sample request", "grant=authorization_code&amp;scopes=billing.read.bill&amp;server=apps",
		},
		"my-account?scopes=billing.read.bill&groups=residential&age=10m&attributes=account_number%3D4711": {
			"4711", "unsigned and unusable", "Granted", "rule <b>residents</b>|residents", "account_number|client_id", "the protocol", "bytes of at most 6,144", "Within the target", "above 2,048 is warned of",
			"GET /billing/bills", "Allowed", "&#34;$CLIENT_SECRET&#34;", "at=2026-11-22T10%3A00%3A00Z",
		},
		"my-account?scopes=billing.write.payment&groups=landlords":                              {"Refused because", "nothing", "not entitled", "Refused: token"},
		"my-account?scopes=outage.write.report":                                                 {"not assigned to the application"},
		"my-account?original=billing.read.bill&groups=residential":                              {"Granted", "grant_type=refresh_token", "original=billing.read.bill"},
		"my-account?scopes=billing.write.payment&original=billing.read.bill&groups=residential": {"it was not in what was first granted"},
		"payright?server=enterprise&scopes=usage.read.interval&address=192.0.2.1": {
			"Granted", "curl &#39;https://cust.example/hl/enterprise/token&#39;", "grant_type=client_credentials", "Refused: token",
		},
	} {
		got := s.open(strings.TrimSuffix(debuggerOf+path, "/"))
		page := got.Body.String()
		if got.Code != http.StatusOK {
			t.Errorf("%q: %d", path, got.Code)
		}
		for _, either := range want {
			found := false
			for text := range strings.SplitSeq(either, "|") {
				found = found || strings.Contains(page, text)
			}
			if !found {
				t.Errorf("%q does not say %q", path, either)
			}
		}
		if strings.Contains(page, "http-equiv") || strings.Contains(page, "<form class=\"form\"") {
			t.Errorf("%q has a form that sends", path)
		}
	}
	for _, wrong := range []string{"address=here", "at=soon", "age=long", "attributes=green", "assurance=much", "grant=password", "grant=client_credentials&original=billing.read.bill", "server=enterprise", "customer=dana"} {
		if got := s.open(debuggerOf + "my-account?" + wrong); got.Code != http.StatusBadRequest || !strings.Contains(got.Body.String(), `aria-invalid="true"`) && !strings.HasPrefix(wrong, "customer") {
			t.Errorf("%s: %d", wrong, got.Code)
		}
	}
	if got := s.open(debuggerOf + "nobody"); got.Code != http.StatusNotFound {
		t.Errorf("an application that is not there: %d", got.Code)
	}
}

func TestAQuestionCanBeAskedAgainByItsLink(t *testing.T) {
	s := newSite(t)
	s.as(operator.Developer, "harbourlight")
	asked := debuggerOf + "my-account?scopes=billing.read.bill+openid&groups=residential&address=192.0.2.9&assurance=two-factor"
	page := s.open(asked).Body.String()
	_, rest, _ := strings.Cut(page, `data-copy="https://id.example/console`)
	if rest == "" {
		_, rest, _ = strings.Cut(page, `data-copy="https://id.example`)
	}
	link, _, _ := strings.Cut(rest, `"`)
	link = html.UnescapeString(link)
	again := s.open(link)
	if again.Code != 200 || !strings.Contains(again.Body.String(), "Granted") || !strings.Contains(html.UnescapeString(again.Body.String()), link) {
		t.Errorf("%q: %d", link, again.Code)
	}
}

func TestACustomerIsNamedByWhoMayReadThemAndThatIsRecorded(t *testing.T) {
	s := newSite(t)
	asked := debuggerOf + "my-account?scopes=billing.read.bill&customer=" + s.dana.String()
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	viewed := func() int {
		found, _, err := s.cfg.Ledger.Events(t.Context(), live.ID, "type:customer.viewed", "", 9)
		s.must(err)
		return len(found)
	}
	s.as(operator.Developer, "harbourlight")
	if got := s.open(asked); got.Code != http.StatusBadRequest || viewed() != 0 {
		t.Errorf("a developer: %d, recorded %d", got.Code, viewed())
	}
	s.as(operator.Owner, "harbourlight")
	if got := s.open(asked); got.Code != 200 || !strings.Contains(got.Body.String(), s.dana.String()) || viewed() != 1 {
		t.Errorf("an owner: %d, recorded %d", got.Code, viewed())
	}
	if got := s.open(debuggerOf + "my-account?customer=cus_00000000000000000000000000"); got.Code != 200 && got.Code != 400 || viewed() != 1 {
		t.Errorf("nobody: %d", got.Code)
	}
}

// What a stranger writes into the address must not run in the shell of whoever
// copies the commands, nor in the page.
func TestCommandsQuoteWhatStandsInTheAddress(t *testing.T) {
	s := newSite(t)
	s.as(operator.Developer, "harbourlight")
	hostile := "x';touch${IFS}/tmp/x;'<script>"
	page := s.open(debuggerOf + "payright?scopes=" + url.QueryEscape(hostile)).Body.String()
	if strings.Contains(page, "<script>") || !strings.Contains(page, `&#39;scope=x&#39;\&#39;&#39;;touch${IFS}/tmp/x;&#39;\&#39;&#39;`) {
		t.Error("it stands there as it came")
	}
}

// stranger signs in as the developer of one application.
func (s *site) stranger(application string) {
	s.Helper()
	s.as(operator.Developer, "harbourlight/production/application:"+application)
}

// The developer of one application sees its debugger, and of everything else
// neither that it is there nor what it is called.
func TestADeveloperOfOneApplicationSeesItsDebuggerAlone(t *testing.T) {
	s := newSite(t)
	s.furnish()
	own := s.things("harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	for _, e := range []audit.Entry{
		{Type: audit.TokenRefused, Actor: audit.Application("spa"), Application: "spa", Customer: s.dana.String(), Result: "access_denied", Trace: "ref_own", Detail: map[string]any{"server": "apps", "request": map[string]any{"scopes": []string{"billing.read.bill"}, "subject": map[string]any{"groups": []string{"landlords"}}}}, Personal: map[string]string{"address": "198.51.100.77"}},
		{Type: audit.CallRefused, Actor: audit.Application("spa"), Application: "spa", Customer: s.dana.String(), Result: "binding", Trace: "ref_call", Detail: map[string]any{"operation": "billing/bills", "token_application": "mobile", "subscription": "sub_secret"}},
		{Type: audit.TokenRefused, Actor: audit.Application("mobile"), Application: "mobile", Result: "access_denied", Trace: "ref_other", Detail: map[string]any{"server": "apps"}},
	} {
		s.must(s.cfg.Audit.Record(t.Context(), live.ID, e))
	}
	s.stranger("spa")
	for _, r := range routes {
		if r.show == nil {
			continue
		}
		at := own.at(r.pattern)
		got := s.open(at)
		want := http.StatusForbidden
		switch r.pattern {
		case "/", env, env + "/debugger":
			want = http.StatusOK
		}
		if strings.Contains(r.pattern, "{application}") || strings.Contains(r.pattern, "{server}") {
			want = http.StatusNotFound // it is another's, or not there: nobody says which
		}
		if got.Code != want {
			t.Errorf("%s: %d, want %d", at, got.Code, want)
		}
		s.knowsNothingElse(at, got.Body.String())
	}
	for _, r := range routes {
		if r.do != nil {
			if got := s.post(own.at(r.pattern), whole(operator.Developer)); got.Code != http.StatusForbidden && got.Code != http.StatusNotFound {
				t.Errorf("a form at %s: %d", own.at(r.pattern), got.Code)
			}
		}
	}
	questions := []string{""}
	for _, groups := range []string{"", "residential", "landlords", "nobody-is-called-so"} {
		for _, scopes := range []string{"", "billing.read.bill", "billing.write.payment", "outage.write.report", "payments.write.posting", "openid+profile"} {
			questions = append(questions, fmt.Sprintf("?groups=%s&scopes=%s&address=192.0.2.1", groups, scopes))
		}
	}
	for _, q := range questions {
		got := s.open(debuggerOf + "spa" + q)
		page := got.Body.String()
		if got.Code != http.StatusOK || !strings.Contains(page, "ref_own") || !strings.Contains(page, "ref_call") {
			t.Errorf("%s: %d, or without their refusals", q, got.Code)
		}
		for _, typed := range strings.FieldsFunc(q, func(r rune) bool { return strings.ContainsRune("?&=+", r) }) {
			if typed != "groups" {
				page = strings.ReplaceAll(page, typed, "")
			}
		}
		s.knowsNothingElse(q, page)
	}
	for _, other := range []string{"mobile", "my-account", "payright", "nobody"} {
		a, b := s.open(debuggerOf+other), s.open(debuggerOf+"nobody")
		if a.Code != http.StatusNotFound || strings.ReplaceAll(a.Body.String(), other, "nobody") != b.Body.String() {
			t.Errorf("%s is told from what is not there: %d", other, a.Code)
		}
	}
	if got := s.open(debuggerOf + "spa?server=enterprise"); strings.Contains(got.Body.String(), "payright") || got.Code != http.StatusBadRequest {
		t.Errorf("another server: %d", got.Code)
	}
	if a, b := s.open(debuggerOf+"spa?server=enterprise").Body.String(), s.open(debuggerOf+"spa?server=nothinghere").Body.String(); strings.ReplaceAll(a, "enterprise", "nothinghere") != b {
		t.Error("a server that is there is told from one that is not")
	}
	if got := s.open(debuggerOf + "spa?customer=" + s.dana.String()); got.Code != http.StatusBadRequest {
		t.Errorf("a customer was named: %d", got.Code)
	}
}

// knowsNothingElse looks for what belongs to others, and for what rules and events
// keep from strangers.
func (s *site) knowsNothingElse(at, page string) {
	s.Helper()
	page = strings.ReplaceAll(page, customer.ID{}.String(), "") // of the invented customer
	for _, word := range []string{
		"my-account", "mobile", "payright", "other<", "PayRight", "enterprise", "policy own", ">own<", "partners",
		"198.51.100.77", "sub_secret", "Dana", "cus_", "ref_other", "orchard",
	} {
		if strings.Contains(page, word) {
			s.Errorf("%s tells %q", at, word)
		}
	}
}

// An API that no product offers to the application is nothing to its developer.
func TestADeveloperOfOneApplicationSeesTheAPIsThatAreOfferedToIt(t *testing.T) {
	s := newSite(t)
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	revision, tree, err := s.cfg.Registry.Revision(t.Context(), live, live.Snapshot().Revision)
	s.must(err)
	files := map[string][]byte{}
	for name, content := range tree.Files() {
		files[name] = content
	}
	files["tree.yaml"] = []byte(strings.Replace(string(files["tree.yaml"]), `applications: ["*"]`+"\n`", "", 1))
	files["tree.yaml"] = []byte(strings.Replace(string(files["tree.yaml"]), "name: everything\napis: [billing]\napplications: [\"*\"]", "name: everything\napis: [billing]\napplications: [mobile]", 1))
	changed, problems := config.Parse(files)
	if config.Refused(problems) {
		t.Fatal(problems)
	}
	_, _, err = s.cfg.Registry.Apply(t.Context(), live.ID, environment.Change{Tree: changed, Base: revision.Number, Author: "tester"})
	s.must(err)
	s.stranger("spa")
	asked := debuggerOf + "spa?scopes=billing.read.bill&groups=residential"
	if page := s.open(asked).Body.String(); strings.Contains(page, "/billing/bills") || !strings.Contains(page, "No product offers an API") {
		t.Error("an API of others is told")
	}
	s.as(operator.Architect, "harbourlight")
	if page := s.open(asked).Body.String(); !strings.Contains(page, "/billing/bills") || !strings.Contains(page, "Refused: product") {
		t.Error("an operator is not told of it")
	}
}
