package route_test

import (
	"os"
	"testing"

	"sallyport/pure/route"
)

var billingOptions = route.Options{
	BasePath: "/billing/v1",
	Public:   map[route.OperationID]bool{"listTariffs": true},
}

// compileFile compiles a document of testdata that must have no problem.
func compileFile(t testing.TB, file string, options route.Options) *route.Table {
	t.Helper()
	table, problems := route.Compile("billing", readFile(t, file), options)
	for _, p := range problems {
		t.Errorf("unexpected problem: %s", p)
	}
	if table == nil {
		t.FailNow()
	}
	return table
}

func readFile(t testing.TB, file string) []byte {
	t.Helper()
	doc, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestBothDialectsOfOneAPICompileToTheSameOperations(t *testing.T) {
	newer := compileFile(t, "billing.yaml", billingOptions)
	older := compileFile(t, "billing-3.0.yaml", billingOptions)
	if len(newer.Operations()) != 6 || len(older.Operations()) != 6 {
		t.Fatalf("%d and %d operations, want 6", len(newer.Operations()), len(older.Operations()))
	}
	for i, operation := range newer.Operations() {
		if other := older.Operations()[i]; other.ID != operation.ID || other.Template != operation.Template {
			t.Errorf("%s %s became %s %s", operation.ID, operation.Template, other.ID, other.Template)
		}
	}
}
