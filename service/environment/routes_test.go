package environment_test

import (
	"testing"

	"sallyport/service/environment"
)

func TestARequestFindsItsEnvironmentByHostAndPath(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	for tenant, addresses := range map[string]string{
		"root":   `url: "https://id.example", gateway: "https://api.example"`,
		"nested": `url: "https://id.example/a", gateway: "https://api.example/a"`,
		"deeper": `url: "https://id.example/a/b", gateway: "https://api.example/a/b"`,
		"beside": `url: "https://id.example/ab", gateway: "https://api.example/ab"`,
		"port":   `url: "https://id.example:8443", gateway: "https://api.example:8443"`,
		"six":    `url: "https://[2001:db8::1]", gateway: "https://[2001:db8::1]:9443"`,
	} {
		live, err := r.Create(w.ctx, tenant, "production", false, "robin")
		w.must(err)
		w.apply(r, live, w.tree("kind: tenant\nname: "+tenant+"\nenvironments: {production: {"+addresses+"}}\n"), 0)
	}
	for _, test := range []struct {
		name       string
		face       environment.Face
		host, path string
		tenant     string // empty: nobody
		rest       string
	}{
		{"the host alone", environment.Pages, "id.example", "/", "root", "/"},
		{"a path of its own", environment.Pages, "id.example", "/apps/token", "root", "/apps/token"},
		{"no path at all", environment.Pages, "id.example", "", "root", "/"},
		{"a prefix", environment.Pages, "id.example", "/a", "nested", "/"},
		{"below a prefix", environment.Pages, "id.example", "/a/x", "nested", "/x"},
		{"the longest prefix wins", environment.Pages, "id.example", "/a/b/x", "deeper", "/x"},
		{"a prefix ends at a slash", environment.Pages, "id.example", "/abc", "root", "/abc"},
		{"a name that begins like another", environment.Pages, "id.example", "/ab", "beside", "/"},
		{"the case of a path counts", environment.Pages, "id.example", "/A/x", "root", "/A/x"},
		{"the case of a host does not", environment.Pages, "Id.EXAMPLE", "/a/x", "nested", "/x"},
		{"https's own port", environment.Pages, "id.example:443", "/", "root", "/"},
		{"http's own port, behind a proxy", environment.Pages, "id.example:80", "/", "root", "/"},
		{"another port is another host", environment.Pages, "id.example:8080", "/", "", ""},
		{"a configured port", environment.Pages, "id.example:8443", "/x", "port", "/x"},
		{"IPv6 without port", environment.Pages, "[2001:db8::1]", "/", "six", "/"},
		{"IPv6 with https's port", environment.Pages, "[2001:db8::1]:443", "/", "six", "/"},
		{"IPv6 written long", environment.Pages, "[2001:0DB8:0:0:0:0:0:1]", "/", "six", "/"},
		{"IPv6 with a port", environment.Gateway, "[2001:db8::1]:9443", "/x", "six", "/x"},
		{"IPv6 with another port", environment.Pages, "[2001:db8::1]:9443", "/", "", ""},
		{"the gateway", environment.Gateway, "api.example", "/a/x", "nested", "/x"},
		{"a gateway's host is not a page's", environment.Pages, "api.example", "/", "", ""},
		{"a page's host is not a gateway's", environment.Gateway, "id.example", "/", "", ""},
		{"a stranger's host", environment.Pages, "evil.example", "/", "", ""},
		{"a host below", environment.Pages, "x.id.example", "/", "", ""},
		{"a dot behind", environment.Pages, "id.example.", "/", "", ""},
		{"no host", environment.Pages, "", "/", "", ""},
		{"nonsense", environment.Pages, "[:443", "/", "", ""},
		{"a path that is none", environment.Pages, "id.example", "*", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			live, rest, found := r.Route(test.face, test.host, test.path)
			switch {
			case found != (test.tenant != ""):
				t.Errorf("found %v", found)
			case found && (live.Tenant != test.tenant || rest != test.rest):
				t.Errorf("%s, rest %q", live.Tenant, rest)
			}
		})
	}
}
