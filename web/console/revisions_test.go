package console

import (
	"net/url"
	"strings"
	"testing"

	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/service/issue/issuetest"
	"sallyport/service/operator"
)

// widen applies a second revision to harbourlight, under which landlords may pay.
func (s *site) widen(live *environment.Live, change ...string) {
	s.Helper()
	text := strings.NewReplacer(append([]string{
		"landlords: [billing.read.bill]", "landlords: [billing.read.bill, billing.write.payment]",
		"        scopes: [billing.read.bill]\n        lifetimes", "        scopes: [billing.read.bill, billing.write.payment]\n        lifetimes",
	}, change...)...).Replace(issuetest.Tree)
	tree, problems := config.Parse(map[string][]byte{"tree.yaml": []byte(text)})
	if config.Refused(problems) {
		s.Fatal(problems)
	}
	_, _, err := s.cfg.Registry.Apply(s.Context(), live.ID, environment.Change{Tree: tree, Base: live.Snapshot().Revision, Author: "tester", BreakGlass: "for the test"})
	s.must(err)
}

func TestARevisionTellsWhoGainedWhatAndIsAppliedAgain(t *testing.T) {
	s := newSite(t)
	s.as(operator.Architect, "harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	s.widen(live)
	at := "/e/harbourlight/production/revisions/"
	page := s.open(at + "2").Body.String()
	gain, meaning := strings.Index(page, "Access, compared"), strings.Index(page, "What it changed")
	if gain < 0 || meaning < gain || !strings.Contains(page, "tree.yaml") {
		t.Error("the page does not tell access first")
	}
	if file := s.open(at + "2?file=tree.yaml").Body.String(); !strings.Contains(file, "kind: authorization-server") {
		t.Error("the file is not shown")
	}
	if got := s.open(at + "2/access.csv").Body.String(); !strings.HasPrefix(got, "section,widens,kind,server,application") {
		t.Errorf("%q", got)
	}
	ask := s.open(at + "1/apply").Body.String()
	if !strings.Contains(ask, `name="base" value="2"`) || strings.Contains(ask, "break_glass") {
		t.Error("the form does not hold what it is based on, or offers what is not theirs")
	}
	form := func(base string) url.Values { return url.Values{"reason": {"it widened"}, "base": {base}} }
	for name, test := range map[string]struct {
		path   string
		values url.Values
		want   int
	}{
		"no reason":          {at + "1/apply", url.Values{"base": {"2"}}, 422},
		"no base":            {at + "1/apply", url.Values{"reason": {"x"}}, 404},
		"an older base":      {at + "1/apply", form("1"), 409},
		"what never was":     {at + "9/apply", form("2"), 404},
		"what is no number":  {at + "one/apply", form("2"), 404},
		"what is live still": {at + "2/apply", form("2"), 303},
	} {
		if got := s.post(test.path, test.values); got.Code != test.want || live.Snapshot().Revision != 2 {
			t.Errorf("%s: %d, revision %d is live", name, got.Code, live.Snapshot().Revision)
		}
	}
	if got := s.post(at+"1/apply", form("2")); got.Code != 303 || live.Snapshot().Revision != 3 {
		t.Fatalf("%d, revision %d is live\n%s", got.Code, live.Snapshot().Revision, got.Body)
	}
	all, err := s.cfg.Registry.Revisions(t.Context(), live, 0, 1)
	s.must(err)
	if r := all[0]; r.Author != "architect.harbourlightx" || r.Message != "again revision 1: it widened" || r.Base != 2 {
		t.Errorf("%+v", r)
	}
}

func TestAProtectedEnvironmentIsOverriddenByWhoMayAlone(t *testing.T) {
	s := newSite(t)
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	s.widen(live, `{url: "${listen.url}/hl"}`, `{url: "${listen.url}/hl", protected: true}`)
	at := "/e/harbourlight/production/revisions/1/apply"
	form := url.Values{"reason": {"it widened"}, "base": {"2"}, "break_glass": {"nobody is awake"}}
	s.as(operator.Architect, "harbourlight")
	if got := s.post(at, form); got.Code != 409 || live.Snapshot().Revision != 2 || !strings.Contains(got.Body.String(), "only through approval") {
		t.Errorf("who may not: %d", got.Code)
	}
	s.as(operator.Owner, "harbourlight")
	if got := s.post(at, url.Values{"reason": {"it widened"}, "base": {"2"}}); got.Code != 409 || live.Snapshot().Revision != 2 {
		t.Errorf("without a reason to override: %d", got.Code)
	}
	if got := s.post(at, form); got.Code != 303 || live.Snapshot().Revision != 3 {
		t.Errorf("who may: %d\n%s", got.Code, got.Body)
	}
	all, err := s.cfg.Registry.Revisions(t.Context(), live, 0, 1)
	s.must(err)
	if all[0].BreakGlass != "nobody is awake" {
		t.Errorf("%+v", all[0])
	}
}
