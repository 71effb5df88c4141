package config_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/pure/config"
)

const twoBrands = `kind: tenant
name: acme
environments:
  test: {url: "https://test.acme.example/t", variables: {orchard: ""}}
  production: {url: "https://id.acme.example:8443/p", variables: {orchard: my.orchard.example}}
---
{kind: brand, name: acme, default: true}
---
{kind: brand, name: orchard, title: Orchard Valley, hosts: ["${orchard}", old.orchard.example]}
---
{kind: application, name: shop, type: native, redirects: ["http://127.0.0.1/"]}
---
{kind: application, name: fruit, type: native, redirects: ["http://127.0.0.1/"], brand: orchard}
---
{kind: authorization-server, name: apps, audience: "https://api.acme.example"}
`

func compiled(t *testing.T, text, environment string) *config.Snapshot {
	t.Helper()
	tree, _ := config.Parse(map[string][]byte{"a.yaml": []byte(text)})
	s, problems := config.Compile(tree, environment, builtin)
	if s == nil {
		t.Fatal(problems)
	}
	return s
}

func TestABrandHasHostsOfItsOwnInEachEnvironment(t *testing.T) {
	s := compiled(t, twoBrands, "production")
	pages := fmt.Sprint(s.Pages())
	if want := "[https://id.acme.example:8443/p https://my.orchard.example:8443/p https://old.orchard.example:8443/p]"; pages != want {
		t.Errorf("pages at %s, want %s", pages, want)
	}
	if one := compiled(t, twoBrands, "test"); fmt.Sprint(one.Pages()) != "[https://test.acme.example/t https://old.orchard.example/t]" {
		t.Errorf("an empty variable does not leave the environment without: %s", one.Pages())
	}
}

func TestPagesAtAHostWearItsBrandWhoeverSendsPeopleThere(t *testing.T) {
	s := compiled(t, twoBrands, "production")
	there := s.At(s.Sites[0])
	for _, of := range []*config.Application{nil, s.Applications["shop"], s.Applications["fruit"]} {
		if got := there.BrandOf(of).Name; got != "orchard" {
			t.Errorf("%v wears %s", of, got)
		}
	}
	if there.URL.Host != "my.orchard.example:8443" || there.Own().Host != "id.acme.example:8443" || s.URL.Host != "id.acme.example:8443" {
		t.Errorf("seen at %s, own %s, elsewhere %s", there.URL, there.Own(), s.URL)
	}
	if there.Servers["apps"].Issuer != "https://id.acme.example:8443/p/apps" {
		t.Errorf("the issuer moved to %s", there.Servers["apps"].Issuer)
	}
}

func TestCustomersSignInAtTheFirstHostOfTheirApplicationsBrand(t *testing.T) {
	s := compiled(t, twoBrands, "production")
	shop, fruit := s.Applications["shop"], s.Applications["fruit"]
	first, second := s.At(s.Sites[0]), s.At(s.Sites[1])
	for _, at := range []*config.Snapshot{s, first, second} {
		if got := at.HomeOf(fruit).Host; got != "my.orchard.example:8443" {
			t.Errorf("fruit signs in at %s", got)
		}
		if got := at.HomeOf(shop).Host; got != "id.acme.example:8443" {
			t.Errorf("shop signs in at %s", got)
		}
		if at.Houses(shop) != (at == s) || at.Houses(fruit) != (at != s) {
			t.Errorf("at %s: shop %v, fruit %v", at.URL, at.Houses(shop), at.Houses(fruit))
		}
	}
}

func TestHostsOfBrandsAreNobodyElsesAddress(t *testing.T) {
	for name, change := range map[string][2]string{
		"another environment's pages":   {"https://test.acme.example/t", "https://my.orchard.example:8443/p"},
		"another environment's host":    {`variables: {orchard: ""}`, "gateway: https://my.orchard.example:8443/p, variables: {orchard: \"\"}"},
		"the same host in both, and no": {"https://test.acme.example/t", "https://test.acme.example:8443/p"},
	} {
		t.Run(name, func(t *testing.T) {
			tree, _ := config.Parse(map[string][]byte{"a.yaml": []byte(strings.Replace(twoBrands, change[0], change[1], 1))})
			_, problems := config.Compile(tree, "production", builtin)
			if len(problems) == 0 || problems[0].Code != config.EnvironmentURLTaken {
				t.Errorf("told %v", problems)
			}
		})
	}
}

func TestAHostWithoutTLSIsBelowLocalhost(t *testing.T) {
	tree := func(host string) string {
		return "kind: tenant\nname: acme\nenvironments: {test: {url: \"http://localhost:8080\"}}\n---\n{kind: brand, name: b, hosts: [" + host + "]}\n"
	}
	if s := compiled(t, tree("b.localhost"), "test"); s.Sites[0].URL.String() != "http://b.localhost:8080" {
		t.Error(s.Sites[0].URL)
	}
	parsed, _ := config.Parse(map[string][]byte{"a.yaml": []byte(tree("b.example"))})
	if s, problems := config.Compile(parsed, "test", builtin); s != nil || problems[0].Code != config.HostInvalid {
		t.Error(problems)
	}
}

// Whatever colour is refused, the one that is suggested is taken.
func TestTheSuggestedColourIsOneThatCanBeRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := fmt.Sprintf("#%06x", rapid.IntRange(0, 0xffffff).Draw(t, "colour"))
		for _, key := range []string{"accent", "accent_dark"} {
			told := accents(t, key, text)
			if told == nil {
				continue
			}
			_, suggestion, found := strings.Cut(told[0].Fix, `such as "`)
			if !found || told[0].Code != config.ContrastTooLow {
				t.Fatalf("%s %s: %v", key, text, told)
			}
			if again := accents(t, key, strings.TrimSuffix(suggestion, `"`)); again != nil {
				t.Fatalf("%s for %s: %v", suggestion, text, again)
			}
		}
	})
}

func accents(t *rapid.T, key, text string) []config.Problem {
	tree, _ := config.Parse(map[string][]byte{"a.yaml": []byte(
		"kind: tenant\nname: acme\nenvironments: {test: {url: \"https://id.example\"}}\n---\n{kind: brand, name: b, " + key + ": \"" + text + "\"}\n",
	)})
	_, problems := config.Compile(tree, "test", builtin)
	return problems
}
