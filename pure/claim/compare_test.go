package claim_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/claim"
)

var oneAttribute = []access.AttributeSpec{{Name: "tariff", Type: access.Text}, {Name: "balance", Type: access.Number}}

func compiled(expression string, kind claim.Type) (*claim.Set, []claim.Problem) {
	specs := []claim.Spec{{Name: "x", Expression: expression, Type: kind, In: []claim.Place{claim.Access}}}
	return claim.NewCompiler(oneAttribute).Compile(specs, claim.Server{})
}

// A list that is doubled thirty times costs thirty steps to make, since nothing is
// copied. Comparing it with itself inside other lists costs one by CEL's count, and
// takes minutes.
func TestNoExpressionComparesWhatItsCostDoesNotCount(t *testing.T) {
	doubled := "[customer.groups]" + strings.Repeat(".map(a, a + a)", 30)
	hostile := map[string]string{
		"a list within a list":              doubled + ".all(a, [a] == [a])",
		"a list within a list, negated":     doubled + ".all(a, [a] != [a])",
		"a list within lists":               doubled + ".all(a, [[a]] == [[a]])",
		"a list among lists":                doubled + ".all(a, a in [a])",
		"a list within a list among others": doubled + ".all(a, [a] in [[a]])",
		"a list within a map":               doubled + ".all(a, {'k': a} == {'k': a})",
		"lists whose items are of any type": doubled + ".all(a, [a, 'b'] == [a, 'b'])",
		"an item of any type":               doubled + ".all(a, [a, 'b'].exists(b, b == [a, 'b'][0]))",
	}
	for name, expression := range hostile {
		t.Run(name, func(t *testing.T) {
			set, problems := compiled(expression, claim.Bool)
			if set == nil {
				if problems[0].Key != "expression" {
					t.Errorf("told of %q: %s", problems[0].Key, problems[0].What)
				}
				return
			}
			done := make(chan struct{})
			go func() {
				set.Evaluate(claim.Access, &claim.Input{Customer: &claim.Customer{Groups: make([]string, 500)}})
				close(done)
			}()
			select {
			case <-done:
			case <-time.After(2 * time.Second):
			}
			t.Error("it compiles")
		})
	}
}

// A list that is made eight times as long twenty-one times has 2⁶³ items, one more than
// its length can say. It costs some hundred steps.
func TestAListThatNobodyCanCountIsNoPanic(t *testing.T) {
	for times := 19; times < 24; times++ {
		set, problems := compiled("[['a']]"+strings.Repeat(".map(a, a+a+a+a+a+a+a+a)", times)+"[0]", claim.Strings)
		if set == nil {
			t.Fatal(problems[0].What)
		}
		r := set.Evaluate(claim.Access, &claim.Input{})
		if len(r.Values) > 0 || len(r.Overage)+len(r.Failures) != 1 {
			t.Errorf("%d times: %+v", times, r)
		}
	}
}

func TestExpressionsCompareWhatPeopleCompare(t *testing.T) {
	in := &claim.Input{
		Customer:    &claim.Customer{ID: "c", Groups: []string{"members", "staff"}, Attributes: map[string]string{"tariff": "green", "balance": "3"}},
		Application: claim.Application{Name: "site", Tags: map[string]string{"tier": "partner"}},
	}
	for _, expression := range []string{
		"customer.attributes.tariff == 'green'", "customer.attributes.balance == 3", "customer.groups == ['members', 'staff']",
		"customer.groups != []", "'staff' in customer.groups", "customer.attributes.tariff in ['green', 'blue']", "'tier' in application.tags",
		"application.tags == {'tier': 'partner'}", "application.tags.exists(tag, tag == 'tier')", "customer != null",
		"size(customer.groups) == 2", "customer.groups.map(g, size(g)) == [7, 5]", "customer.groups.filter(g, g in ['staff']) == ['staff']",
		"['a', 'b'].exists_one(x, x == 'a')",
	} {
		set, problems := compiled(expression, claim.Bool)
		if set == nil {
			t.Errorf("%s: %s", expression, problems[0].What)
			continue
		}
		if r := set.Evaluate(claim.Access, in); len(r.Values) != 1 || r.Values[0].Value != true {
			t.Errorf("%s: %+v", expression, r)
		}
	}
}

func TestEqualInputsGiveEqualClaimsWhateverTheOrderOfMaps(t *testing.T) {
	in := &claim.Input{Application: claim.Application{Tags: map[string]string{"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"}}}
	for _, expression := range []string{
		"application.tags.map(k, k)", "application.tags.filter(k, k != 'x')", "application.tags.map(k, application.tags[k])",
		"{'a': 1, 'b': 2, 'c': 3, 'd': 4}.map(k, k)", "[application.tags].map(m, m.map(k, k))[0]", "application.tags.map(k, k + 'x')[0] == 'ax' ? ['a'] : ['b']",
	} {
		set, _ := compiled(expression, claim.Strings)
		if set == nil {
			continue
		}
		first := set.Evaluate(claim.Access, in)
		for range 200 {
			if again := set.Evaluate(claim.Access, in); !reflect.DeepEqual(again, first) {
				t.Errorf("%s: %+v, then %+v", expression, first, again)
				break
			}
		}
	}
}

// Whoever decodes a token into a struct in Go finds the last of Scope and scope.
func TestNoClaimLooksLikeOneOfTheServersOwn(t *testing.T) {
	for _, name := range []string{"scope", "Scope", "SUB", "Client_ID", "Overage", "rAtE", "ſcope"} {
		_, problems := claim.NewCompiler(nil).Compile([]claim.Spec{{Name: name, Value: "x", In: []claim.Place{claim.Access}}}, claim.Server{})
		if len(problems) != 1 || problems[0].Key != "name" {
			t.Errorf("%q: %v", name, problems)
		}
	}
}
