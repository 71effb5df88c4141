package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/config"
)

func rendered(changes []config.Change) string {
	var lines []string
	for _, c := range changes {
		lines = append(lines, c.String())
	}
	return strings.Join(lines, "\n")
}

func TestChangesReadAsTheyAreMeant(t *testing.T) {
	tree, files := harbourlight(t)
	for _, c := range []struct{ what, file, old, new, want string }{
		{
			"a scope joins a rule", "servers.yaml", "scopes: [settlement.read.batch, settlement.write.batch]", "scopes: [settlement.read.batch]",
			"~ policy enterprise/payment-partners: rules[settle].scopes - settlement.write.batch",
		},
		{
			"a bound is lowered", "servers.yaml", "{access: 5m}", "{access: 10m}",
			"~ policy apps/customers: rules[payments-need-two-factors].lifetimes.access 5m → 10m",
		},
		{
			"a condition is dropped", "servers.yaml", "        groups: {any: [residents, landlords], none: [staff]}\n", "",
			"~ policy apps/customers: rules[everyday].groups - {any: [landlords, residents], none: [staff]}",
		},
		{
			"a rule goes first", "servers.yaml", "    rules:\n      - name: settle", "    rules:\n      - {name: none, effect: deny, scopes: [\"*\"]}\n      - name: settle",
			"~ policy enterprise/payment-partners\n    rules[none] + {effect: deny, name: none, scopes: [*]}\n    rules order settle → none, settle",
		},
		{
			"policies change places", "servers.yaml", "  - name: solar-partners", "  - {name: first, applications: [sunshare], rules: []}\n  - name: solar-partners",
			"~ authorization-server enterprise\n    policies + first\n    policies order payment-partners, solar-partners → payment-partners, first, solar-partners\n+ policy enterprise/first",
		},
		{
			"an application leaves", "applications.yaml", "kind: application\nname: sunshare", "kind: application\nname: sunshade",
			"+ application sunshade\n- application sunshare",
		},
		{
			"an environment is unprotected", "sallyport.yaml", "    protected: true\n", "",
			"~ environment production: protected - true",
		},
		{
			"a document is edited", "apis/billing.openapi.yaml", "Pay bills", "Pay",
			"",
		},
	} {
		changed := parse(t, edit(t, files, c.file, c.old, c.new))
		got := rendered(config.Diff(tree, changed))
		if c.want == "" {
			if !strings.HasPrefix(got, "~ api billing: openapi .yaml sha256:") {
				t.Errorf("%s: %s", c.what, got)
			}
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.what, diff)
		}
	}
}

func TestAgainstNoTreeEverythingIsNew(t *testing.T) {
	tree, _ := harbourlight(t)
	added, removed := config.Diff(nil, tree), config.Diff(tree, nil)
	if len(added) != len(removed) || len(added) < len(tree.Objects()) {
		t.Fatalf("%d came and %d went of %d", len(added), len(removed), len(tree.Objects()))
	}
	for i := range added {
		if added[i].Action != config.Added || removed[i].Action != config.Removed || added[i].Object != removed[i].Object {
			t.Errorf("%s, %s", added[i], removed[i])
		}
	}
}
