package environment_test

import (
	"errors"
	"testing"

	"sallyport/pure/config"
	"sallyport/service/environment"
)

// billed is an environment with pages, and with one API at /billing.
func (w *world) billed(tenant, pages, gateway string) *config.Tree {
	w.Helper()
	tree, problems := config.Parse(map[string][]byte{
		"tree.yaml": []byte("kind: tenant\nname: " + tenant + "\nenvironments: {production: {url: \"" + pages + "\", gateway: \"" + gateway + "\"}}\n---\n" +
			"kind: authorization-server\nname: apps\naudience: https://api.example/" + tenant + "\n---\n" +
			"kind: api\nname: billing\nopenapi: billing.yaml\npath: /billing\nservers: [apps]\npublic: [listBills]\nbackend: {url: \"https://backend.example\"}\n"),
		"billing.yaml": []byte("openapi: 3.1.0\ninfo: {title: Billing, version: '1'}\npaths:\n  /bills:\n    get: {operationId: listBills, responses: {'200': {description: Bills}}}\n"),
	})
	if config.Refused(problems) {
		w.Fatal(problems)
	}
	return tree
}

// The longest path gets a request. So whoever took /signin below another's
// address would be sent their customers, and whoever took /billing below another's
// gateway the keys and tokens of their calls.
func TestNobodyTakesAPlaceWithinWhatAnotherAnswers(t *testing.T) {
	for _, test := range []struct {
		name, url, gateway string
		refused            bool
	}{
		{"their sign-in page", "https://id.acme.example/signin", "https://gate.orchard.example", true},
		{"below their sign-in page", "https://id.acme.example/signin/x", "https://gate.orchard.example", true},
		{"their style sheets", "https://id.acme.example/assets", "https://gate.orchard.example", true},
		{"an API of their gateway", "https://id.orchard.example", "https://api.acme.example/billing", true},
		{"a part of an API of theirs", "https://id.orchard.example", "https://api.acme.example/billing/bills", true},
		{"a page of the console", "http://localhost:8080/console/operators", "https://gate.orchard.example", true},
		{"the sign-in page of the console", "http://localhost:8080/console/signin", "https://gate.orchard.example", true},
		{"a path of its own on their hosts", "https://id.acme.example/orchard", "https://api.acme.example/orchard", false},
		{"a path that begins like one of theirs", "https://id.acme.example/signing", "https://api.acme.example/billings", false},
	} {
		for _, order := range []string{"after", "before"} {
			t.Run(test.name+", applied "+order+" theirs", func(t *testing.T) {
				w := newWorld(t)
				r := w.started()
				apply := func(tenant string, tree *config.Tree) error {
					live, err := r.Create(w.ctx, tenant, "production", false, "robin")
					w.must(err)
					_, _, err = r.Apply(w.ctx, live.ID, environment.Change{Tree: tree, Author: "robin"})
					return err
				}
				acme := w.billed("acme", "https://id.acme.example", "https://api.acme.example")
				orchard := w.billed("orchard", test.url, test.gateway)
				var err error
				if order == "after" {
					w.must(apply("acme", acme))
					err = apply("orchard", orchard)
				} else if err = apply("orchard", orchard); err == nil {
					err = apply("acme", acme)
				}
				var invalid *environment.InvalidError
				if refused := errors.As(err, &invalid); refused != test.refused || err != nil && !refused {
					t.Fatal(err)
				}
				if test.refused && invalid.Problems[0].Code != config.EnvironmentURLTaken {
					t.Error(invalid)
				}
			})
		}
	}
}
