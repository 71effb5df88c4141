package console

import (
	"net/url"
	"strings"
	"testing"

	"sallyport/service/audit"
	"sallyport/service/operator"
)

func TestAnOwnerOfATenantManagesThatTenantAlone(t *testing.T) {
	s := newSite(t)
	s.furnish()
	s.as(operator.Owner, "") // who is above them
	s.as(operator.Owner, "harbourlight")
	list := s.open("/operators").Body.String()
	if !strings.Contains(list, "one.of.harbourlight") || strings.Contains(list, "orchard") || strings.Contains(list, ">owner.x<") {
		t.Error("the list is not of their own tenant alone")
	}
	at := "/operators/one.of.harbourlight"
	version := func() string {
		o, err := s.cfg.Operators.ByUsername(t.Context(), "one.of.harbourlight")
		s.must(err)
		return version(o)[0].Value
	}
	form := func(role, place string) url.Values {
		return url.Values{"role": {role}, "place": {place}, "version": {version()}}
	}
	for name, test := range map[string]struct {
		path   string
		values url.Values
		want   int
	}{
		"a role everywhere":               {at + "/grant", form("auditor", "*"), 403},
		"nothing chosen":                  {at + "/grant", form("", ""), 409},
		"no place chosen":                 {"/operators/invite", form("auditor", ""), 409},
		"a role in another tenant":        {at + "/grant", form("auditor", "orchard"), 403},
		"no role":                         {at + "/grant", form("king", "harbourlight"), 409},
		"a place that is none":            {at + "/grant", form("auditor", "/x"), 409},
		"as they were seen before":        {at + "/grant", url.Values{"role": {"auditor"}, "place": {"harbourlight"}, "version": {"99"}}, 409},
		"a link for one everywhere":       {"/operators/invite", form("auditor", "*"), 403},
		"a link to who stands above them": {"/operators/owner.x/link", url.Values{}, 404},
		"a role that they do not have":    {at + "/revoke", form("owner", "harbourlight"), 409},
		"one of another tenant":           {"/operators/one.of.orchard/revoke", form("desk", "orchard"), 404},
	} {
		if got := s.post(test.path, test.values); got.Code != test.want || strings.Contains(got.Body.String(), "/setup?") {
			t.Errorf("%s: %d, want %d", name, got.Code, test.want)
		}
	}
	refused, _, err := s.cfg.Ledger.Events(t.Context(), s.system(), "type:"+string(audit.ManagementRefused), "", 20)
	s.must(err)
	if len(refused) != 3 || refused[0].Result != "beyond-own" || refused[0].Trace == "" {
		t.Errorf("%d refusals are recorded", len(refused))
	}
	if got := s.post(at+"/grant", form("auditor", "harbourlight/production")); got.Code != 303 || !strings.HasPrefix(leads(got.Header().Get("Location")), "/operators?done=granted") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if page := s.open(at).Body.String(); !strings.Contains(page, "auditor") || !strings.Contains(page, "/revoke?place=harbourlight%2Fproduction&amp;role=auditor") {
		t.Error("their page does not show it")
	}
	if got := s.post(at+"/revoke", form("auditor", "harbourlight/production")); got.Code != 303 {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	for path, values := range map[string]url.Values{at + "/link": {}, "/operators/invite": form("desk", "harbourlight")} {
		got := s.post(path, values)
		if got.Code != 200 || !strings.Contains(got.Body.String(), host+"/setup?t=") {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
}

func TestWhoHasRolesElsewhereIsRecoveredByWhoHoldsThemToo(t *testing.T) {
	s := newSite(t)
	s.furnish()
	place, _ := operator.ParsePlace("orchard")
	s.must(s.cfg.Operators.Grant(t.Context(), "one.of.harbourlight", operator.Holding{Role: operator.Owner, Place: place}, "operator/test"))
	s.as(operator.Owner, "harbourlight")
	if got := s.post("/operators/one.of.harbourlight/link", url.Values{}); got.Code != 403 || strings.Contains(got.Body.String(), "/setup?") {
		t.Errorf("an owner of one tenant takes over the owner of another: %d", got.Code)
	}
	if page := s.open("/operators/one.of.harbourlight").Body.String(); strings.Contains(page, "orchard") || strings.Contains(page, "Make recovery link") {
		t.Error("the page tells of another tenant, or offers what is not theirs")
	}
	s.as(operator.Owner, "")
	if got := s.post("/operators/one.of.harbourlight/link", url.Values{"anew": {"yes"}}); got.Code != 200 {
		t.Errorf("an owner of everything: %d", got.Code)
	}
}

func TestOperatorsAreToldByHowTheySignIn(t *testing.T) {
	s := newSite(t)
	s.furnish()
	o, err := s.cfg.Operators.ByUsername(t.Context(), "one.of.harbourlight")
	s.must(err)
	factor := func() string {
		s.as(operator.Owner, "")
		page := s.open("/operators/one.of.harbourlight").Body.String()
		if strings.Contains(page, "Enrolled") {
			return "Enrolled"
		}
		return "None"
	}
	for _, step := range []struct {
		e    audit.Entry
		want string
	}{
		{audit.Entry{Type: audit.SignedIn}, "None"},
		{audit.Entry{Type: audit.FactorEnrolled}, "Enrolled"},
		{audit.Entry{Type: audit.OperatorRecovered, Detail: map[string]any{"factors_removed": 0}}, "Enrolled"},
		{audit.Entry{Type: audit.OperatorRecovered, Detail: map[string]any{"factors_removed": 1}}, "None"},
		{audit.Entry{Type: audit.FactorEnrolled}, "Enrolled"},
		{audit.Entry{Type: audit.FactorRemoved}, "None"},
	} {
		s.now = s.now.Add(1e9)
		step.e.Customer, step.e.Actor = o.ID.String(), "system"
		s.must(s.cfg.Audit.Record(t.Context(), s.system(), step.e))
		if got := factor(); got != step.want {
			t.Errorf("after %s: %s, want %s", step.e.Type, got, step.want)
		}
	}
}
