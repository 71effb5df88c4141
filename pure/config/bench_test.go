package config_test

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/pure/config"
)

// large is a tree of 300 applications, 200 rules and 200 scopes on one server.
func large() map[string][]byte {
	var server, applications strings.Builder
	server.WriteString("kind: authorization-server\nname: apps\naudience: https://api.acme.example\nscopes:\n")
	scope := func(i int) string { return fmt.Sprintf("app%d.read.thing", i) }
	for i := range 200 {
		fmt.Fprintf(&server, "  - {name: %s, title: Read things of app %d, kind: customer-read}\n", scope(i), i)
	}
	server.WriteString("policies:\n")
	for i := range 40 {
		fmt.Fprintf(&server, "  - name: policy-%d\n    applications: [application-%d, application-%d]\n    rules:\n", i, i, i+40)
		for j := range 5 {
			fmt.Fprintf(&server, "      - name: rule-%d\n        grants: [authorization_code]\n        groups: {any: [people]}\n        scopes: [%s, %s, %s]\n        lifetimes: {access: 5m}\n",
				j, scope(i), scope(i+j+1), scope(i+100))
		}
	}
	for i := range 300 {
		fmt.Fprintf(&applications, "---\nkind: application\nname: application-%d\ntitle: Application %d\ntype: web\nredirects:\n  - ${shops}/%d/callback\nassigned:\n  apps: [%s, %s, %s, %s]\nowner: team-%d\n",
			i, i, i, scope(i%200), scope((i+1)%200), scope((i+2)%200), scope((i+3)%200), i%20)
	}
	return map[string][]byte{
		"t.yaml": []byte("kind: tenant\nname: acme\nenvironments: {test: {url: https://login.acme.example, gateway: https://api.acme.example, variables: {shops: https://shops.example}}}\ngroups: [{name: people}]\n"),
		"s.yaml": []byte(server.String()), "a.yaml": []byte(applications.String()),
	}
}

func TestALargeTreeCompiles(t *testing.T) {
	files := large()
	tree, _ := config.Parse(files)
	if s := compile(t, tree, "test"); len(s.Applications) != 300 {
		t.Errorf("%d applications", len(s.Applications))
	}
}

// Parse and Compile of 300 applications and 200 rules; the aim is 300 ms.
func BenchmarkParseAndCompile(b *testing.B) {
	files := large()
	for b.Loop() {
		tree, _ := config.Parse(files)
		compile(b, tree, "test")
	}
}

func BenchmarkCompile(b *testing.B) {
	tree, _ := config.Parse(large())
	for b.Loop() {
		compile(b, tree, "test")
	}
}
