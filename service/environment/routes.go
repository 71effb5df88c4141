package environment

import (
	"cmp"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"sallyport/pure/config"
)

// Face is which of an environment's two addresses a request came to.
type Face int

// The addresses of an environment.
const (
	Pages   Face = iota // sign-in pages and authorization servers
	Gateway             // the API gateway
)

// routes lead requests to environments. They are never changed once they are
// shared.
type routes map[place][]route

// place is where a request arrived.
type place struct {
	face Face
	host string // as normalHost gives it
}

// route leads requests below one path prefix to an environment.
type route struct {
	path string // without a slash at the end; empty for all
	live *Live
}

// Route finds the environment that answers for a Host header and a path at
// face, and what is left of the path behind the environment's own prefix ("/"
// or longer). Exactly the hosts that some environment is configured with are
// known; a request with any other Host belongs to nobody, so that no link and
// no issuer is ever built from what a stranger sent. At a host of a brand's own, live
// is the environment as pages there see it: its snapshot names that host and brand.
func (r *Registry) Route(face Face, host, path string) (live *Live, rest string, found bool) {
	for _, candidate := range (*r.routes.Load())[place{face, normalHost(host)}] {
		rest, under := strings.CutPrefix(path, candidate.path)
		switch {
		case under && rest == "":
			return candidate.live, "/", true
		case under && rest[0] == '/':
			return candidate.live, rest, true
		}
	}
	return nil, "", false
}

// rebuildRoutes indexes what is live, longest path first. The caller holds mu.
func (r *Registry) rebuildRoutes() {
	all, named := routes{}, map[string]bool{}
	add := func(face Face, live *Live, at *url.URL) {
		if at != nil {
			if at.Scheme == "https" {
				named[strings.ToLower(at.Hostname())] = true
			}
			p := place{face, normalHost(at.Host)}
			all[p] = append(all[p], route{strings.TrimSuffix(at.Path, "/"), live})
		}
	}
	for _, live := range r.byID {
		if snapshot := live.Snapshot(); snapshot != nil {
			add(Pages, live, snapshot.Own())
			for _, site := range snapshot.Sites {
				add(Pages, live.seat(site, snapshot), site.URL)
			}
			if !live.System() { // which has no API
				add(Gateway, live, snapshot.Gateway)
			}
		}
	}
	for _, list := range all {
		// Two environments have one address only if two nodes applied them at
		// the same moment; then the older one keeps it.
		slices.SortFunc(list, func(a, b route) int {
			return cmp.Or(cmp.Compare(len(b.path), len(a.path)), cmp.Compare(a.live.ID, b.live.ID))
		})
	}
	r.routes.Store(&all)
	names := slices.Sorted(maps.Keys(named))
	r.names.Store(&names)
}

// Hostnames are the names at which this installation answers by TLS, of all its
// environments and both faces, sorted; nobody may change the list.
func (r *Registry) Hostnames() []string { return *r.names.Load() }

// normalHost lowers the case, writes an IPv6 address in its short form, and
// drops a port that is some scheme's own: which scheme a request came by is
// known to the proxy in front alone.
func normalHost(host string) string {
	host = strings.ToLower(host)
	for _, port := range [...]string{":443", ":80"} {
		if name, found := strings.CutSuffix(host, port); found {
			host = name
			break
		}
	}
	if inner, found := strings.CutPrefix(host, "["); found {
		text, port, _ := strings.Cut(inner, "]")
		if address, err := netip.ParseAddr(text); err == nil {
			return "[" + address.String() + "]" + port
		}
	}
	return host
}

// seat is the environment as pages at a host of a brand see it. It stays the same
// while the host does, as live does. The caller holds [Registry]'s mu.
func (l *Live) seat(site config.Site, of *config.Snapshot) *Live {
	seat, known := l.seats[site.URL.Host]
	if !known {
		seat = &Live{ID: l.ID, Tenant: l.Tenant, Name: l.Name, Protected: l.Protected, Created: l.Created}
		if l.seats == nil {
			l.seats = map[string]*Live{}
		}
		l.seats[site.URL.Host] = seat
	}
	if seat.newest != of.Revision || seat.Snapshot() == nil {
		seat.newest = of.Revision
		seat.snapshot.Store(of.At(site))
	}
	return seat
}
