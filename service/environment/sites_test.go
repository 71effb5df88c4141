package environment_test

import (
	"fmt"
	"testing"

	"sallyport/service/environment"
)

const branded = `kind: tenant
name: acme
environments: {production: {url: "https://id.acme.example/x", gateway: "https://api.acme.example"}}
---
{kind: brand, name: acme, default: true}
---
{kind: brand, name: orchard, hosts: [%s]}
---
{kind: authorization-server, name: apps, audience: "https://api.acme.example"}
`

func (w *world) branded(host string) string {
	w.Helper()
	return fmt.Sprintf(branded, host)
}

func TestAHostOfABrandLeadsToItsEnvironmentAsPagesThereSeeIt(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live, err := r.Create(w.ctx, "acme", "production", false, "robin")
	w.must(err)
	w.apply(r, live, w.tree(w.branded("my.orchard.example")), 0)
	there, rest, found := r.Route(environment.Pages, "My.Orchard.Example:443", "/x/signin")
	if !found || rest != "/signin" || there.ID != live.ID || there.Snapshot().URL.String() != "https://my.orchard.example/x" {
		t.Fatalf("found %v, rest %q, %+v", found, rest, there)
	}
	if got := there.Snapshot().BrandOf(nil).Name; got != "orchard" {
		t.Errorf("pages there wear %s", got)
	}
	if _, _, found := r.Route(environment.Pages, "my.orchard.example", "/signin"); found {
		t.Error("the environment answers outside its path")
	}
	if _, _, found := r.Route(environment.Gateway, "my.orchard.example", "/x"); found {
		t.Error("the gateway answers at a brand's host")
	}
	if own, _, _ := r.Route(environment.Pages, "id.acme.example", "/x"); own != live || own.Snapshot().BrandOf(nil).Name != "acme" {
		t.Error("pages at the environment's own address changed")
	}

	if got := fmt.Sprint(r.Hostnames()); got != "[api.acme.example id.acme.example my.orchard.example]" {
		t.Errorf("answers at %s", got)
	}
	w.apply(r, live, w.tree(w.branded("new.orchard.example")), 1)
	if _, _, found := r.Route(environment.Pages, "my.orchard.example", "/x"); found {
		t.Error("a host that was taken away still answers")
	}
	if again, _, _ := r.Route(environment.Pages, "new.orchard.example", "/x"); again == nil || again.Snapshot().Revision != 2 {
		t.Error("a new host does not see the new revision")
	}
}

func TestAHostOfABrandIsNoOtherTenants(t *testing.T) {
	for name, theirs := range map[string]string{
		"their own address":     `url: "https://id.acme.example/x", gateway: "https://gate.orchard.example"`,
		"their brand's host":    `url: "https://my.orchard.example/x", gateway: "https://gate.orchard.example"`,
		"an issuer there":       `url: "https://my.orchard.example/x/apps", gateway: "https://gate.orchard.example"`,
		"sign-in there":         `url: "https://my.orchard.example/x/signin", gateway: "https://gate.orchard.example"`,
		"a gateway at the host": `url: "https://id.orchard.example", gateway: "https://my.orchard.example/x"`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.started()
			live, err := r.Create(w.ctx, "acme", "production", false, "robin")
			w.must(err)
			w.apply(r, live, w.tree(w.branded("my.orchard.example")), 0)
			other, err := r.Create(w.ctx, "orchard", "production", false, "robin")
			w.must(err)
			tree := w.tree("kind: tenant\nname: orchard\nenvironments: {production: {" + theirs + "}}\n")
			if _, _, err := r.Apply(w.ctx, other.ID, environment.Change{Tree: tree, Author: "robin"}); err == nil {
				t.Error("taken")
			}
		})
	}
}
