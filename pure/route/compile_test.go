package route_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

func TestCompileRefusesWhatWouldCostTooMuch(t *testing.T) {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 10; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 8), i-1)
	}
	for _, test := range []struct {
		name, doc string
		want      route.Code
	}{
		{"a document beyond the limit", strings.Repeat(" ", route.MaxDocument+1), route.DocumentTooLarge},
		{"an alias bomb", bomb, route.DocumentUnreadable},
		{"an alias inside its own anchor", "openapi: &a [*a]", route.DocumentUnreadable},
		{"brackets without end, in YAML", "a: " + strings.Repeat("[", 1<<20), route.DocumentUnreadable},
		{"brackets without end, in JSON", `{"a":` + strings.Repeat("[", 1<<20), route.DocumentUnreadable},
		{"braces without end", strings.Repeat(`{"a":`, 1<<18), route.DocumentUnreadable},
		{"a million values", `{"a":[` + strings.Repeat("1,", 1_000_000) + "1]}", route.DocumentUnreadable},
		{"a number that fills the memory", `{"openapi": 1e999999999}`, route.DocumentUnreadable},
		{"bytes that are not text", "openapi: \xff", route.DocumentUnreadable},
		{"two documents, of which only one would be read", "openapi: 3.1.0\n---\nopenapi: 3.1.0\n", route.DocumentUnreadable},
		{"nothing", "", route.DocumentUnreadable},
		{"plain text", "hello", route.VersionUnsupported},
	} {
		t.Run(test.name, func(t *testing.T) {
			start := time.Now()
			table, problems := route.Compile("hostile", []byte(test.doc), route.Options{})
			if table != nil || len(problems) == 0 || problems[0].Code != test.want {
				t.Errorf("table %v, problems %.200v; want %s", table != nil, problems, test.want)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// TestSchemasOfResponsesAreNoBombEither: they are not compiled here, and yet the
// OpenAPI library walks them.
func TestSchemasOfResponsesAreNoBombEither(t *testing.T) {
	var schemas strings.Builder
	for i := 1; i < 64; i++ {
		fmt.Fprintf(&schemas, "    L%d: {allOf: [{$ref: '#/components/schemas/L%d'}, {$ref: '#/components/schemas/L%d'}]}\n", i, i-1, i-1)
	}
	doc := string(largeDocument(10))
	doc = strings.Replace(doc, "components: {", "components:\n  schemas:\n    L0: {type: string}\n"+schemas.String()+"  ", 1)
	doc = strings.Replace(doc, "scheme: bearer}}}", "scheme: bearer}}", 1)
	doc = strings.Replace(doc, "{description: ok}", "{description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/L63'}}}}", 1)
	start := time.Now()
	if table, problems := route.Compile("responses", []byte(doc), route.Options{}); table == nil {
		t.Error(problems)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestJSONAndYAMLAreReadAlike(t *testing.T) {
	const yaml = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: a\n      security: [{s: [a.read.b]}]\n      responses: {200: {description: ok}}\ncomponents: {securitySchemes: {s: {type: http, scheme: bearer}}}\n"
	const json = "{\"openapi\": \"3.1.0\",\n\"info\": {\"title\": \"t\", \"version\": \"1\"},\n\"paths\": {\n\"/a\": {\n\"get\":\n{\"operationId\": \"a\", \"security\": [{\"s\": [\"a.read.b\"]}], \"responses\": {\"200\": {\"description\": \"ok\"}}}}},\n\"components\": {\"securitySchemes\": {\"s\": {\"type\": \"http\", \"scheme\": \"bearer\"}}}}"
	for _, doc := range []string{yaml, json} {
		table, problems := route.Compile("a", []byte(doc), route.Options{})
		if table == nil {
			t.Fatal(problems)
		}
		operation := table.Operations()[0]
		if operation.Where != (route.Where{Pointer: "/paths/~1a/get", Line: 6}) || operation.Security.Alternatives[0][0] != "a.read.b" {
			t.Errorf("operation at %s needs %v", operation.Where, operation.Security)
		}
	}
}

// FuzzCompile holds every document to what the gateway relies on: no panic, a
// table exactly if no problem is an error, and no operation open by accident.
func FuzzCompile(f *testing.F) {
	files, _ := filepath.Glob("testdata/golden/*.txt")
	for _, file := range append(files, "testdata/billing.yaml", "testdata/billing-3.0.yaml") {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		document, _, _ := strings.Cut(string(content), divider)
		f.Add([]byte(document))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		table, problems := route.Compile("fuzz", doc, route.Options{})
		if (table == nil) != route.Refused(problems) {
			t.Fatalf("table %v with problems %v", table != nil, problems)
		}
		if table == nil {
			return
		}
		for _, o := range table.Operations() {
			if o.ID == "" || o.Security.Satisfied(func(route.Scope) bool { return false }) {
				t.Fatalf("%s %s is open", o.Method, o.Template)
			}
		}
		route.Lint(table)
	})
}
