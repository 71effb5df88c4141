package review

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/pure/config"
	"sallyport/pure/journey"
)

// secondFactor is a journey's steps with a second factor, as walk writes them.
func secondFactor(step config.StepSpec) string {
	step.Name, step.Ask = "code", "totp"
	all := []config.StepSpec{{Name: "identifier", Ask: "identifier"}, {Name: "password", Ask: "password"}, step}
	return strings.Join(texts(reflect.ValueOf(all)), "; ")
}

func TestRulesThatAskForLessAreToldAsWidening(t *testing.T) {
	always := func(r config.FactorRule) config.FactorRule { r.When = "always"; return r }
	never := func(r config.FactorRule) config.FactorRule { r.When = "never"; return r }
	business := config.FactorRule{For: config.FactorsFor{Groups: []string{"business"}}}
	stranger := config.FactorRule{For: config.FactorsFor{Risk: []string{"new-device", "guessed"}}}
	known := config.FactorRule{For: config.FactorsFor{Risk: []string{"known-device"}}}
	newDevice := config.FactorRule{For: config.FactorsFor{Risk: []string{"new-device"}}}
	with := func(r config.FactorRule, change func(*config.FactorRule)) config.FactorRule { change(&r); return r }
	step := func(when string, rules ...config.FactorRule) config.StepSpec {
		return config.StepSpec{When: when, Rules: rules}
	}
	tests := []struct {
		name    string
		was, is config.StepSpec
		want    direction
	}{
		{"the same rules", step("enrolled", always(stranger), never(known)), step("enrolled", always(stranger), never(known)), same},
		{"a strict rule comes", step("enrolled"), step("enrolled", always(stranger)), less},
		{"a strict rule goes", step("enrolled", always(stranger)), step("enrolled"), more},
		{"a lenient rule comes", step("enrolled"), step("enrolled", never(known)), more},
		{"a lenient rule comes behind a strict one that takes everybody whom it concerns", step("enrolled", always(business)), step("enrolled", always(business), never(with(business, func(r *config.FactorRule) { r.For.Tags = []string{"solar"} }))), less},
		{"never instead of always", step("enrolled", always(stranger)), step("enrolled", never(stranger)), more},
		{"enrolled instead of always", step("enrolled", always(stranger)), step("enrolled", with(stranger, func(r *config.FactorRule) { r.When = "enrolled" })), more},
		{"always instead of never", step("enrolled", never(known)), step("enrolled", always(known)), less},
		{"a strict rule for fewer", step("enrolled", always(stranger)), step("enrolled", always(newDevice)), more},
		{"a strict rule for more", step("enrolled", always(newDevice)), step("enrolled", always(stranger)), less},
		{"a condition more on a strict rule", step("enrolled", always(stranger)), step("enrolled", always(with(stranger, func(r *config.FactorRule) { r.For.Tags = []string{"solar"} }))), more},
		{"a lenient rule for fewer", step("always", never(with(known, func(r *config.FactorRule) { r.For.Groups = []string{"business", "retail"} }))), step("always", never(with(known, func(r *config.FactorRule) { r.For.Groups = []string{"business"} }))), less},
		{"another order of rules that somebody meets both", step("enrolled", always(business), never(known)), step("enrolled", never(known), always(business)), more},
		{"another order of rules that nobody meets both", step("enrolled", always(newDevice), never(known)), step("enrolled", never(known), always(newDevice)), less},
		{"more factors count", step("enrolled", with(always(business), func(r *config.FactorRule) { r.Factors = []string{"app"} })), step("enrolled", with(always(business), func(r *config.FactorRule) { r.Factors = []string{"app", "text"} })), more},
		{"all factors count", step("enrolled", with(always(business), func(r *config.FactorRule) { r.Factors = []string{"app"} })), step("enrolled", always(business)), more},
		{"fewer factors count", step("enrolled", always(business)), step("enrolled", with(always(business), func(r *config.FactorRule) { r.Factors = []string{"app"} })), less},
		{"more may be put off", step("enrolled", always(business)), step("enrolled", with(always(business), func(r *config.FactorRule) { r.Defer = 2 })), more},
		{"the step may be put off", step("always"), config.StepSpec{When: "always", Defer: 2}, more},
		{"a phone may be set up", step("always"), config.StepSpec{When: "always", Factors: []string{"text"}}, more},
		{"the step asks fewer", step("always", always(business)), step("enrolled", always(business)), more},
		{"a name", step("enrolled", always(business)), step("enrolled", with(always(business), func(r *config.FactorRule) { r.Name = "b" })), less},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := steps(secondFactor(test.was), secondFactor(test.is)); got != test.want {
				t.Errorf("got %v, want %v\n%s\n%s", got, test.want, secondFactor(test.was), secondFactor(test.is))
			}
		})
	}
}

func TestRulesThatCannotBeReadAreToldAsWidening(t *testing.T) {
	was := secondFactor(config.StepSpec{Rules: []config.FactorRule{{When: "never", For: config.FactorsFor{Risk: []string{"known-device"}}}}})
	for _, is := range []string{
		strings.Replace(was, "{", "[", 1), strings.Replace(was, "}", "", 1), strings.Replace(was, "risk", "mood", 1), strings.Replace(was, "never", "at dusk", 1),
	} {
		if got := steps(was, is); got != more {
			t.Errorf("%s: got %v", is, got)
		}
	}
}

// drawRules are rules of which several meet.
func drawRules(t *rapid.T, label string) config.StepSpec {
	some := func(name string, from ...string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, 2, rapid.ID[string]).Draw(t, label+name)
	}
	step := config.StepSpec{When: rapid.SampledFrom([]string{"always", "enrolled"}).Draw(t, label+"when"), Defer: rapid.IntRange(0, 1).Draw(t, label+"defer")}
	for range rapid.IntRange(0, 3).Draw(t, label+"rules") {
		r := config.FactorRule{
			For:  config.FactorsFor{Groups: some("groups", "a", "b"), Tags: some("tags", "x"), Risk: some("risk", "new-device", "known-device", "guessed")},
			When: rapid.SampledFrom([]string{"always", "enrolled", "never"}).Draw(t, label+"outcome"), Factors: some("factors", "app", "text"), Defer: rapid.IntRange(0, 1).Draw(t, label+"later"),
		}
		step.Rules = append(step.Rules, r)
	}
	return step
}

// Whenever anybody, in whatever circumstances, is asked for less, it is told as widening.
func TestNobodyIsAskedForLessUntold(t *testing.T) {
	var everybody []journey.Circumstances
	for bits := range 16 {
		c := journey.Circumstances{Risks: []journey.Risk{journey.NewDevice}}
		if bits&1 != 0 {
			c.Risks[0] = journey.KnownDevice
		}
		if bits&2 != 0 {
			c.Risks = append(c.Risks, journey.Guessed)
		}
		if bits&4 != 0 {
			c.Tags = []string{"x"}
		}
		for _, groups := range [][]string{nil, {"a"}, {"b"}, {"a", "b"}} {
			c.Groups = groups
			everybody = append(everybody, c)
		}
	}
	rule := func(r journey.Ruling) factorRule {
		return factorRule{when: string(r.When), factors: r.Factors, later: r.Defer}
	}
	rapid.Check(t, func(t *rapid.T) {
		was, is := drawRules(t, "was"), drawRules(t, "is")
		got := steps(secondFactor(was), secondFactor(is))
		for _, c := range everybody {
			if rule(journey.Rule(is, c)).asksLess(rule(journey.Rule(was, c))) && got != more {
				t.Fatalf("%+v is asked for less:\n%s\n%s", c, secondFactor(was), secondFactor(is))
			}
		}
		if got := steps(secondFactor(was), secondFactor(was)); got != same {
			t.Fatalf("the same steps are %v: %s", got, secondFactor(was))
		}
	})
}

func TestTextsOfRulesTellThemApart(t *testing.T) {
	a := factorRuleText(config.FactorRule{When: "always", For: config.FactorsFor{Tags: []string{"a b"}}})
	b := factorRuleText(config.FactorRule{When: "always", For: config.FactorsFor{Tags: []string{"a", "b"}}})
	if a == b || slices.Contains([]string{a, b}, "") {
		t.Errorf("%s and %s", a, b)
	}
}
