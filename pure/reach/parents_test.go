package reach_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
	"sallyport/pure/reach"
	"sallyport/pure/route"
)

// What the gateway lets in and what reach says are the same, whichever scope of a
// family a token holds, and an application that can obtain the parent reaches all.
func TestReachAndTheGatewayAgreeOnFamilies(t *testing.T) {
	family := strings.NewReplacer(
		"- {name: billing.read.bill, kind: customer-read}", "- {name: billing.read.all, kind: customer-read}\n  - {name: billing.read.bill, kind: customer-read, parent: billing.read.all}",
		"scopes: [billing.read.bill, billing.write.payment]}\n", "scopes: [billing.read.all, billing.write.payment]}\n",
		"assigned: {apps: [billing.read.bill, billing.write.payment]}", "assigned: {apps: [billing.read.all, billing.write.payment]}",
		"backend:", "data: [billing]\nbackend:",
	).Replace(tenant)
	s := snapshot(t, family, strings.Replace(document, "operationId: listBills,", "operationId: listBills, x-data-classes: [contact],", 1))
	m := reach.Of(s)
	for _, held := range [][]access.Scope{
		{"billing.read.all"}, {"billing.read.bill"}, {"billing.write.payment"}, {"billing.read.all", "billing.write.payment"}, {"billing.write.refund"},
	} {
		names := make([]route.Scope, len(held))
		for i, scope := range held {
			names[i] = route.Scope(scope)
		}
		var gateway []string
		for _, o := range s.Routes.Opens(names...) {
			if !o.Security.Public {
				gateway = append(gateway, o.Method+" "+o.Template)
			}
		}
		if d := cmp.Diff(gateway, named(m.Opens("apps", held...))); d != "" {
			t.Errorf("%v: %s", held, d)
		}
	}
	parent, _ := m.Scope("apps", "billing.read.all")
	if d := cmp.Diff([]string{"GET /billing/bills"}, named(parent.Opens)); d != "" || len(parent.Below) != 1 || parent.Data[0] != "contact" {
		t.Errorf("the parent opens %s, and is %+v", d, parent)
	}
	all, err := m.Applications(reach.Options{Server: "apps"})
	if err != nil {
		t.Fatal(err)
	}
	if mine := all[1]; mine.Application != "my-account" || len(mine.Reaches) != 2 || !cmp.Equal(mine.Data, []string{"billing", "contact"}) || !mine.Has("billing.read.bill") {
		t.Errorf("my-account reaches %+v", mine)
	}
}
