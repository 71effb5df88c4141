package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// errPlaintext: passwords and tokens would cross a network as they are.
var errPlaintext = errors.New("would speak plain HTTP to a network")

// checkPlaintext refuses a listener without TLS that others than this machine reach,
// unless a proxy is named that ends TLS in front of it.
func (o nodeOptions) checkPlaintext(flag string, address net.Addr) error {
	if o.tlsCert != "" || o.acme.directory != "" || len(o.proxies) > 0 {
		return nil
	}
	at, err := netip.ParseAddrPort(address.String())
	if err == nil && at.Addr().IsLoopback() {
		return nil
	}
	return &exitError{exitUsage, fmt.Errorf("%s %s: %w\n"+
		"  fix: give --tls-cert and --tls-key, --acme-directory, or --trusted-proxy with the address of the proxy that ends TLS in front of it",
		flag, address, errPlaintext)}
}
