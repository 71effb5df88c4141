package reach_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
	"sallyport/pure/reach"
)

// shared lets the kiosk be decided by the same policy, assigned what it cannot get.
var shared = strings.NewReplacer(
	"applications: [my-account]\n    rules", "applications: [my-account, kiosk]\n    rules",
	"assigned: {apps: [billing.read.bill]}", "assigned: {apps: [billing.write.refund]}",
)

func TestAGrantTellsWhatItOpensAndToWhomElse(t *testing.T) {
	m := reach.Of(snapshot(t, shared.Replace(tenant), document))
	g, err := m.IfGranted(reach.Grant{Server: "apps", Application: "my-account", Scope: "billing.write.refund"}, reach.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"own/pay"}, g.Rules); d != "" {
		t.Errorf("rules: %s", d)
	}
	got := map[access.ApplicationID][]string{}
	for _, gain := range g.Gains {
		var opens []string
		for _, r := range gain.Reaches {
			opens = append(opens, r.Operation.String())
		}
		got[gain.Application] = opens
	}
	// my-account reaches the payment already, by two other scopes.
	want := map[access.ApplicationID][]string{"my-account": nil, "kiosk": {"POST /billing/payments"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if g.Gains[0].Application != "my-account" || len(g.Gains[0].Scopes) != 1 {
		t.Errorf("gains begin with %+v", g.Gains[0])
	}
}

func TestAGrantThatCannotBeIsRefused(t *testing.T) {
	m := reach.Of(snapshot(t, tenant, document))
	for name, test := range map[string]struct {
		grant reach.Grant
		want  error
	}{
		"another server":      {reach.Grant{Server: "x", Application: "my-account", Scope: "billing.read.bill"}, reach.ErrNoServer},
		"another application": {reach.Grant{Server: "apps", Application: "x", Scope: "billing.read.bill"}, reach.ErrNoApplication},
		"another scope":       {reach.Grant{Server: "apps", Application: "my-account", Scope: "x.read.y"}, reach.ErrNoScope},
		"a scope of OIDC":     {reach.Grant{Server: "apps", Application: "my-account", Scope: "openid"}, reach.ErrNoScope},
		"another rule":        {reach.Grant{Server: "apps", Application: "my-account", Scope: "billing.read.bill", Policy: "own", Rule: "x"}, reach.ErrNoRule},
	} {
		if _, err := m.IfGranted(test.grant, reach.Options{}); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
