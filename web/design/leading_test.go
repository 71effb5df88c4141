package design

import (
	"strings"
	"testing"

	"sallyport/pure/config"
)

func TestFormsMayLeadWhereTheApplicationLives(t *testing.T) {
	tests := []struct {
		name, address, want string
	}{
		{"a website", "https://my.harbourlight.test/callback?x=1", "https://my.harbourlight.test"},
		{"at a port", "https://my.harbourlight.test:8443/callback", "https://my.harbourlight.test:8443"},
		{"a native app by its own scheme", "test.harbourlight.mobile:/callback", "test.harbourlight.mobile:"},
		{"a native app on whichever port", "http://127.0.0.1/callback", "http://127.0.0.1:*"},
		{"the same by IPv6, which CSP cannot name", "http://[::1]/callback", "http:"},
		{"a development server", "http://localhost:3000/callback", "http://localhost:*"},
		{"nothing", "", ""},
		{"what would begin another directive", "https://a;script-src *", ""},
		{"what would add a source", "https://a b/", ""},
		{"no address", "/callback", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := sourceOf(test.address); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	p := LeadingTo(&config.Application{Type: "browser", Home: "https://a.test/", Redirects: []string{"https://b.test/cb", "https://a.test/cb"}, Origins: []string{"https://c.test"}, LogoutRedirects: []string{"https://d.test/bye"}})
	if got := strings.Join(p.FormTo, " "); got != "https://a.test https://b.test https://c.test https://d.test" || !p.Popups {
		t.Errorf("got %q, popups %v", got, p.Popups)
	}
}
