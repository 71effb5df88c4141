package environment

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"sallyport/pure/config"
)

// occupied tells where target would answer at an address of another
// environment, or within one of its issuers, or the other way round. Within a
// tree pure/config sees to that; this is about other tenants, and about
// environments of the same one that run another revision.
func (r *Registry) occupied(live *Live, target *config.Snapshot) []config.Problem {
	var problems []config.Problem
	for _, other := range r.Environments() {
		snapshot := other.Snapshot()
		if other == live || snapshot == nil {
			continue
		}
		at := cmp.Or(collision(target, snapshot), intrusion(target, snapshot, other.System()))
		if other.System() { // which lies where it was put, also below another's pages
			at = cmp.Or(at, shadowed(target, snapshot))
		} else {
			at = cmp.Or(at, intrusion(snapshot, target, false))
		}
		if at != "" {
			problems = append(problems, config.Problem{
				Severity: config.Error, Code: config.EnvironmentURLTaken,
				What: fmt.Sprintf("the address %s belongs to another environment of this installation", at),
				Fix:  "give each environment a host or a path of its own",
			})
		}
	}
	return problems
}

// collision gives an address of a at which b answers too; empty if there is none.
func collision(a, b *config.Snapshot) string {
	for _, x := range append(a.Pages(), a.Gateway) {
		for _, y := range append(b.Pages(), b.Gateway) {
			if x != nil && y != nil && normalHost(x.Host) == normalHost(y.Host) && trim(x) == trim(y) {
				return x.String()
			}
		}
	}
	for _, x := range a.Pages() {
		for _, y := range b.Pages() {
			if withinIssuer(x, y, b) || withinIssuer(y, x, a) {
				return x.String()
			}
		}
	}
	return ""
}

// withinIssuer tells whether an address lies below pages of s where an authorization
// server of it answers.
func withinIssuer(at, pages *url.URL, s *config.Snapshot) bool {
	if at == nil || pages == nil || normalHost(at.Host) != normalHost(pages.Host) {
		return false
	}
	for name := range s.Servers {
		rest, under := strings.CutPrefix(trim(at), trim(pages)+"/"+name)
		if under && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}

// intrusion gives an address of a that lies where b answers itself; empty if there
// is none. The longest path gets a request, so a would be sent what was meant for
// b: its customers at sign-in, or calls of its APIs with their keys and tokens.
// Whole says that all below b's pages is b's.
func intrusion(a, b *config.Snapshot, whole bool) string {
	for _, at := range a.Pages() {
		for _, pages := range b.Pages() {
			rest, is := below(at, pages)
			first, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
			if is && (whole || config.Reserved(first) || first == ".well-known") {
				return at.String()
			}
		}
	}
	rest, is := below(a.Gateway, b.Gateway)
	for _, api := range b.APIs {
		if path := strings.TrimSuffix(api.Path, "/"); is && (strings.HasPrefix(rest+"/", path+"/") || strings.HasPrefix(path+"/", rest+"/")) {
			return a.Gateway.String()
		}
	}
	return ""
}

// below gives the path at which a lies below b, from its slash on.
func below(a, b *url.URL) (rest string, is bool) {
	if a == nil || b == nil || normalHost(a.Host) != normalHost(b.Host) {
		return "", false
	}
	rest, under := strings.CutPrefix(trim(a), trim(b))
	return rest, under && strings.HasPrefix(rest, "/")
}

func trim(at *url.URL) string { return strings.TrimSuffix(at.Path, "/") }

// shadowed gives an address of target at which the management API answers
// first; empty if there is none.
func shadowed(target, system *config.Snapshot) string {
	for _, at := range append(target.Pages(), target.Gateway) {
		if at == nil || normalHost(at.Host) != normalHost(system.URL.Host) {
			continue
		}
		if rest, under := strings.CutPrefix(trim(at), "/admin"); under && (rest == "" || rest[0] == '/') {
			return at.String()
		}
	}
	return ""
}
