// Package clientaddr tells where a request comes from.
//
// Rules compare that address, limits count by it and the audit ledger keeps
// it, so a caller must not be able to choose it: what X-Forwarded-For says
// counts only as far as listed proxies have written it. Forwarded, X-Real-IP
// and their like are not read at all: a proxy that does not know them passes
// on what the caller made up.
//
// Every face in web asks here; the package knows nothing of what it is for.
package clientaddr

import (
	"net/http"
	"net/netip"
	"strings"
)

// maxHops is how many proxies in a row are believed; nobody has as many.
const maxHops = 16

// Resolver finds the client's address behind proxies. The zero value trusts
// none. It is safe for concurrent use.
type Resolver struct {
	Trusted []netip.Prefix // networks of the proxies whose word counts
}

// From gives the address of the client: that of the connection or, if a
// trusted proxy made the connection, the right-most address in
// X-Forwarded-For that is not a trusted proxy's. It is the zero Addr, which
// rules take for unknown, if the proxies wrote what is no address. IPv4
// addresses mapped into IPv6 come back as IPv4, and without a zone.
func (r Resolver) From(request *http.Request) netip.Addr {
	connection, err := netip.ParseAddrPort(request.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	address := plain(connection.Addr())
	hops := request.Header.Values("X-Forwarded-For")
	for range maxHops {
		if !r.trusts(address) {
			return address
		}
		hop, more := lastHop(&hops)
		if !more {
			return address
		}
		if address = parse(hop); !address.IsValid() {
			return netip.Addr{}
		}
	}
	return netip.Addr{}
}

func (r Resolver) trusts(address netip.Addr) bool {
	for _, network := range r.Trusted {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// lastHop takes the right-most entry off the headers, which read as one list
// (RFC 9110 §5.3).
func lastHop(headers *[]string) (hop string, more bool) {
	if len(*headers) == 0 {
		return "", false
	}
	last := &(*headers)[len(*headers)-1]
	rest, hop := "", *last
	if comma := strings.LastIndexByte(*last, ','); comma >= 0 {
		rest, hop = (*last)[:comma], (*last)[comma+1:]
		*headers = append((*headers)[:len(*headers)-1:len(*headers)-1], rest)
	} else {
		*headers = (*headers)[:len(*headers)-1]
	}
	return strings.TrimSpace(hop), true
}

// parse reads an address, which some proxies write with its port.
func parse(hop string) netip.Addr {
	if address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(hop, "["), "]")); err == nil {
		return plain(address)
	}
	if pair, err := netip.ParseAddrPort(hop); err == nil {
		return plain(pair.Addr())
	}
	return netip.Addr{}
}

func plain(address netip.Addr) netip.Addr { return address.Unmap().WithZone("") }
