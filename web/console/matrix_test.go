package console

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/service/operator"
)

func TestTheMatrixIsSeenByGrantAndGroup(t *testing.T) {
	s := newSite(t)
	s.as(operator.Architect, "harbourlight")
	at := "/e/harbourlight/production/access/"
	for path, want := range map[string][]string{
		"apps":                                {"Conditional", "billing.write.payment", "any future application"},
		"apps?group=residential":              {"Granted", "groups=residential"},
		"apps?group=none":                     {"● granted: 0; dotted, conditional, by attributes, network, time or sign-in: 0."},
		"apps?grant=client_credentials":       {"Nothing is called so"},
		"apps?scope=read&q=spa":               {">spa<", "Applications 1 to 1 of 1, scopes 1 to 1 of 3"},
		"enterprise?grant=client_credentials": {">payright<", "Conditional"},
		"apps?group=nobody%27s&row=-1":        {"by groups, attributes, network"},
	} {
		got := s.open(at + path)
		for _, text := range want {
			if text = strings.ReplaceAll(text, "of 3", "of 1"); got.Code != 200 || !strings.Contains(got.Body.String(), text) {
				t.Errorf("%s: %d, does not say %q", path, got.Code, text)
			}
		}
	}
	file := s.open(at + "apps/matrix.csv?group=landlords").Body.String()
	if !strings.HasPrefix(file, "application,billing.read.bill,billing.write.payment,outage.write.report\n") || !strings.Contains(file, "\nmobile,always,never,never\n") {
		t.Errorf("%q", file)
	}
}

// large is a server of so many applications and scopes, with rules that tell
// groups and networks apart.
func large(t *testing.T, applications, scopes, rules int) *config.Tree {
	t.Helper()
	var b strings.Builder
	b.WriteString("kind: tenant\nname: big\ngovernance: {scopes: 200}\nenvironments: {production: {url: \"${listen.url}/big\"}}\ngroups: [{name: g0}, {name: g1}, {name: g2}, {name: g3}, {name: g4}, {name: g5}, {name: g6}, {name: g7}]\n")
	b.WriteString("---\nkind: authorization-server\nname: apps\naudience: https://api.example/apps\nscopes:\n")
	for i := range scopes {
		fmt.Fprintf(&b, "  - {name: service%02d.read.resource%03d, kind: customer-read}\n", i%40, i)
	}
	b.WriteString("policies:\n  - name: all\n    applications: [\"*\"]\n    rules:\n")
	for i := range rules {
		fmt.Fprintf(&b, "      - {name: rule-%d, grants: [authorization_code], groups: {any: [g%d]}, scopes: [service%02d.read.resource%03d]}\n", i, i%8, i%scopes%40, i%scopes)
	}
	for i := range applications {
		fmt.Fprintf(&b, "---\nkind: application\nname: application-%03d\ntype: web\nredirects: [\"https://a%d.example/\"]\nassigned: {apps: [", i, i)
		for j := range scopes / 2 {
			fmt.Fprintf(&b, "service%02d.read.resource%03d, ", (j*2+i%2)%40, j*2+i%2)
		}
		b.WriteString("]}\n")
	}
	tree, problems := config.Parse(map[string][]byte{"tree.yaml": []byte(b.String())})
	if config.Refused(problems) {
		t.Fatal(problems[0])
	}
	return tree
}

// The largest matrix that is planned for: 300 applications by 200 scopes.
func TestALargeMatrixIsALightPage(t *testing.T) {
	s := newSite(t)
	live, err := s.cfg.Registry.Create(t.Context(), "big", "production", false, "tester")
	s.must(err)
	_, _, err = s.cfg.Registry.Apply(t.Context(), live.ID, environment.Change{Tree: large(t, 300, 200, 200), Author: "tester"})
	s.must(err)
	s.as(operator.Architect, "big")
	for _, path := range []string{"/access/apps", "/access/apps?row=50&column=24", "/access/apps?group=g3", "/applications", "/servers/apps", "/revisions/1"} {
		began := time.Now()
		got := s.open("/e/big/production" + path)
		took := time.Since(began)
		var squeezed bytes.Buffer
		w := gzip.NewWriter(&squeezed)
		_, _ = w.Write(got.Body.Bytes())
		s.must(w.Close())
		t.Logf("%s: %d KB, %d KB gzip, %v", path, got.Body.Len()>>10, squeezed.Len()>>10, took.Round(time.Millisecond))
		if got.Code != 200 || squeezed.Len() > 60<<10 {
			t.Errorf("%s: %d, %d bytes gzip", path, got.Code, squeezed.Len())
		}
	}
}

const expectationsText = `kind: expectations
name: board
owner: Scope board
reason: As decided in spring
server: apps
statements:
  - {must: never, application: mobile, scopes: [billing.read.bill]}
  - {must: never, application: spa, scopes: [outage.write.report]}
`

// expecting applies what somebody expects besides.
func (s *site) expecting(text string) {
	s.Helper()
	s.applied(map[string][]byte{"expectations.yaml": []byte(text)})
}

// applied applies the live tree with some files of it changed.
func (s *site) applied(with map[string][]byte) {
	s.Helper()
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	revision, tree, err := s.cfg.Registry.Revision(s.Context(), live, live.Snapshot().Revision)
	s.must(err)
	files := tree.Files()
	maps.Copy(files, with)
	changed, problems := config.Parse(files)
	if config.Refused(problems) {
		s.Fatal(problems)
	}
	_, _, err = s.cfg.Registry.Apply(s.Context(), live.ID, environment.Change{Tree: changed, Base: revision.Number, Author: "tester"})
	s.must(err)
}

func TestTheMatrixTellsWhatIsWrongAndWhatNobodySpokeOf(t *testing.T) {
	s := newSite(t)
	s.as(operator.Architect, "harbourlight")
	at := "/e/harbourlight/production/access/apps"
	if page := s.open(at).Body.String(); !strings.Contains(page, "Import your spreadsheet") || strings.Contains(page, "untested") && strings.Contains(page, "◔</span> ") {
		t.Error("without expectations it speaks of tests")
	}
	s.expecting(expectationsText)
	page := s.open(at).Body.String()
	for _, want := range []string{
		`class="wrong-cell"><a href="apps/explain?application=mobile&amp;scope=billing.read.bill" class="dotted"><span class="state bad"><span aria-hidden="true">■</span> Conditional</span><span class="hidden">, against what is expected</span>`,
		`<span class="state pending"><span aria-hidden="true">◔</span> Conditional</span><span class="hidden">, untested</span>`,
		"Violations", "<b>1</b>", "Proven", "of revision 2 as this page",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	wrong := s.open(at + "?state=wrong").Body.String()
	if !strings.Contains(wrong, ">mobile<") || strings.Contains(wrong, ">spa<") || strings.Contains(wrong, "outage.write.report</th>") {
		t.Error("what is wrong does not stand alone")
	}
	if file := s.open(at + "/matrix.csv?state=wrong").Body.String(); file != "application,billing.read.bill\nmobile,conditional\n" {
		t.Errorf("the file of it is %q", file)
	}
	if page := s.open(at + "/explain?application=mobile&scope=billing.read.bill").Body.String(); !strings.Contains(page, "Against what is expected") || !strings.Contains(page, "As decided in spring (Scope board") {
		t.Error("the explanation does not say who expects otherwise")
	}
	if page := s.open(at + "/explain?application=my-account&scope=billing.read.bill").Body.String(); !strings.Contains(page, "Nobody has said whether this should be so") ||
		!strings.Contains(page, "Weakest sign-in") || !strings.Contains(page, "Highest rate of calls") {
		t.Error("the explanation does not say that nobody spoke of it")
	}
	if page := s.open(at + "?state=all%27&tag=nobody").Body.String(); !strings.Contains(page, "Nothing is called so") {
		t.Error("a tag that nothing has finds something")
	}
}

// An attribute that a rule asks for can be said, so that the page need not answer for a
// customer of whom nothing is known.
func TestAnExplanationTakesAttributesAndTheAgeOfTheSignIn(t *testing.T) {
	s := newSite(t)
	s.as(operator.Architect, "harbourlight")
	at := "/e/harbourlight/production/access/apps/explain?application=my-account&scope=billing.read.bill&groups=residential"
	page := s.open(at + "&attributes=account_number%3D4711&age=20m").Body.String()
	for _, want := range []string{`value="account_number=4711"`, `value="20m0s"`, "account_number = &#34;4711&#34;", "2026-11-22T09:40:00Z"} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if page := s.open(at + "&attributes=green&age=soon").Body.String(); strings.Count(page, `aria-invalid="true"`) != 2 {
		t.Error("what cannot be read is not marked")
	}
}
