package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// ErrRefused: the guard does not connect there.
var ErrRefused = errors.New("address not allowed")

// Refused says which host was refused. The address that it stands for is told
// to the log alone: whoever named the host need not learn what is inside.
type Refused struct {
	Host    string
	Address netip.Addr
	// Private is the host and port that the installation does not allow although it was
	// listed; empty: it was not listed.
	Private string
}

// ByInstallation tells whether err says that the installation does not allow a private
// host: see [Allowance].
func ByInstallation(err error) bool {
	var refused *Refused
	return errors.As(err, &refused) && refused.Private != ""
}

// Error names the host.
func (r *Refused) Error() string { return fmt.Sprintf("%.100q: %v", r.Host, ErrRefused) }

// Unwrap gives [ErrRefused].
func (r *Refused) Unwrap() error { return ErrRefused }

// Resolver turns names into addresses; net.Resolver does.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

const maxAddresses = 8 // tried of one name

// Dialer connects to what is allowed. The zero value reaches public addresses
// only. It is safe for concurrent use.
type Dialer struct {
	// Networks are meant to be reached besides public addresses.
	Networks []netip.Prefix
	// Host tells whether a host and port, in lower case, are meant wherever they
	// are; nil for none.
	Host func(hostport string) bool
	// Allowed is what the installation says to whatever is not public: without it,
	// nothing that is meant is reached. [Everywhere] for what it names itself.
	Allowed *Allowance
	// Resolver is the system's if nil.
	Resolver Resolver
	// Timeout bounds resolving and connecting; zero is 10 seconds.
	Timeout time.Duration
}

// DialContext connects to addr, "host:port", if that is allowed. [Refused];
// others are those of package net.
func (d *Dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return nil, fmt.Errorf("%w: network %q", ErrRefused, network)
	}
	timeout := d.Timeout
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	host, port, err := split(addr)
	if err != nil {
		return nil, err
	}
	addresses, err := d.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, a := range addresses {
		if err := d.check(strings.ToLower(addr), strings.ToLower(host), a); err != nil {
			return nil, err
		}
	}
	return dial(ctx, network, addresses, port)
}

// check refuses an address that is not public unless both who wrote the host down and
// who runs the server mean it.
func (d *Dialer) check(hostport, host string, a netip.Addr) error {
	switch {
	case Public(a):
		return nil
	case !within(d.Networks, plain(a)) && (d.Host == nil || !d.Host(hostport)):
		return &Refused{Host: host, Address: a}
	case !d.Allowed.covers(hostport, host, a):
		d.Allowed.tell(hostport)
		return &Refused{Host: host, Address: a, Private: hostport}
	}
	return nil
}

func split(addr string) (host string, port uint16, err error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 || host == "" {
		return "", 0, fmt.Errorf("%w: no host and port", ErrRefused)
	}
	return host, uint16(n), nil
}

func (d *Dialer) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	resolver := d.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	addresses, err := resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	if len(addresses) == 0 {
		return nil, &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	}
	return addresses[:min(len(addresses), maxAddresses)], nil
}

// dial tries the addresses that were checked, and no name.
func dial(ctx context.Context, network string, addresses []netip.Addr, port uint16) (net.Conn, error) {
	var all error
	deadline, _ := ctx.Deadline()
	for i, a := range addresses {
		share := time.Until(deadline) / time.Duration(len(addresses)-i)
		one := net.Dialer{Timeout: share}
		conn, err := one.DialContext(ctx, network, netip.AddrPortFrom(a, port).String())
		if err == nil {
			return conn, nil
		}
		all = errors.Join(all, err)
	}
	return nil, all
}
