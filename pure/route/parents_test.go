package route_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/route"
)

const family = `
openapi: 3.1.0
info: {title: Billing, version: "1"}
paths:
  /bills:
    get: {operationId: listBills, x-data-classes: [contact, billing, contact], security: [{oauth: [bill.read.all]}], responses: {"200": {description: ok}}}
  /payments:
    post: {operationId: pay, security: [{oauth: [bill.read.all, pay.write.one]}], responses: {"200": {description: ok}}}
  /health:
    get: {operationId: health, x-data-classes: [], security: [{oauth: [ops.read.health]}], responses: {"200": {description: ok}}}
components: {securitySchemes: {oauth: {type: http, scheme: bearer}}}
`

func familyTable(t *testing.T) *route.Table {
	t.Helper()
	table, problems := route.Compile("billing", []byte(family), route.Options{
		Parents: map[route.Scope]route.Scope{"bill.read.all": "bill.read.family", "bill.read.family": "top.read.all", "pay.write.one": "pay.write.all"},
		Data:    []string{"money"},
	})
	if table == nil {
		t.Fatal(problems)
	}
	return table
}

func TestAnAncestorStandsForTheScopeThatAnOperationNeeds(t *testing.T) {
	table := familyTable(t)
	for _, test := range []struct {
		name   string
		scopes []route.Scope
		opens  []string
	}{
		{"the scope itself", []route.Scope{"bill.read.all"}, []string{"listBills"}},
		{"its parent", []route.Scope{"bill.read.family"}, []string{"listBills"}},
		{"its parent's parent", []route.Scope{"top.read.all"}, []string{"listBills"}},
		{"one of each of two", []route.Scope{"top.read.all", "pay.write.all"}, []string{"listBills", "pay"}},
		{"the parent of one of two", []route.Scope{"pay.write.all"}, nil},
		{"a child stands for no parent, a stranger for nobody", []route.Scope{"bill.read", "other.read.all"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var opens []string
			for _, o := range table.Opens(test.scopes...) {
				opens = append(opens, string(o.ID))
			}
			if d := cmp.Diff(test.opens, opens); d != "" {
				t.Error(d)
			}
		})
	}
	if got := len(table.Reach("top.read.all")); got != 2 {
		t.Errorf("the eldest reaches %d operations", got)
	}
	if d := cmp.Diff([]route.Scope{"bill.read.all", "ops.read.health", "pay.write.one"}, table.Scopes()); d != "" {
		t.Errorf("scopes that are used: %s", d)
	}
	if joined, problems := route.Join(table); joined == nil || len(joined.Opens("top.read.all")) != 1 {
		t.Errorf("a joined table forgets ancestors: %v", problems)
	}
}

func TestParentsThatGoRoundInCirclesEnd(t *testing.T) {
	table, problems := route.Compile("billing", []byte(family), route.Options{
		Parents: map[route.Scope]route.Scope{"bill.read.all": "a", "a": "b", "b": "a", "pay.write.one": "pay.write.one"},
	})
	if table == nil || len(table.Opens("b")) != 1 {
		t.Error(problems)
	}
}

func TestAnOperationSaysWhatDataItHandlesElseItsAPIDoes(t *testing.T) {
	table := familyTable(t)
	got := map[route.OperationID][]string{}
	for _, o := range table.Operations() {
		got[o.ID] = o.Data
	}
	want := map[route.OperationID][]string{"listBills": {"billing", "contact"}, "pay": {"money"}, "health": nil}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, bad := range []string{"secret", `[1]`, `["Personal Data"]`, `["-a"]`, `[{a: b}]`} {
		document := strings.Replace(family, "x-data-classes: []", "x-data-classes: "+bad, 1)
		if table, _ := route.Compile("billing", []byte(document), route.Options{}); table != nil {
			t.Errorf("%s passes", bad)
		}
	}
}
