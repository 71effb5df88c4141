package config_test

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/pure/config"
)

func passkeysOf(t *testing.T, text string) (*config.Snapshot, []config.Problem) {
	t.Helper()
	tree, problems := config.Parse(map[string][]byte{"t.yaml": []byte("kind: tenant\nname: acme\nenvironments: {e: {url: \"https://id.example\", " +
		"variables: {old: old.example}, passkeys: " + text + "}}\n")})
	if len(problems) > 0 {
		return nil, problems
	}
	return config.Compile(tree, "e", nil)
}

func TestPasskeysAcrossDomainsAreConfigured(t *testing.T) {
	s, problems := passkeysOf(t, `{rp_ids: ["${old}", login.other.example], origins: ["https://shop.example", "https://app.example:8443"]}`)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := fmt.Sprint(s.Passkeys()); got != "{[old.example login.other.example] [https://shop.example https://app.example:8443]}" {
		t.Errorf("got %s", got)
	}
}

func TestWhatIsNoDomainOfPasskeysIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"a scheme":              `{rp_ids: ["https://old.example"]}`,
		"a port":                `{rp_ids: ["old.example:443"]}`,
		"large letters":         `{rp_ids: [Old.example]}`,
		"one label":             `{rp_ids: [example]}`,
		"a wildcard":            `{rp_ids: ["*.example"]}`,
		"twice":                 `{rp_ids: [old.example, "${old}"]}`,
		"too many":              `{rp_ids: [a.example, b.example, c.example, d.example]}`,
		"a path":                `{origins: ["https://shop.example/"]}`,
		"no TLS":                `{origins: ["http://localhost:8080"]}`,
		"a host alone":          `{origins: [shop.example]}`,
		"a wildcard as origin":  `{origins: ["https://*.example"]}`,
		"an origin that repeat": `{origins: ["https://shop.example", "https://shop.example"]}`,
	} {
		if _, problems := passkeysOf(t, text); len(problems) == 0 {
			t.Errorf("%s: %s is taken", name, text)
		}
	}
	if _, problems := passkeysOf(t, `{origins: ["https://`+strings.Repeat("a", 3000)+`.example"]}`); len(problems) == 0 {
		t.Error("a long origin is taken")
	}
}
