package claim_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/pure/claim"
)

// anySpecs draws claims of every kind.
func anySpecs(t *rapid.T) []claim.Spec {
	texts := []string{
		`customer.name`, `customer.attributes.note`, `customer.groups`, `customer.groups.map(g, g + customer.name)`, `scopes`,
		`customer.attributes.balance`, `customer.attributes.paperless`, `[customer.name, customer.attributes.note]`,
	}
	kinds := []claim.Type{claim.String, claim.String, claim.Strings, claim.Strings, claim.Strings, claim.Int, claim.Bool, claim.Strings}
	one := rapid.Custom(func(t *rapid.T) claim.Spec {
		spec := claim.Spec{Name: rapid.StringMatching(`[a-z<"]{1,12}`).Draw(t, "name"), In: anywhere()}
		if rapid.Bool().Draw(t, "bounded") {
			spec.Most = rapid.IntRange(1, 300).Draw(t, "most")
		}
		switch rapid.IntRange(0, 3).Draw(t, "source") {
		case 0:
			spec.Value, spec.Most = rapid.StringN(1, 40, -1).Draw(t, "value"), 0
		case 1:
			spec.Attribute = rapid.SampledFrom([]string{"tariff", "balance", "paperless", "moved_in", "note"}).Draw(t, "attribute")
		case 2:
			spec.Groups = rapid.SampledFrom([]claim.Filter{{All: true}, {StartsWith: "a"}, {Equals: "b"}, {Contains: "c"}}).Draw(t, "groups")
		case 3:
			n := rapid.IntRange(0, len(texts)-1).Draw(t, "text")
			spec.Expression, spec.Type = texts[n], kinds[n]
		}
		return spec
	})
	return rapid.SliceOfN(one, 0, 6).Draw(t, "claims")
}

func anyInput(t *rapid.T) *claim.Input {
	in := mia()
	text := rapid.StringN(0, 300, -1)
	in.Customer.Name = text.Draw(t, "customer")
	in.Customer.Groups = rapid.SliceOfN(rapid.StringMatching(`[abc]{1,9}`), 0, 60).Draw(t, "groups")
	in.Customer.Attributes = map[string]string{
		"tariff": text.Draw(t, "tariff"), "note": text.Draw(t, "note"), "moved_in": text.Draw(t, "moved in"),
		"balance":   rapid.SampledFrom([]string{"", "x", "0", "-9223372036854775808"}).Draw(t, "balance"),
		"paperless": rapid.SampledFrom([]string{"", "x", "true", "false"}).Draw(t, "paperless"),
	}
	return in
}

// payload is what a token would have, as service/issue writes it.
func payload(r claim.Result) string {
	var b strings.Builder
	add := func(name string, value any) {
		encoded, err := claim.AppendJSON(append(claim.AppendString([]byte{','}, name), ':'), value)
		if err != nil {
			panic(err)
		}
		b.Write(encoded)
	}
	for _, v := range r.Values {
		add(v.Name, v.Value)
	}
	if len(r.Overage) > 0 {
		add(claim.Overage, r.Overage)
	}
	return b.String()
}

func TestClaimsNeverExceedTheirBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set, problems := claim.NewCompiler(registry).Compile(anySpecs(t), claim.Server{})
		if len(problems) > 0 {
			t.Skip(problems)
		}
		in := anyInput(t)
		result := set.Evaluate(claim.Access, in)
		text := payload(result)
		if bound := set.Bound(claim.Access, in.Scopes); len(text) > bound {
			t.Fatalf("%d bytes, bound %d: %s", len(text), bound, text)
		}
		if text != "" && !json.Valid([]byte("{"+text[1:]+"}")) {
			t.Fatalf("no JSON: %s", text)
		}
		names := map[string]bool{}
		for _, v := range result.Values {
			if names[v.Name] {
				t.Fatalf("%s is told twice", v.Name)
			}
			names[v.Name] = true
		}
	})
}

func TestBoundsAreOfWhatAClaimCanTakeAtAll(t *testing.T) {
	for _, row := range []struct {
		name string
		spec claim.Spec
		most int
	}{
		{"a constant is as long as it is", claim.Spec{Value: "day"}, 5},
		{"a truth value needs no more", claim.Spec{Attribute: "paperless", Most: 100}, 5},
		{"a number needs no more", claim.Spec{Expression: `1 + 1`, Type: claim.Int}, 20},
		{"a date needs no more", claim.Spec{Attribute: "moved_in"}, 12},
		{"a text has its default", claim.Spec{Attribute: "tariff"}, claim.DefaultMost},
		{"groups have theirs", claim.Spec{Groups: claim.Filter{All: true}}, claim.DefaultMostGroups},
		{"configuration may say less", claim.Spec{Groups: claim.Filter{All: true}, Most: 80}, 80},
		{"or more", claim.Spec{Expression: `customer.name`, Type: claim.String, Most: 4000}, 4000},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.spec.Name, row.spec.In = "c", anywhere()
			if got := compile(t, row.spec).At(0); got.Most() != row.most || got.Bound() != row.most+len(`,"c":`) {
				t.Errorf("%d and %d, want %d", got.Most(), got.Bound(), row.most)
			}
		})
	}
}

func TestNamesOfTheServerAreReserved(t *testing.T) {
	for _, name := range []string{"sub", "scope", "rev", "cnf", claim.Rate, claim.Overage} {
		_, problems := claim.NewCompiler(registry).Compile([]claim.Spec{{Name: name, Value: "x", In: anywhere()}}, claim.Server{})
		if len(problems) != 1 || problems[0].Key != "name" {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func TestClaimsAreRefused(t *testing.T) {
	for _, row := range []struct {
		name string
		spec claim.Spec
		key  string
	}{
		{"with no source", claim.Spec{Name: "c", In: anywhere()}, ""},
		{"with two", claim.Spec{Name: "c", Value: "x", Attribute: "tariff", In: anywhere()}, ""},
		{"nowhere", claim.Spec{Name: "c", Value: "x"}, "in"},
		{"with a bound below one", claim.Spec{Name: "c", Attribute: "tariff", Most: -1, In: anywhere()}, "most"},
		{"with a bound of a constant", claim.Spec{Name: "c", Value: "x", Most: 9, In: anywhere()}, "most"},
		{"with a bound that no token has", claim.Spec{Name: "c", Attribute: "tariff", Most: claim.MaxMost + 1, In: anywhere()}, "most"},
		{"with a filter of two conditions", claim.Spec{Name: "c", Groups: claim.Filter{All: true, Contains: "x"}, In: anywhere()}, "groups"},
		{"with a type of an attribute", claim.Spec{Name: "c", Attribute: "tariff", Type: claim.Int, In: anywhere()}, "type"},
		{"of an attribute that is not registered", claim.Spec{Name: "c", Attribute: "tarif", In: anywhere()}, "attribute"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, problems := claim.NewCompiler(registry).Compile([]claim.Spec{row.spec}, claim.Server{})
			if len(problems) != 1 || problems[0].Key != row.key || problems[0].Fix == "" {
				t.Errorf("%v", problems)
			}
		})
	}
	many := make([]claim.Spec, claim.MaxExpressions+1)
	for i := range many {
		many[i] = computed("'x'", claim.String)
	}
	if _, problems := claim.NewCompiler(registry).Compile(many, claim.Server{}); len(problems) != 1 {
		t.Errorf("too many expressions: %v", problems)
	}
}

// A compiler meets whatever an operator pastes: it refuses or gives a claim within
// its bound, and neither hangs nor panics.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{
		`customer.attributes.tariff == 'green' ? 'eco' : 'standard'`, `customer.groups.filter(g, g.startsWith('x')).map(g, g + '!')`,
		`[[[[[[`, `((((((((((1))))))))))`, `customer.attributes.`, `has(customer.attributes.tariff)`, `1/0`, "'\\u0000'", `{'a': 1}['a']`, `customer{}`, `scopes[-1]`,
		`[1].map(x, [2].map(y, x + y)).size()`, `"` + strings.Repeat(`\\`, 100) + `"`, `b'x'`, `1u`, `1e400`, `type(1)`, `a.b.c.d`, `.customer.name`,
	} {
		for n := range claim.Types() {
			f.Add(seed, n)
		}
	}
	compiler := claim.NewCompiler(registry)
	f.Fuzz(func(t *testing.T, text string, n int) {
		kinds := claim.Types()
		kind := kinds[((n%len(kinds))+len(kinds))%len(kinds)]
		set, problems := compiler.Compile([]claim.Spec{{Name: "c", Expression: text, Type: kind, In: anywhere()}}, claim.Server{})
		if (set == nil) == (len(problems) == 0) {
			t.Fatal("neither refused nor compiled")
		}
		if set == nil {
			return
		}
		for _, in := range []*claim.Input{mia(), machine()} {
			r := set.Evaluate(claim.Access, in)
			if got := payload(r); len(got) > set.Bound(claim.Access, nil) {
				t.Fatalf("%d bytes: %s", len(got), got)
			}
			for _, v := range r.Values {
				if !fitsType(v.Value, kind) {
					t.Fatalf("%T is no %s", v.Value, kind)
				}
			}
			for _, failure := range r.Failures {
				if failure.Reason == claim.Failed {
					t.Fatalf("a failure that the list of reasons does not know")
				}
			}
		}
	})
}

func fitsType(value any, kind claim.Type) bool {
	switch value.(type) {
	case string:
		return kind == claim.String
	case bool:
		return kind == claim.Bool
	case int64:
		return kind == claim.Int
	case []string:
		return kind == claim.Strings
	}
	return false
}
