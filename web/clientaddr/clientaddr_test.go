package clientaddr_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"sallyport/web/clientaddr"
)

func TestTheAddressIsTheRightMostThatNoListedProxyHas(t *testing.T) {
	proxies := clientaddr.Resolver{Trusted: []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:ffff::/48"),
	}}
	for _, test := range []struct {
		name      string
		resolver  clientaddr.Resolver
		remote    string
		forwarded []string
		want      string // empty: unknown
	}{
		{"without proxies the connection counts", clientaddr.Resolver{}, "192.0.2.1:80", nil, "192.0.2.1"},
		// authentik CVE-2024-47070: a header from anybody moved the address.
		{"a stranger's header moves nothing", proxies, "192.0.2.1:80", []string{"203.0.113.9"}, "192.0.2.1"},
		{"without listed proxies no header moves anything", clientaddr.Resolver{}, "10.0.0.1:80", []string{"203.0.113.9"}, "10.0.0.1"},
		{"a listed proxy is believed", proxies, "10.0.0.1:80", []string{"203.0.113.9"}, "203.0.113.9"},
		{"only the right-most stranger is believed", proxies, "10.0.0.1:80", []string{"127.0.0.1, 203.0.113.9"}, "203.0.113.9"},
		{"listed proxies in a row are skipped", proxies, "10.0.0.1:80", []string{"127.0.0.1, 203.0.113.9, 10.2.3.4"}, "203.0.113.9"},
		{"headers read as one list", proxies, "10.0.0.1:80", []string{"127.0.0.1", "203.0.113.9", "10.2.3.4"}, "203.0.113.9"},
		{"nothing but proxies is the first of them", proxies, "10.0.0.1:80", []string{"10.9.9.9"}, "10.9.9.9"},
		{"a proxy that wrote no header called itself", proxies, "10.0.0.1:80", nil, "10.0.0.1"},
		{"what is no address is unknown", proxies, "10.0.0.1:80", []string{"203.0.113.9, unknown"}, ""},
		{"an empty entry is unknown", proxies, "10.0.0.1:80", []string{"203.0.113.9,"}, ""},
		{"a host name is unknown", proxies, "10.0.0.1:80", []string{"localhost"}, ""},
		{"a port is left out", proxies, "10.0.0.1:80", []string{"203.0.113.9:4711"}, "203.0.113.9"},
		{"IPv6 works with brackets and port", proxies, "[2001:db8:ffff::1]:80", []string{"[2001:db8::7]:4711"}, "2001:db8::7"},
		{"IPv4 in IPv6 is IPv4, for proxies too", proxies, "[::ffff:10.0.0.1]:80", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		{"a zone is left out", clientaddr.Resolver{}, "[fe80::1%eth0]:80", nil, "fe80::1"},
		{"an endless chain is unknown", proxies, "10.0.0.1:80", []string{strings.Repeat("10.0.0.2,", 5000) + "10.0.0.2"}, ""},
		{"no address at all is unknown", proxies, "@", []string{"203.0.113.9"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: test.remote, Header: http.Header{"X-Forwarded-For": test.forwarded}}
			r.Header.Set("Forwarded", "for=198.51.100.66")
			r.Header.Set("X-Real-IP", "198.51.100.66")
			before := strings.Join(test.forwarded, "|")
			got := test.resolver.From(r)
			if want, _ := netip.ParseAddr(test.want); got != want {
				t.Errorf("From = %v, want %v", got, want)
			}
			if after := strings.Join(r.Header.Values("X-Forwarded-For"), "|"); after != before {
				t.Errorf("the request's header became %q", after)
			}
		})
	}
}

func FuzzFromNeverBelievesAStranger(f *testing.F) {
	f.Add("203.0.113.9, 10.0.0.1")
	f.Add(",,[::1]:99,")
	f.Fuzz(func(t *testing.T, header string) {
		r := &http.Request{RemoteAddr: "192.0.2.1:80", Header: http.Header{"X-Forwarded-For": {header}}}
		proxies := clientaddr.Resolver{Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
		if got := proxies.From(r); got != netip.MustParseAddr("192.0.2.1") {
			t.Errorf("a stranger chose the address %v", got)
		}
	})
}
