package expect_test

import (
	"os"
	"strings"
	"testing"

	"sallyport/pure/expect"
)

// Who has a scope has what is below it, so that no statement about a child is
// satisfied by asking for its parent.
func TestAParentCountsAsTheChild(t *testing.T) {
	text, err := os.ReadFile("testdata/tree.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tree := strings.NewReplacer(
		"- {name: billing.write.payment, kind: customer-write}", "- {name: billing.write.payment, kind: customer-write, parent: billing.write.all}\n  - {name: billing.write.all, kind: customer-write}",
		"residential: [billing.read.bill, billing.write.payment,", "residential: [billing.read.bill, billing.write.all,",
		"assigned: {apps: [billing.read.bill, billing.write.payment]}", "assigned: {apps: [billing.read.bill, billing.write.all]}",
	).Replace(string(text))
	for statement, holds := range map[string]bool{
		"must: never, application: my-account, scopes: [billing.write.payment]":                                false,
		"must: only, application: my-account, scopes: [billing.read.bill, billing.write.all]":                  true,
		"must: only, application: my-account, scopes: [billing.read.bill, billing.write.payment]":              false,
		"must: exactly, application: my-account, scopes: [billing.read.bill, billing.write.all]":               true,
		"must: nobody-but, applications: [kiosk], scopes: [billing.write.payment]":                             false,
		"must: obtain, application: my-account, scopes: [billing.write.payment]":                               true,
		"must: nobody-but, applications: [my-account], scopes: [billing.write.payment, billing.write.all]":     true,
		"must: never, application: any future application, scopes: [billing.write.payment, billing.write.all]": true,
	} {
		s := acme(t, list(statement), map[string]string{"tree.yaml": tree})
		if v := judged(t, s, expect.Options{}); len(v) != 1 || v[0].Holds() != holds {
			t.Errorf("%s: %+v", statement, v)
		}
	}
}
