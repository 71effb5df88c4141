package claim_test

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/pure/claim"
)

func computed(text string, kind claim.Type) claim.Spec {
	return claim.Spec{Name: "c", Expression: text, Type: kind, In: anywhere()}
}

func TestExpressionsCompute(t *testing.T) {
	for _, row := range []struct {
		name string
		text string
		kind claim.Type
		want string
	}{
		{"a choice", `customer.attributes.tariff == 'green' ? 'eco' : 'standard'`, claim.String, `"eco"`},
		{"an attribute as it is", `customer.attributes.tariff`, claim.String, `"green"`},
		{"a name with a dash is quoted", "has(customer.attributes.`old-id`) ? customer.attributes.`old-id` : 'none'", claim.String, `"none"`},
		{"a number", `customer.attributes.balance * 2 + 1`, claim.Int, `-23`},
		{"a comparison", `customer.attributes.balance < 0 && customer.attributes.paperless`, claim.Bool, `true`},
		{"dates are compared as texts", `customer.attributes.moved_in >= '2024-01-01'`, claim.Bool, `true`},
		{"a part of the groups", `customer.groups.filter(g, g.startsWith('re'))`, claim.Strings, `["region-north","residential"]`},
		{"groups in other words", `customer.groups.filter(g, g.startsWith('tariff-')).map(g, 'plan:' + g)`, claim.Strings, `["plan:tariff-green"]`},
		{"whether somebody is in a group", `'residential' in customer.groups`, claim.Bool, `true`},
		{"how many groups", `customer.groups.size()`, claim.Int, `3`},
		{"who the customer is", `customer.id + '/' + customer.name`, claim.String, `"cus_1/Mia Ortega"`},
		{"the application", `application.name + ' of ' + application.owner + ', ' + application.tags.tier`, claim.String, `"my-account of digital, own"`},
		{"whether a tag is worn", `has(application.tags.pilot) ? 'pilot' : 'no'`, claim.String, `"no"`},
		{"the scopes", `'billing.read.invoice' in scopes`, claim.Bool, `true`},
		{"grant and assurance", `grant + ' ' + assurance`, claim.String, `"authorization_code two-factor"`},
		{"an attribute of a type made a text", `string(customer.attributes.balance)`, claim.String, `"-12"`},

		{"an attribute that is not there leaves the claim out", `customer.attributes.note`, claim.String, "left out"},
		{"and equals no text", `customer.attributes.note == 'x' ? 'yes' : 'no'`, claim.String, `"no"`},
		{"and what is computed with it is nothing", `customer.attributes.note + '!'`, claim.String, "left out"},
		{"unless the other side decides", `customer.attributes.note + '!' == 'x' || true`, claim.Bool, `true`},
		{"one can ask whether it is there", `has(customer.attributes.note) ? customer.attributes.note : 'none'`, claim.String, `"none"`},
		{"a list leaves out what is not there", `[customer.attributes.tariff, customer.attributes.note]`, claim.Strings, `["green"]`},
		{"an empty text leaves the claim out", `customer.attributes.balance < 0 ? '' : 'credit'`, claim.String, "left out"},
		{"an empty list is a list", `customer.groups.filter(g, g == 'x')`, claim.Strings, `[]`},
		{"a tag that is not worn leaves the claim out", `application.tags.pilot`, claim.String, "left out"},
		{"so does an item beyond the end", `customer.groups[3]`, claim.String, "left out"},

		{"a division by zero fails", `1 / (customer.attributes.balance + 12)`, claim.Int, "failed: division-by-zero"},
		{"a number that is too large fails", `9223372036854775807 - customer.attributes.balance`, claim.Int, "failed: number-too-large"},
		{"a text that is no number fails", `int(customer.attributes.tariff)`, claim.Int, "failed: text-is-no-number"},
		{"a long value is named", `scopes.map(s, s + '` + strings.Repeat("x", 120) + `')`, claim.Strings, "overage"},
	} {
		t.Run(row.name, func(t *testing.T) {
			set := compile(t, computed(row.text, row.kind))
			if got := told(set.Evaluate(claim.Access, mia())); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}

func TestAMachineHasNoCustomer(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{`customer.name`, "left out"},
		{`customer.attributes.tariff`, "left out"},
		{`customer.attributes.tariff == 'green' ? 'eco' : 'standard'`, "left out"},
		{`customer == null ? application.name : customer.name`, `"my-account"`},
		{`grant`, `"client_credentials"`},
		{`assurance`, `"none"`},
	} {
		t.Run(row.text, func(t *testing.T) {
			if got := told(compile(t, computed(row.text, claim.String)).Evaluate(claim.Access, machine())); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}

func TestAnAttributeThatIsNotOfItsTypeFailsItsExpressions(t *testing.T) {
	in := mia()
	in.Customer.Attributes["balance"] = "twelve"
	if got := told(compile(t, computed(`customer.attributes.balance + 1`, claim.Int)).Evaluate(claim.Access, in)); got != "failed: attribute-not-of-its-type" {
		t.Error(got)
	}
}

// Whoever has more groups than the bound of an expression's cost foresees has that
// claim left out, and nothing else.
func TestTheCostIsCountedToo(t *testing.T) {
	set := compile(t, computed(`customer.groups.filter(g, g.contains('north'))`, claim.Strings), claim.Spec{Name: "d", Value: "x", In: anywhere()})
	in := mia()
	in.Customer.Groups = nil
	for i := range 100_000 {
		in.Customer.Groups = append(in.Customer.Groups, fmt.Sprintf("group-%05d", i))
	}
	r := set.Evaluate(claim.Access, in)
	if told(r) != "failed: expression-costs-too-much" || len(r.Values) != 1 {
		t.Errorf("%+v", r)
	}
}

func TestExpressionsAreRefused(t *testing.T) {
	for _, row := range []struct {
		name string
		spec claim.Spec
		want string
	}{
		{"without a type", computed(`'x'`, ""), "has no type"},
		{"of an unknown type", computed(`'x'`, "text"), "no type of a claim"},
		{"of another type than declared", computed(`customer.groups`, claim.String), "gives strings, and string is declared"},
		{"of a type that no claim has", computed(`1.5`, claim.Int), "gives double, and int is declared"},
		{"of a list of numbers", computed(`[1, 2]`, claim.Strings), "gives list(int)"},
		{"of the customer", computed(`customer`, claim.String), "gives customer"},
		{"that does not end", computed(`'x`, claim.String), "at character 1"},
		{"that names nothing known", computed(`user.name`, claim.String), "undeclared reference to 'user'"},
		{"that names an attribute that is not registered", computed(`customer.attributes.tarif`, claim.String), `the attribute "tarif" is not registered`},
		{"that takes a dash for a name's", computed(`customer.attributes.old-id`, claim.String), `the attribute "old" is not registered`},
		{"also where it is only asked for", computed(`has(customer.attributes.tarif)`, claim.Bool), `the attribute "tarif" is not registered`},
		{"also within a list", computed(`customer.groups.filter(g, g == customer.attributes.tarif)`, claim.Strings), `the attribute "tarif" is not registered`},
		{"that names a field that customers have not", computed(`customer.email`, claim.String), `customer has no field "email"`},
		{"that names a field that applications have not", computed(`application.secret`, claim.String), `application has no field "secret"`},
		{"that gets at attributes by computing their names", computed(`customer.attributes['tar' + 'iff']`, claim.String), "no matching overload"},
		{"that makes a customer", computed(`customer{name: 'x'}.name`, claim.String), "undeclared reference"},
		{"that matches patterns", computed(`customer.name.matches('(a+)+$')`, claim.Bool), "undeclared reference to 'matches'"},
		{"that asks for the time", computed(`string(now())`, claim.String), "undeclared reference to 'now'"},
		{"that reads times", computed(`timestamp('2024-01-01T00:00:00Z').getFullYear()`, claim.Int), "undeclared reference to 'timestamp'"},
		{"that leaves types behind", computed(`dyn(1)`, claim.Int), "undeclared reference to 'dyn'"},
		{"that goes through lists within lists", computed(`customer.groups.map(g, customer.groups.filter(h, h == g).size() > 0 ? g : '')`, claim.Strings), "could cost more"},
		{"that is too long", computed("'"+strings.Repeat("x", 1023)+"'", claim.String), "more than 1024 characters"},
		{"that is too deep", computed(strings.Repeat("(", 400)+"1"+strings.Repeat(")", 400), claim.Int), "at character"},
	} {
		t.Run(row.name, func(t *testing.T) {
			set, problems := claim.NewCompiler(registry).Compile([]claim.Spec{row.spec}, claim.Server{})
			if set != nil || len(problems) == 0 || !strings.Contains(problems[0].What, row.want) {
				t.Fatalf("%v, want %q", problems, row.want)
			}
			for _, p := range problems {
				if p.Fix == "" || strings.Contains(p.What, "@") {
					t.Errorf("%+v", p)
				}
			}
		})
	}
}

func TestWhatAnExpressionReadsIsKnown(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{`has(customer.attributes.note) && size(customer.groups) > 1 ? customer.attributes.tariff : ''`, "[note tariff] true false"},
		{`customer.name + application.name`, "[] false true"},
		{`grant`, "[] false false"},
		{`[customer].map(c, c.name)[0]`, "[] false true"},
		{`[customer.attributes].map(a, a.tariff)[0]`, "[tariff] false false"},
		{`[customer].exists(c, [c.attributes].exists(a, has(a.note)) && c.groups.size() > 1) ? 'x' : 'y'`, "[note] true false"},
		{`(true ? customer : customer).attributes.tariff`, "[tariff] false false"},
	} {
		c := compile(t, computed(row.text, claim.String)).At(0)
		if got := fmt.Sprint(c.Attributes(), c.TellsGroups(), c.TellsName()); got != row.want {
			t.Errorf("%s: %s, want %s", row.text, got, row.want)
		}
	}
}

func BenchmarkExpression(b *testing.B) {
	set := compile(b, computed(`customer.attributes.tariff == 'green' ? 'eco' : 'standard'`, claim.String))
	in := mia()
	b.ReportAllocs()
	for b.Loop() {
		if len(set.Evaluate(claim.Access, in).Values) != 1 {
			b.Fatal("no value")
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		compile(b, computed(`customer.attributes.tariff == 'green' ? 'eco' : 'standard'`, claim.String))
	}
}
