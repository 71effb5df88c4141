package access_test

import (
	"fmt"
	"time"

	"sallyport/pure/access"
)

// harbourlight lets customers see bills, and landlords who signed in with two
// factors pay them.
func harbourlight() access.Spec {
	bills := []access.Scope{"billing.read.invoice", "billing.write.payment"}
	return access.Spec{
		Server: "billing",
		Scopes: []access.ScopeSpec{
			{Name: "billing.read.invoice", Kind: access.CustomerRead, Default: true},
			{Name: "billing.write.payment", Kind: access.CustomerWrite},
		},
		Applications: []access.ApplicationSpec{
			{ID: "mobile", Scopes: bills, Grants: []access.GrantType{access.AuthorizationCode}},
		},
		Policies: []access.PolicySpec{{
			Name: "apps", Applications: []access.ApplicationID{"mobile"},
			Rules: []access.RuleSpec{
				{
					Name: "landlords-pay", Effect: access.Allow, AnyOf: []access.Group{"landlords"}, Assurance: access.TwoFactor,
					Scopes: bills, Lifetimes: access.Lifetimes{Access: 5 * time.Minute},
				},
				{Name: "everybody-reads", Effect: access.Allow, Scopes: bills[:1]},
			},
		}},
	}
}

func ExampleDecide() {
	model, _ := access.Compile(harbourlight())
	request := access.Request{
		Application: "mobile",
		Grant:       access.AuthorizationCode,
		Subject:     &access.Subject{Groups: []access.Group{"landlords"}},
		Scopes:      []access.Scope{"openid", "billing.write.payment"},
		Assurance:   access.OneFactor,
	}
	d := access.Decide(model, request)
	fmt.Println(d.Allowed, d.Error.Code, d.NeededAssurance)

	request.Assurance = d.NeededAssurance
	d = access.Decide(model, request)
	fmt.Println(d.Allowed, d.Granted, d.Rule, d.Lifetimes.Access)
	// Output:
	// false access_denied two-factor
	// true [openid billing.write.payment] landlords-pay 5m0s
}

func ExampleExplain() {
	model, _ := access.Compile(harbourlight())
	trace := access.Explain(model, access.Request{
		Application: "mobile",
		Grant:       access.AuthorizationCode,
		Subject:     &access.Subject{},
		Scopes:      []access.Scope{"billing.write.payment"},
	})
	for _, rule := range trace.Policies[0].Rules {
		fmt.Println(rule.Rule, "fails by", rule.Failed, "as", rule.Why)
	}
	// Output:
	// landlords-pay fails by groups.anyOf as the customer is not in landlords
	// everybody-reads fails by scopes as it does not cover billing.write.payment
}

func ExampleProve() {
	model, _ := access.Compile(harbourlight())
	matrix, _ := access.Prove(model, access.Options{})
	for _, scope := range matrix.Scopes {
		cell, _ := matrix.Cell("mobile", scope)
		fmt.Println(scope, cell.Obtainable, cell.Witness.Rule, cell.Witness.Groups, cell.Witness.Assurance)
	}
	// Output:
	// billing.read.invoice always everybody-reads [] none
	// billing.write.payment conditional landlords-pay [landlords] two-factor
}

func ExampleCompile() {
	spec := harbourlight()
	spec.Policies[0].Rules[0].AnyOf = []access.Group{}
	_, problems := access.Compile(spec)
	fmt.Println(problems[0].Error())
	// Output:
	// policies[0].rules[0].groups.anyOf: is an empty list, which nobody can meet; list groups, or remove it to mean everybody
}

func ExampleDiff() {
	before, _ := access.Compile(harbourlight())
	spec := harbourlight()
	spec.Policies[0].Rules[0].Assurance = access.NoAssurance
	spec.Policies[0].Rules[0].AnyOf = []access.Group{"landlords", "agents"}
	after, _ := access.Compile(spec)

	d, _ := access.Diff(before, after, access.DiffOptions{})
	for _, change := range d.Changes {
		if change.Kind.Widens() && len(change.Scopes) == 1 {
			fmt.Println(change.Kind, "|", d.Sentence(change))
		}
	}
	// Output:
	// wider-access | mobile: any customer in agents and not in landlords, from anywhere, can now get billing.write.payment too; because rule landlords-pay of policy apps changed: groups, assurance
	// weaker-assurance | mobile: any customer in landlords, from anywhere, can now get billing.write.payment without stronger assurance; because rule landlords-pay of policy apps changed: groups, assurance
}

func ExampleFindings() {
	spec := harbourlight()
	spec.Policies[0].Rules = append(spec.Policies[0].Rules, access.RuleSpec{
		Name: "landlords-read", Effect: access.Allow, AnyOf: []access.Group{"landlords"}, Scopes: []access.Scope{"billing.read.invoice"},
	})
	model, _ := access.Compile(spec)
	findings, _ := access.Findings(model, []access.Group{"landlords", "tenants"})
	for _, f := range findings {
		fmt.Println(f.Text)
	}
	// Output:
	// rule landlords-read of policy apps decides nothing: whatever it matches is decided before it by apps/landlords-pay, apps/everybody-reads
	// no rule and no entitlement of billing names group tenants
}

func ExampleParseSheet() {
	sheet := "application,billing.read.invoice,billing.write.payment\nmobile,should,should not\n"
	expectations, _ := access.ParseSheet([]byte(sheet), "billing team")
	for _, e := range expectations {
		fmt.Println(e.Place, e.Application, e.Must, e.Scopes)
	}
	// Output:
	// row 2, column 2 mobile obtain [billing.read.invoice]
	// row 2, column 3 mobile never [billing.write.payment]
}
