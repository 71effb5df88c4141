package govern_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/config"
	"sallyport/pure/govern"
	"sallyport/pure/review"
)

var update = flag.Bool("update", false, "rewrite the golden file")

func TestMisgovernmentIsToldWhereItIsAndWithAFix(t *testing.T) {
	all := files(t, "testdata")
	delete(all, "problems.txt")
	tree, problems := config.Parse(all)
	if len(problems) > 0 {
		t.Fatal(config.Render(problems, all))
	}
	problems = govern.Check(tree, builtin)
	got := config.Render(problems, all)
	if *update {
		if err := os.WriteFile("testdata/problems.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/problems.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
	for _, e := range config.Codes() {
		told := slices.ContainsFunc(problems, func(p config.Problem) bool { return p.Code == e.Code })
		if e.Code >= config.NotAccepted && e.Code <= config.WriteUnderRead && !told && e.Code != config.Unreviewable {
			t.Errorf("the tree has no %s: %s", e.Code, e.Meaning)
		}
	}
}

func compiled(t testing.TB, environment string, all map[string][]byte) (*config.Tree, *config.Snapshot) {
	t.Helper()
	tree, _ := config.Parse(all)
	snapshot, problems := config.Compile(tree, environment, builtin)
	if snapshot == nil {
		t.Fatal(config.Render(problems, all))
	}
	return tree, snapshot
}

func TestAPromotionStopsAtWhatItsEnvironmentRefuses(t *testing.T) {
	all := files(t, "testdata")
	failed := func(environment string) (names []string) {
		for _, g := range govern.Gates(compiled(t, environment, all)) {
			if (g.Fix == "") != g.Passed || g.Text == "" {
				t.Errorf("the gate says %+v", g)
			}
			if !g.Passed {
				names = append(names, g.Name)
			}
		}
		return names
	}
	want := []string{"maturity", "token-size", "scope-budget", "attributes", "names"}
	if diff := cmp.Diff(want, failed("live")); diff != "" {
		t.Error(diff)
	}
	all["problems.yaml"] = []byte(strings.NewReplacer(
		"refuse: 1200", "refuse: 9000", "scopes: 8,", "scopes: 9,", "bills-lab.", "bills-lobby.",
		`owner: " "`, "owner: Care", "secret", "public", "for ever", "30d",
	).Replace(string(all["problems.yaml"])))
	if diff := cmp.Diff([]string{"maturity"}, failed("live")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"maturity"}, failed("lab")); diff != "" { // which takes nothing deprecated
		t.Error(diff)
	}
	all["problems.yaml"] = []byte(strings.ReplaceAll(string(all["problems.yaml"]), "accepts: [preview, stable]", "accepts: [preview, stable, deprecated]"))
	if names := failed("lab"); len(names) > 0 {
		t.Errorf("an environment that opted in is stopped by %v", names)
	}
	var _ []review.Gate = govern.Gates(compiled(t, "lab", all))
}

func TestRulesThatNobodyCanReviewAreRefused(t *testing.T) {
	groups, rules := "", ""
	for i := range 40 {
		name := "g" + strings.Repeat("x", i)
		groups += "{name: " + name + "}, "
		rules += "{name: " + name + ", groups: {any: [" + name + "]}, scopes: [a.read.a]}, "
	}
	text := `kind: tenant
name: t
environments: {e: {url: "https://id.example"}}
groups: [` + groups + `]
---
kind: authorization-server
name: s
audience: a
scopes: [{name: a.read.a, kind: customer-read}]
policies: [{name: many, applications: ["*"], rules: [` + rules + `]}]
---
kind: application
name: one
type: browser
redirects: [https://one.example/cb]
assigned: {s: [a.read.a]}
`
	tree, snapshot := compiled(t, "e", map[string][]byte{"t.yaml": []byte(text)})
	problems := govern.Judge(tree, snapshot)
	if len(problems) != 1 || problems[0].Code != config.Unreviewable || problems[0].Severity != config.Error || !strings.Contains(problems[0].What, "tell 40 groups apart") {
		t.Errorf("%v", problems)
	}
	if r := govern.Of(snapshot); r.Server("s").Unreviewable == "" || len(r.Server("s").Sizes) > 0 || len(r.Server("s").Scope("a.read.a").Unused()) > 0 {
		t.Errorf("the report says %+v", r.Servers)
	}
}
