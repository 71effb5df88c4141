package main

import (
	"errors"
	"net"
	"net/netip"
	"testing"
)

func TestPlainHTTPStaysOnThisMachine(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}
	for name, test := range map[string]struct {
		address string
		options nodeOptions
		refused bool
	}{
		"loopback":               {"127.0.0.1:8080", nodeOptions{}, false},
		"loopback of IPv6":       {"[::1]:8080", nodeOptions{}, false},
		"every interface":        {"[::]:8080", nodeOptions{}, true},
		"every IPv4 interface":   {"0.0.0.0:8080", nodeOptions{}, true},
		"an address":             {"192.0.2.7:8080", nodeOptions{}, true},
		"an address with TLS":    {"192.0.2.7:8443", nodeOptions{tlsCert: "cert.pem"}, false},
		"an address, by a proxy": {"192.0.2.7:8080", nodeOptions{proxies: proxies}, false},
	} {
		t.Run(name, func(t *testing.T) {
			address := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(test.address))
			if err := test.options.checkPlaintext("--listen", address); errors.Is(err, errPlaintext) != test.refused {
				t.Errorf("got %v", err)
			}
		})
	}
}
