package route_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/route"
)

func TestMatch(t *testing.T) {
	table := compileFile(t, "billing.yaml", billingOptions)
	for _, test := range []struct {
		name, method, path string
		verdict            route.Verdict
		want               route.OperationID
		allowed            string
	}{
		{"a fixed path", "GET", "/billing/v1/bills", route.Found, "listBills", "GET"},
		{"a fixed segment goes before a parameter", "GET", "/billing/v1/bills/latest", route.Found, "latestBill", "GET"},
		{"a parameter", "GET", "/billing/v1/bills/17", route.Found, "getBill", "DELETE GET"},
		{"a parameter inside", "POST", "/billing/v1/bills/17/payments", route.Found, "payBill", "POST"},
		{"the walk returns from a fixed segment that leads nowhere", "POST", "/billing/v1/bills/latest/payments", route.Found, "payBill", "POST"},
		{"the path decides before the method", "DELETE", "/billing/v1/bills/latest", route.MethodNotAllowed, "", "GET"},
		{"another method", "PUT", "/billing/v1/bills/17", route.MethodNotAllowed, "", "DELETE GET"},
		{"HEAD is not implied by GET", "HEAD", "/billing/v1/bills", route.MethodNotAllowed, "", "GET"},
		{"a method in small letters is another method", "get", "/billing/v1/bills", route.MethodNotAllowed, "", "GET"},
		{"a method with a suffix is another method", "GET ", "/billing/v1/bills", route.MethodNotAllowed, "", "GET"},
		{"another case is another path", "GET", "/billing/v1/Bills", route.NotFound, "", ""},
		{"a trailing slash is another path", "GET", "/billing/v1/bills/", route.NotFound, "", ""},
		{"a parameter is never empty", "POST", "/billing/v1/bills//payments", route.NotFound, "", ""},
		{"without the base path", "GET", "/bills", route.NotFound, "", ""},
		{"the base path alone", "GET", "/billing/v1", route.NotFound, "", ""},
		{"beyond a template", "GET", "/billing/v1/bills/17/payments/1", route.NotFound, "", ""},
		{"nothing", "GET", "", route.NotFound, "", ""},
		{"a path that was not made canonical", "GET", "billing/v1/bills", route.NotFound, "", ""},
		{"more segments than any path has", "GET", strings.Repeat("/a", 500), route.NotFound, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, verdict := table.Match(test.method, test.path)
			if verdict != test.verdict || strings.Join(m.Allowed, " ") != test.allowed {
				t.Errorf("%s, allowed %v; want %s, %s", verdict, m.Allowed, test.verdict, test.allowed)
			}
			if (m.Operation != nil) != (verdict == route.Found) {
				t.Fatalf("operation %v with verdict %s", m.Operation, verdict)
			}
			if m.Operation != nil && m.Operation.ID != test.want {
				t.Errorf("operation %s, want %s", m.Operation.ID, test.want)
			}
		})
	}
}

func TestParametersAreDecoded(t *testing.T) {
	table := compileFile(t, "billing.yaml", billingOptions)
	m, _ := table.Match("POST", "/billing/v1/bills/a%20b%C3%A9/payments")
	if value, ok := m.Parameter("bill"); value != "a bé" || !ok {
		t.Errorf("bill is %q, %v", value, ok)
	}
	if _, ok := m.Parameter("payment"); ok {
		t.Error("a parameter that is not there was found")
	}
	if _, ok := (route.Match{}).Parameter("bill"); ok {
		t.Error("an empty match has a parameter")
	}
}

func TestSecurityIsReadAsAlternativesOfSets(t *testing.T) {
	table := compileFile(t, "billing.yaml", billingOptions)
	key := []route.KeyScheme{{Name: "subscription", In: "header", Key: "Sallyport-Key"}}
	want := map[route.OperationID]route.Security{
		"listBills": {Alternatives: [][]route.Scope{{"billing.read.bill"}}, Keys: key},
		"cancelBill": {Alternatives: [][]route.Scope{
			{"billing.write.bill", "billing.write.refund"}, {"billing.write.anything"},
		}},
		"payBill":     {Alternatives: [][]route.Scope{{"billing.write.payment"}}},
		"listTariffs": {Public: true},
	}
	for id, security := range want {
		operation, ok := table.Operation("billing", id)
		if !ok {
			t.Fatalf("no operation %s", id)
		}
		if diff := cmp.Diff(security, operation.Security); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
}

func TestSatisfiedFailsClosed(t *testing.T) {
	all := func(route.Scope) bool { return true }
	one := func(scope route.Scope) bool { return scope == "a" }
	for _, test := range []struct {
		name     string
		security route.Security
		holds    func(route.Scope) bool
		want     bool
	}{
		{"nothing is asked by mistake", route.Security{}, all, false},
		{"an empty set", route.Security{Alternatives: [][]route.Scope{{}}}, all, false},
		{"half of a set", route.Security{Alternatives: [][]route.Scope{{"a", "b"}}}, one, false},
		{"the second alternative", route.Security{Alternatives: [][]route.Scope{{"b"}, {"a"}}}, one, true},
		{"a public operation", route.Security{Public: true}, one, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.security.Satisfied(test.holds); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestReachAndOpens(t *testing.T) {
	table := compileFile(t, "billing.yaml", billingOptions)
	names := func(operations []*route.Operation) string {
		var ids []string
		for _, o := range operations {
			ids = append(ids, string(o.ID))
		}
		return strings.Join(ids, " ")
	}
	if got := names(table.Reach("billing.write.refund")); got != "cancelBill" {
		t.Errorf("reach is %s", got)
	}
	if got := names(table.Opens("billing.write.refund")); got != "listTariffs" {
		t.Errorf("a scope of a larger set opens %s", got)
	}
	if got := names(table.Opens("billing.read.bill")); got != "listBills latestBill getBill listTariffs" {
		t.Errorf("opens %s", got)
	}
	if got := table.Scopes(); len(got) != 5 || !slices.IsSorted(got) {
		t.Errorf("scopes are %v", got)
	}
	if declaration, ok := table.Declared("billing.write.payment"); !ok || declaration.Description != "Pay bills" || declaration.Where.Line == 0 {
		t.Errorf("declaration is %+v", declaration)
	}
}

func TestJoinRefusesTwoAPIsOnOnePath(t *testing.T) {
	first := compileFile(t, "billing.yaml", billingOptions)
	second, _ := route.Compile("metering", readFile(t, "billing.yaml"), route.Options{BasePath: "/metering", Public: billingOptions.Public})
	joined, problems := route.Join(first, second)
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	if m, _ := joined.Match("GET", "/metering/tariffs"); m.Operation == nil || m.Operation.API != "metering" {
		t.Errorf("matched %+v", m.Operation)
	}
	rival, _ := route.Compile("rival", readFile(t, "billing.yaml"), billingOptions)
	if joined, problems := route.Join(first, rival); joined != nil || !route.Refused(problems) {
		t.Errorf("two owners of one path were joined: %v", problems)
	}
}

// FuzzMatch checks a match against the plain definition: the template, with its
// parameters replaced, is the path.
func FuzzMatch(f *testing.F) {
	table := compileFile(f, "billing.yaml", billingOptions)
	for _, seed := range []string{"/billing/v1/bills", "/billing/v1/bills/x/payments", "/billing/v1/bills/%20"} {
		f.Add("GET", seed)
	}
	f.Fuzz(func(t *testing.T, method, raw string) {
		path, err := route.Canonicalise(raw)
		if err != nil {
			return
		}
		m, verdict := table.Match(method, path)
		if verdict != route.Found {
			return
		}
		template := strings.Split(m.Operation.Template, "/")
		for i, segment := range strings.Split(path, "/") {
			parameter := strings.HasPrefix(template[i], "{")
			if parameter && segment == "" || !parameter && segment != template[i] {
				t.Fatalf("%q matched %s", path, m.Operation.Template)
			}
		}
		if m.Operation.Method != method {
			t.Fatalf("%s matched %s", method, m.Operation.Method)
		}
	})
}

// largeDocument has n paths of three segments, each fixed and with a parameter.
func largeDocument(n int) []byte {
	var b strings.Builder
	b.WriteString("openapi: 3.1.0\ninfo: {title: large, version: '1'}\nsecurity: [{s: [large.read.thing]}]\n" +
		"components: {securitySchemes: {s: {type: http, scheme: bearer}}}\npaths:\n")
	for i := range n / 2 {
		fmt.Fprintf(&b, "  /area%d/thing%d/list: {get: {operationId: list%d, responses: {'200': {description: ok}}}}\n", i%20, i, i)
		fmt.Fprintf(&b, "  /area%d/thing%d/{id}: {get: {operationId: get%d, parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {'200': {description: ok}}}}\n", i%20, i, i)
	}
	return []byte(b.String())
}

func TestMatchAllocatesOnlyForParameters(t *testing.T) {
	table, problems := route.Compile("large", largeDocument(100), route.Options{})
	if table == nil {
		t.Fatal(problems)
	}
	for path, want := range map[string]float64{"/area1/thing1/list": 0, "/area1/thing1/x": 1, "/nowhere": 0} {
		if got := testing.AllocsPerRun(100, func() { table.Match("GET", path) }); got > want {
			t.Errorf("%s: %v allocations, want %v", path, got, want)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	table, problems := route.Compile("large", largeDocument(1000), route.Options{})
	if table == nil {
		b.Fatal(problems)
	}
	for name, path := range map[string]string{"static": "/area7/thing7/list", "parameter": "/area7/thing7/x", "none": "/area7/nothing/x"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				table.Match("GET", path)
			}
		})
	}
}

// Satisfied is asked of every call; parents must cost nothing where there are none.
func BenchmarkSatisfied(b *testing.B) {
	held := map[route.Scope]bool{"area7.read.thing": true, "area.read.thing": true}
	for name, security := range map[string]route.Security{
		"itself":   {Alternatives: [][]route.Scope{{"area7.read.thing"}}},
		"lacking":  {Alternatives: [][]route.Scope{{"area8.read.thing"}}},
		"ancestor": {Alternatives: [][]route.Scope{{"area8.read.thing"}}, Above: map[route.Scope][]route.Scope{"area8.read.thing": {"area.read.thing"}}},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				security.Satisfied(func(s route.Scope) bool { return held[s] })
			}
		})
	}
}

func BenchmarkCanonicalise(b *testing.B) {
	for name, path := range map[string]string{"canonical": "/area7/thing7/list", "encoded": "/area7/thing%37/a%c3%a9"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				route.Canonicalise(path)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	doc := largeDocument(1000)
	for b.Loop() {
		route.Compile("large", doc, route.Options{})
	}
}
