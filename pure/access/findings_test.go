package access_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
)

// TestADeadRuleIsOneThatDecidesNoRequest compares findings with every decision of
// random specs: the rules that decide, and the cells that only later policies open.
func TestADeadRuleIsOneThatDecidesNoRequest(t *testing.T) {
	for w, seeds := range map[world]int{plain: differences, placed: differences / 10, known: differences / 4} {
		draw := drawChange(w)
		for seed := range seeds {
			spec := draw.Example(seed).after
			m := compile(t, spec)
			findings, err := access.Findings(m, nil)
			if err != nil {
				t.Fatal(err)
			}
			deciding, first, later := tried(m, spec, w)
			dead, fell := map[access.RuleRef]bool{}, map[string]bool{}
			for _, f := range findings {
				switch f.Kind {
				case access.DeadRule, access.ShadowedRule:
					dead[access.RuleRef{Policy: f.Policy, Rule: f.Rule}] = true
					if (f.Kind == access.ShadowedRule) != (len(f.By) > 0) || f.Text == "" {
						t.Errorf("seed %d: %+v", seed, f)
					}
				case access.FellThrough:
					if f.Application != "" {
						fell[fmt.Sprint(f.Application, f.Scope)] = true
					}
				}
			}
			for _, p := range spec.Policies {
				for _, r := range p.Rules {
					if ref := (access.RuleRef{Policy: p.Name, Rule: r.Name}); dead[ref] == deciding[ref] {
						t.Fatalf("seed %d: rule %v decides something: %v, is called dead: %v\n%v", seed, ref, deciding[ref], dead[ref], findings)
					}
				}
			}
			for cell := range later {
				if fell[cell] == first[cell] {
					t.Fatalf("seed %d: %s by the first policy: %v, fell through: %v", seed, cell, first[cell], fell[cell])
				}
			}
			for cell := range fell {
				if !later[cell] {
					t.Fatalf("seed %d: %s is said to fall through, and does not", seed, cell)
				}
			}
		}
	}
}

// tried makes every request of the small world, and gives the rules that decide
// some of them and the cells that the first and later policies open.
func tried(m *access.Model, spec access.Spec, w world) (deciding map[access.RuleRef]bool, first, later map[string]bool) {
	deciding, first, later = map[access.RuleRef]bool{}, map[string]bool{}, map[string]bool{}
	asks := append(subsets(worldScopes()[:3]), subsets(worldScopes()[3:])...)
	for _, app := range spec.Applications {
		for _, r := range contexts(app.ID, w, spec.Attributes) {
			for _, r.Scopes = range append(asks, scopes{"openid"}) {
				d := access.Decide(m, r)
				deciding[access.RuleRef{Policy: d.Policy, Rule: d.Rule}] = true
				if d.Allowed && len(r.Scopes) == 1 && !access.IsOIDC(r.Scopes[0]) {
					cell := fmt.Sprint(app.ID, r.Scopes[0])
					first[cell], later[cell] = first[cell] || !d.FellThrough, later[cell] || d.FellThrough
				}
			}
		}
	}
	for cell, fell := range later {
		if !fell {
			delete(later, cell)
		}
	}
	return deciding, first, later
}

func TestFindingsSayWhatCanHardlyBeMeant(t *testing.T) {
	kinds := func(spec access.Spec) []string {
		findings, err := access.Findings(compile(t, spec), groups{"landlords", "ghosts"})
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, f := range findings {
			said = append(said, string(f.Kind)+": "+f.Text)
		}
		return said
	}
	got := kinds(utility(then(
		access.PolicySpec{Name: "late", Applications: []access.ApplicationID{"app"}, Rules: rules{allow("usage", "meter.read.usage")}}),
		allow("bill", "bill.read.invoice", "bill.write.payment"),
		with(allow("again", "bill.read.invoice"), func(r *access.RuleSpec) { r.AnyOf = groups{"landlords"} }),
		with(allow("nobody", "meter.read.usage"), func(r *access.RuleSpec) { r.AnyOf, r.NoneOf = groups{"landlords"}, groups{"landlords"} }),
	))
	want := []string{
		"shadowed-rule: rule again of policy main decides nothing: whatever it matches is decided before it by main/bill",
		"dead-rule: rule nobody of policy main decides nothing: its conditions never hold for any of its applications",
		"unasked-policy: policy late decides for nobody: policies before it decide for all of its applications",
		"dead-rule: rule usage of policy late decides nothing: policies before its own decide for all of its applications",
		"ungranted-scope: no rule allows scope meter.write.sync",
		"unknown-group: no rule and no entitlement of utility names group ghosts",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	fallen := utility(then(
		access.PolicySpec{Name: "late", All: true, Rules: rules{allow("usage", "meter.read.usage")}}),
		allow("bill", "bill.read.invoice", "bill.write.payment", "meter.write.sync"))
	fallen.FallThrough = true
	if got := kinds(fallen); !slices.ContainsFunc(got, func(s string) bool {
		return strings.Contains(s, "fell-through: application app gets meter.read.usage only because late/usage decides")
	}) {
		t.Error(got)
	}
}
