package egress

import "net/netip"

// closed are networks that are not reached unless listed, besides those that
// package netip tells apart (IANA special-purpose registries, RFC 6890).
var closed = prefixes(
	"0.0.0.0/8",       // this network
	"100.64.0.0/10",   // carrier-grade NAT
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // 6to4 relays
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"240.0.0.0/4",     // reserved, and broadcast
	"::/96",           // IPv4-compatible
	"64:ff9b:1::/48",  // local NAT64
	"100::/64",        // discard
	"2001::/23",       // protocol assignments, Teredo
	"2001:db8::/32",   // documentation
	"2002::/16",       // 6to4: an IPv4 address inside
	"3fff::/20",       // documentation
	"5f00::/16",       // segment routing
	"fec0::/10",       // site-local
)

var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// Public tells whether an address is one of the open internet: not private,
// loopback, link-local, shared, multicast or otherwise special, however it is
// spelt.
func Public(a netip.Addr) bool {
	a = plain(a)
	if !a.IsValid() || a.Zone() != "" || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	return !within(closed, a)
}

// plain takes an IPv4 address out of the IPv6 address that carries it.
func plain(a netip.Addr) netip.Addr {
	if nat64.Contains(a) {
		raw := a.As16()
		return netip.AddrFrom4([4]byte(raw[12:]))
	}
	return a.Unmap()
}

func within(networks []netip.Prefix, a netip.Addr) bool {
	for _, network := range networks {
		if network.Contains(a) {
			return true
		}
	}
	return false
}
