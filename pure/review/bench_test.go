package review_test

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/pure/config"
	"sallyport/pure/review"
)

// estate is 300 applications, 200 rules, 200 scopes, 8 groups and 400 operations.
func estate(tb testing.TB, edit ...string) *config.Snapshot {
	tb.Helper()
	var server, applications, document strings.Builder
	scope := func(i int) string { return fmt.Sprintf("app%d.read.thing", i%200) }
	server.WriteString("kind: authorization-server\nname: apps\naudience: https://api.acme.example\nscopes:\n")
	for i := range 200 {
		fmt.Fprintf(&server, "  - {name: %s, kind: customer-read}\n", scope(i))
	}
	server.WriteString("policies:\n")
	for i := range 20 {
		var members []string
		for j := range 15 {
			members = append(members, fmt.Sprintf("application-%d", i+20*j))
		}
		fmt.Fprintf(&server, "  - name: policy-%d\n    applications: [%s]\n    rules:\n", i, strings.Join(members, ", "))
		for j := range 10 {
			fmt.Fprintf(&server, "      - {name: rule-%d, groups: {any: [g%d]}, scopes: [%s, %s, %s]}\n", j, j%8, scope(i), scope(i+j+1), scope(i+100))
		}
	}
	for i := range 300 {
		fmt.Fprintf(&applications, "---\nkind: application\nname: application-%d\ntype: web\nredirects: [https://shops.example/%d]\nassigned: {apps: [%s, %s, %s, %s]}\n",
			i, i, scope(i), scope(i+1), scope(i+2), scope(i+100))
	}
	document.WriteString("openapi: 3.1.0\ninfo: {title: t, version: '1'}\ncomponents: {securitySchemes: {o: {type: http, scheme: bearer}}}\npaths:\n")
	for i := range 400 {
		fmt.Fprintf(&document, "  /things/%d:\n    get: {operationId: get%d, security: [{o: [%s]}], responses: {'200': {description: ok}}}\n", i, i, scope(i))
	}
	r := strings.NewReplacer(edit...)
	tree, _ := config.Parse(map[string][]byte{
		"t.yaml": []byte("kind: tenant\nname: acme\nenvironments: {test: {url: https://id.acme.example, gateway: https://api.acme.example}}\ngroups: [{name: g0}, {name: g1}, {name: g2}, {name: g3}, {name: g4}, {name: g5}, {name: g6}, {name: g7}]\n---\nkind: api\nname: things\nopenapi: things.openapi.yaml\nservers: [apps]\npath: /v1\nbackend: {url: https://things.example}\n"),
		"s.yaml": []byte(r.Replace(server.String())), "a.yaml": []byte(applications.String()), "things.openapi.yaml": []byte(document.String()),
	})
	s, problems := config.Compile(tree, "test", nil)
	if s == nil {
		tb.Fatal(problems)
	}
	return s
}

// A change of one rule in a big environment; the aim is 250 ms.
func BenchmarkCompareOneRule(b *testing.B) {
	before := estate(b)
	after := estate(b, "{name: rule-3, groups: {any: [g3]}, scopes: [app7.read.thing, app11.read.thing", "{name: rule-3, groups: {any: [g3, g4]}, scopes: [app7.read.thing, app11.read.thing, app8.read.thing")
	for b.Loop() {
		r, err := review.Compare(before, after, review.Options{})
		if err != nil || !r.Widens() {
			b.Fatal(err, r)
		}
	}
}

// The first revision of a big environment: everything is new.
func BenchmarkCompareWithNothing(b *testing.B) {
	after := estate(b)
	for b.Loop() {
		if _, err := review.Compare(nil, after, review.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
