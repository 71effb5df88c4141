package claim_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
	"sallyport/pure/claim"
)

func TestAccountsAreToldByRole(t *testing.T) {
	dana := &claim.Customer{Accounts: []claim.Account{{Number: "HL-1", Role: "owner"}, {Number: "HL-2", Role: "agent"}}}
	for name, test := range map[string]struct {
		of    claim.Accounts
		in    *claim.Customer
		most  int
		value any
		over  bool
	}{
		"of one role":           {claim.Accounts{Roles: []string{"owner"}}, dana, 0, []string{"HL-1"}, false},
		"with the role":         {claim.Accounts{Roles: []string{"agent", "owner"}, WithRole: true}, dana, 0, []string{"owner:HL-1", "agent:HL-2"}, false},
		"of a role they lack":   {claim.Accounts{Roles: []string{"occupier"}}, dana, 0, []string{}, false},
		"more than are told":    {claim.Accounts{Roles: []string{"owner"}}, &claim.Customer{MoreAccounts: true, Accounts: dana.Accounts}, 0, nil, true},
		"longer than may be":    {claim.Accounts{Roles: []string{"owner"}}, dana, 7, nil, true},
		"of a machine, nothing": {claim.Accounts{Roles: []string{"owner"}}, nil, 0, nil, false},
	} {
		spec := claim.Spec{Name: "accounts", Accounts: test.of, Most: test.most, In: []claim.Place{claim.Access}, Scopes: []access.Scope{"a.read.b"}}
		set, problems := claim.NewCompiler(nil).Compile([]claim.Spec{spec}, claim.Server{})
		if len(problems) > 0 {
			t.Fatal(name, problems)
		}
		if !set.NeedsAccounts([]access.Scope{"a.read.b"}, claim.Access) || set.NeedsAccounts(nil, claim.Access) || set.NeedsAccounts([]access.Scope{"a.read.b"}, claim.ID) {
			t.Errorf("%s: when accounts are read is wrong", name)
		}
		r := set.Evaluate(claim.Access, &claim.Input{Customer: test.in, Scopes: []access.Scope{"a.read.b"}})
		var value any
		if len(r.Values) > 0 {
			value = r.Values[0].Value
		}
		if diff := cmp.Diff(test.value, value); diff != "" || (len(r.Overage) > 0) != test.over || r.Failures != nil {
			t.Errorf("%s: %s, %+v", name, diff, r)
		}
	}
	_, problems := claim.NewCompiler(nil).Compile([]claim.Spec{{Name: "x", Accounts: claim.Accounts{WithRole: true}, In: []claim.Place{claim.Access}}}, claim.Server{})
	if len(problems) != 1 || problems[0].Key != "accounts" {
		t.Errorf("no role: %v", problems)
	}
}
