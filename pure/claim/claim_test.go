package claim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
	"sallyport/pure/claim"
)

var registry = []access.AttributeSpec{
	{Name: "tariff", Type: access.Text},
	{Name: "balance", Type: access.Number},
	{Name: "paperless", Type: access.Boolean},
	{Name: "moved_in", Type: access.Date},
	{Name: "note", Type: access.Text},
	{Name: "old-id", Type: access.Text},
}

// mia is the customer of most rows.
func mia() *claim.Input {
	return &claim.Input{
		Customer: &claim.Customer{
			ID: "cus_1", Name: "Mia Ortega", Groups: []string{"region-north", "residential", "tariff-green"},
			Attributes: map[string]string{"tariff": "green", "balance": "-12", "paperless": "true", "moved_in": "2024-03-01"},
		},
		Application: claim.Application{Name: "my-account", Owner: "digital", Tags: map[string]string{"tier": "own"}},
		Scopes:      []access.Scope{"openid", "billing.read.invoice"},
		Grant:       access.AuthorizationCode, Assurance: access.TwoFactor,
	}
}

func machine() *claim.Input {
	in := mia()
	in.Customer, in.Grant, in.Assurance = nil, access.ClientCredentials, access.NoAssurance
	return in
}

func compile(t testing.TB, specs ...claim.Spec) *claim.Set {
	t.Helper()
	set, problems := claim.NewCompiler(registry).Compile(specs, claim.Server{})
	for _, p := range problems {
		t.Error(p)
	}
	if t.Failed() {
		t.FailNow()
	}
	return set
}

func anywhere() []claim.Place { return []claim.Place{claim.Access} }

// told is the result of one claim, in one text.
func told(r claim.Result) string {
	switch {
	case len(r.Failures) > 0:
		return "failed: " + string(r.Failures[0].Reason)
	case len(r.Overage) > 0:
		return "overage"
	case len(r.Values) == 0:
		return "left out"
	}
	encoded, err := claim.AppendJSON(nil, r.Values[0].Value)
	if err != nil {
		return err.Error()
	}
	return string(encoded)
}

func TestAttributesAreTypedAsTheyAreRegistered(t *testing.T) {
	for _, row := range []struct{ name, attribute, value, want string }{
		{"a text is a text", "tariff", "green", `"green"`},
		{"a text may look like a number", "tariff", "007", `"007"`},
		{"a number is a number", "balance", "-12", `-12`},
		{"a boolean is one", "paperless", "false", `false`},
		{"a date is a text", "moved_in", "2024-02-29", `"2024-02-29"`},
		{"an empty value is none", "tariff", "", "left out"},
		{"a number that is none fails", "balance", "12.50", "failed: attribute-not-of-its-type"},
		{"a number beyond 64 bits fails", "balance", "9223372036854775808", "failed: attribute-not-of-its-type"},
		{"a boolean in another spelling fails", "paperless", "TRUE", "failed: attribute-not-of-its-type"},
		{"a day that does not exist fails", "moved_in", "2023-02-29", "failed: attribute-not-of-its-type"},
		{"a text beyond its bound is named", "tariff", strings.Repeat("g", 255), "overage"},
		{"a text just within its bound is told", "tariff", strings.Repeat("g", 254), `"` + strings.Repeat("g", 254) + `"`},
		{"what is escaped takes what it takes", "tariff", strings.Repeat("<", 43), "overage"},
	} {
		t.Run(row.name, func(t *testing.T) {
			set := compile(t, claim.Spec{Name: "c", Attribute: row.attribute, In: anywhere()})
			in := mia()
			in.Customer.Attributes[row.attribute] = row.value
			if got := told(set.Evaluate(claim.Access, in)); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}

func TestGroupsAreFiltered(t *testing.T) {
	for _, row := range []struct {
		name   string
		filter claim.Filter
		want   string
	}{
		{"all of them", claim.Filter{All: true}, `["region-north","residential","tariff-green"]`},
		{"those that begin so", claim.Filter{StartsWith: "re"}, `["region-north","residential"]`},
		{"exactly one", claim.Filter{Equals: "residential"}, `["residential"]`},
		{"a part of the name is not the name", claim.Filter{Equals: "resident"}, `[]`},
		{"those that contain it", claim.Filter{Contains: "gree"}, `["tariff-green"]`},
		{"none is an empty list", claim.Filter{StartsWith: "staff-"}, `[]`},
	} {
		t.Run(row.name, func(t *testing.T) {
			set := compile(t, claim.Spec{Name: "c", Groups: row.filter, In: anywhere()})
			if got := told(set.Evaluate(claim.Access, mia())); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
			if got := told(set.Evaluate(claim.Access, machine())); got != "left out" {
				t.Errorf("a machine is told %s", got)
			}
		})
	}
}

func TestHooksFillWhatIsDeclared(t *testing.T) {
	for _, row := range []struct {
		name   string
		kind   claim.Type
		answer any
		want   string
	}{
		{"a text", claim.String, "gold", `"gold"`},
		{"without a declared type any", "", []string{"a"}, `["a"]`},
		{"nothing is left out", claim.String, nil, "left out"},
		{"another type fails", claim.String, int64(3), "failed: hook-gave-another-type"},
		{"what no claim can be fails", "", map[string]any{"sub": "x"}, "failed: hook-gave-another-type"},
		{"too much is named", "", strings.Repeat("x", 300), "overage"},
	} {
		t.Run(row.name, func(t *testing.T) {
			set := compile(t, claim.Spec{Name: "c", Hook: "loyalty", Type: row.kind, In: anywhere()})
			in := mia()
			in.Filled = map[string]any{"c": row.answer, "d": "undeclared"}
			if got := told(set.Evaluate(claim.Access, in)); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}

func TestAClaimStandsWhereItIsConfigured(t *testing.T) {
	set, problems := claim.NewCompiler(registry).Compile([]claim.Spec{
		{Name: "always", Value: "x", In: []claim.Place{claim.Access, claim.ID}},
		{Name: "invoices", Value: "x", In: anywhere(), Scopes: []access.Scope{"billing.read.line"}},
		{Name: "payments", Value: "x", In: anywhere(), Scopes: []access.Scope{"billing.write.payment"}},
	}, claim.Server{Ancestors: func(s access.Scope) []access.Scope {
		return map[access.Scope][]access.Scope{"billing.read.line": {"billing.read.invoice", "billing.read.all"}}[s]
	}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, row := range []struct {
		name    string
		place   claim.Place
		granted []access.Scope
		want    []string
	}{
		{"without a scope always", claim.ID, nil, []string{"always"}},
		{"nowhere else", claim.Userinfo, nil, nil},
		{"with its scope", claim.Access, []access.Scope{"billing.read.line"}, []string{"always", "invoices"}},
		{"with what opens as much", claim.Access, []access.Scope{"billing.read.all"}, []string{"always", "invoices"}},
		{"with another scope not", claim.Access, []access.Scope{"billing.read.other"}, []string{"always"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			in := mia()
			in.Scopes = row.granted
			var got []string
			for _, v := range set.Evaluate(row.place, in).Values {
				got = append(got, v.Name)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOfTwoClaimsWithOneNameTheFirstWithAValueIsTold(t *testing.T) {
	set := compile(t,
		claim.Spec{Name: "plan", Attribute: "note", In: anywhere()},
		claim.Spec{Name: "plan", Attribute: "tariff", In: anywhere()},
		claim.Spec{Name: "plan", Value: "none", In: anywhere()},
	)
	if got := set.Evaluate(claim.Access, mia()); len(got.Values) != 1 || got.Values[0].Value != "green" {
		t.Errorf("%+v", got)
	}
	if got := set.Evaluate(claim.Access, machine()); len(got.Values) != 1 || got.Values[0].Value != "none" {
		t.Errorf("%+v", got)
	}
}

// What does not fit must not give way to a second choice: a reader would take that
// for the customer's.
func TestAClaimThatDoesNotFitIsNotReplacedByAnotherOfItsName(t *testing.T) {
	set := compile(t,
		claim.Spec{Name: "groups", Groups: claim.Filter{All: true}, Most: 10, In: anywhere()},
		claim.Spec{Name: "groups", Value: "none", In: anywhere()},
	)
	want := claim.Result{Overage: []string{"groups"}}
	if diff := cmp.Diff(want, set.Evaluate(claim.Access, mia())); diff != "" {
		t.Error(diff)
	}
}

func TestFiveHundredGroupsAreNamedInOverage(t *testing.T) {
	set := compile(t, claim.Spec{Name: "groups", Groups: claim.Filter{All: true}, In: anywhere()}, claim.Spec{Name: "tariff", Attribute: "tariff", In: anywhere()})
	in := mia()
	in.Customer.Groups = nil
	for i := range 500 {
		in.Customer.Groups = append(in.Customer.Groups, fmt.Sprintf("group-%03d", i))
	}
	want := claim.Result{Values: []claim.Value{{Name: "tariff", Value: "green", From: 1}}, Overage: []string{"groups"}}
	if diff := cmp.Diff(want, set.Evaluate(claim.Access, in)); diff != "" {
		t.Error(diff)
	}
}

func TestANilSetHasNoClaims(t *testing.T) {
	var set *claim.Set
	if r := set.Evaluate(claim.Access, mia()); set.Len() != 0 || set.Bound(claim.Access, nil) != 0 || len(r.Values) > 0 {
		t.Errorf("%+v", r)
	}
}
