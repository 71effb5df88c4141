package main

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"
)

// serverVariable names the server that commands speak to by the network.
const serverVariable = "SALLYPORT_SERVER"

// server is where an installation answers to the network: scheme and host.
type server string

// parseServer reads the address of a server. What is managed there is worth more
// than anything else it does, so plain HTTP goes no further than this machine.
func parseServer(text string) (server, error) {
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return "", fmt.Errorf("--server %q is no address; it looks like https://id.example.com", text)
	case u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "":
		return "", fmt.Errorf("--server is scheme and host alone, such as %s://%s", u.Scheme, u.Host)
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return "", errors.New("--server wants https: whoever is between would have your token\n  fix: https://, or plain http for this machine alone")
	}
	return server(u.Scheme + "://" + strings.ToLower(u.Host)), nil
}

// loopback tells whether a host is this machine.
func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// ours tells whether an address lies on the server: a token goes nowhere else,
// whatever a document says.
func (s server) ours(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.User == nil && server(u.Scheme+"://"+strings.ToLower(u.Host)) == s
}

// errWhere: two places were named.
var errWhere = errors.New("--server speaks to a server by the network, --store opens the store of this host: choose one")

// where decides between a server and a store. What was written on the command
// line beats what the shell's environment says; of two that say the same
// thing equally loud, neither is guessed.
func (f *stateFlags) where() (server, error) {
	named, stored := f.server != "", false
	serverFlag, storeFlag := f.told("server"), f.told("store")
	if _, found := os.LookupEnv("SALLYPORT_STORE"); found {
		stored = true
	}
	switch {
	case serverFlag && storeFlag:
		return "", &exitError{exitUsage, errWhere}
	case !named || storeFlag:
		return "", nil
	case !serverFlag && stored:
		return "", &exitError{exitUsage, fmt.Errorf("%s and SALLYPORT_STORE are both set: %w", serverVariable, errWhere)}
	}
	at, err := parseServer(f.server)
	if err != nil {
		return "", &exitError{exitUsage, err}
	}
	return at, nil
}
