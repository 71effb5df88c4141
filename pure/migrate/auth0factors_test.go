package migrate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/legacy"
)

// factorRows reads a file of second factors.
func factorRows(t *testing.T, plan *Plan, lines ...string) (all []Record) {
	t.Helper()
	rows, err := plan.ReadJoined(FactorsInput, strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	for {
		r, err := rows.Next()
		if err != nil {
			return all
		}
		all = append(all, r)
	}
}

func TestSecondFactorsOfAuth0AreJoinedToTheirUser(t *testing.T) {
	plan := compiled(t, orchard())
	key := []byte("12345678901234567890")
	const app = `{"user_id":"auth0|5f01","mfa_factors":[{"totp":{"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}},{"phone":{"value":"+12125550177"}},{"email":{"value":"ana@orchard.test"}},{"push":{"id":"x"}}]}`
	const other = `{"user_id":"auth0|5f01","mfa_factors":[]}`
	tests := map[string]struct {
		rows     []string
		factors  []legacy.Factor
		left     int
		rejected Reason
	}{
		"an app, a phone, an address and what cannot move": {
			[]string{app},
			[]legacy.Factor{{Kind: legacy.TOTP, Secret: key}, {Kind: legacy.Phone, Address: "+12125550177"}, {Kind: legacy.Email, Address: "ana@orchard.test"}},
			1, "",
		},
		"twice the same":  {[]string{app, app}, []legacy.Factor{{Kind: legacy.TOTP, Secret: key}, {Kind: legacy.Phone, Address: "+12125550177"}, {Kind: legacy.Email, Address: "ana@orchard.test"}}, 1, ""},
		"two that differ": {[]string{app, other}, nil, 0, DuplicateFactors},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			users, err := plan.Read(strings.NewReader(orchardUser(nil)))
			if err != nil {
				t.Fatal(err)
			}
			r, _ := users.Next()
			if names := plan.Joint(&r, FactorsInput); len(names) != 1 || names[0] != "auth0|5f01" {
				t.Fatalf("it asks for %q", names)
			}
			plan.Join(&r, factorRows(t, plan, test.rows...))
			o := Map(plan, r)
			if diff := cmp.Diff(test.factors, o.Factors); diff != "" || len(o.Left) != test.left || o.Reason() != test.rejected {
				t.Errorf("%d left, %q: %s", len(o.Left), o.Reason(), diff)
			}
		})
	}
}

func TestRowsOfSecondFactorsThatNobodyAskedForAreHeld(t *testing.T) {
	plan := compiled(t, orchard())
	rows := factorRows(t, plan,
		`{"user_id":"auth0|5f01","mfa_factors":[]}`,
		`{"user_id":"`+strings.Repeat("x", MaxKey)+`","mfa_factors":[]}`,
		`{"user_id":"a","mfa_factors":{}}`,
		`{"user_id":"a","mfa_factors":[{"totp":{"secret":"not base 32!"}}]}`,
	)
	var got []string
	for _, r := range rows {
		o := Map(plan, r)
		got = append(got, string(o.Reason()))
		if len(o.Key) > MaxKey || strings.Contains(o.Key, "auth0|5f01") && o.Key != "factors/auth0|5f01" {
			t.Errorf("key %q", o.Key)
		}
		if r.Fault == nil && plan.ReadRow(FactorsInput, []byte(`{"user_id":"auth0|5f01","mfa_factors":[]}`), 1).Fault != nil {
			t.Error("read again it is another one")
		}
	}
	want := []string{"factors-without-user", "factors-without-user", "malformed-row", "malformed-row"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
