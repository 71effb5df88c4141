package environment

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

// Face is which of an environment's two addresses a request came to.
type Face int

// The addresses of an environment.
const (
	Pages   Face = iota // sign-in pages and authorization servers
	Gateway             // the API gateway
)

// route leads requests for one host and path prefix to an environment.
type route struct {
	face Face
	host string // lower case, with the port unless it is the scheme's own
	path string // without a slash at the end; empty for all
	live *Live
}

// Route finds the environment that answers for a Host header and a path at
// face, and what is left of the path behind the environment's own prefix ("/"
// or longer). Exactly the hosts that some environment is configured with are
// known; a request with any other Host belongs to nobody, so that no link and
// no issuer is ever built from what a stranger sent.
func (r *Registry) Route(face Face, host, path string) (live *Live, rest string, found bool) {
	host = normalHost(host)
	for _, candidate := range *r.routes.Load() {
		if candidate.face != face || candidate.host != host {
			continue
		}
		rest, under := strings.CutPrefix(path, candidate.path)
		if under && (rest == "" || rest[0] == '/') {
			if rest == "" {
				rest = "/"
			}
			return candidate.live, rest, true
		}
	}
	return nil, "", false
}

// rebuildRoutes indexes what is live, longest path first. The caller holds mu.
func (r *Registry) rebuildRoutes() {
	routes := []route{}
	add := func(face Face, live *Live, at *url.URL) {
		if at != nil {
			routes = append(routes, route{face, normalHost(at.Host), strings.TrimSuffix(at.Path, "/"), live})
		}
	}
	for _, live := range r.byID {
		if snapshot := live.Snapshot(); snapshot != nil {
			add(Pages, live, snapshot.URL)
			add(Gateway, live, snapshot.Gateway)
		}
	}
	slices.SortFunc(routes, func(a, b route) int {
		if d := len(b.path) - len(a.path); d != 0 {
			return d
		}
		return int(a.live.ID - b.live.ID)
	})
	r.routes.Store(&routes)
}

// normalHost lowers the case and drops a port that is a scheme's own.
func normalHost(host string) string {
	host = strings.ToLower(host)
	if name, port, err := net.SplitHostPort(host); err == nil && (port == "80" || port == "443") {
		return name
	}
	return host
}
