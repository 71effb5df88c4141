package egress

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Allowance is which private hosts an installation lets the configurations of its
// tenants reach. A tree names where it wants to go; whoever runs the server says
// whether that may be inside. It is safe for concurrent use once it is made; nil
// allows nothing.
type Allowance struct {
	networks []netip.Prefix
	hosts    []string // host or host:port, in lower case
	// Told hears of each host and port that was refused although a tree names it;
	// nil: nobody does.
	Told func(hostport string)
}

// Everywhere allows any address: for what the installation itself names.
func Everywhere() *Allowance {
	return &Allowance{networks: []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0)}}
}

// errPrivateHost is what is wrong with a text of an allowance.
var errPrivateHost = errors.New("write HOST, HOST:PORT, an address or a network, such as mail.internal:25 or 10.20.0.0/16")

// ParseAllowance reads texts such as mail.internal.example, localhost:2525, 10.1.2.3,
// [fd00::7]:443 and 10.20.0.0/16.
func ParseAllowance(texts []string) (*Allowance, error) {
	a := &Allowance{}
	for _, text := range texts {
		if text = strings.ToLower(strings.TrimSpace(text)); text == "" {
			continue
		}
		if err := a.add(text); err != nil {
			return nil, fmt.Errorf("%.100q: %w", text, err)
		}
	}
	return a, nil
}

func (a *Allowance) add(text string) error {
	if network, err := netip.ParsePrefix(text); err == nil {
		a.networks = append(a.networks, network.Masked())
		return nil
	}
	if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
		address = address.Unmap()
		a.networks = append(a.networks, netip.PrefixFrom(address, address.BitLen()))
		return nil
	}
	host := text
	if strings.Contains(text, ":") {
		name, port, err := net.SplitHostPort(text)
		if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || n == 0 {
			return errPrivateHost
		}
		host, text = name, net.JoinHostPort(name, port)
	}
	if _, err := netip.ParseAddr(host); err != nil && !isName(host) {
		return errPrivateHost
	}
	a.hosts = append(a.hosts, text)
	return nil
}

func isName(host string) bool {
	return host != "" && len(host) <= 253 && !strings.ContainsFunc(host, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
	})
}

// covers tells whether an address may be reached that a host and port stand for.
func (a *Allowance) covers(hostport, host string, address netip.Addr) bool {
	if a == nil {
		return false
	}
	return slices.Contains(a.hosts, hostport) || slices.Contains(a.hosts, host) || within(a.networks, plain(address))
}

func (a *Allowance) tell(hostport string) {
	if a != nil && a.Told != nil {
		a.Told(hostport)
	}
}
