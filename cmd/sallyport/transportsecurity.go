package main

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"sallyport/service/environment"
)

// strictTransport keeps a browser from plain HTTP for a year (RFC 6797 §6.1).
const strictTransport = "max-age=31536000"

// environments finds the environment of a request.
type environments interface {
	Route(face environment.Face, host, path string) (live *environment.Live, rest string, found bool)
}

// insistOnTLS tells browsers to come to an environment by TLS only, where its URL
// says so: whoever is between could else keep them from it. The URL decides and
// not the connection, since a proxy may end TLS in front of us.
func insistOnTLS(all environments, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		live, _, found := all.Route(environment.Pages, r.Host, r.URL.Path)
		if found && namesOneSite(r.Host) {
			if s := live.Snapshot(); s != nil && s.URL.Scheme == "https" {
				w.Header().Set("Strict-Transport-Security", strictTransport)
			}
		}
		h.ServeHTTP(w, r)
	})
}

// namesOneSite is false for addresses, of which browsers remember nothing, and for
// localhost, where whatever else runs on that machine would be cut off.
func namesOneSite(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err != nil && host != "localhost" && !strings.HasSuffix(host, ".localhost")
}
