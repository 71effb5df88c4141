package config

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// addresses are where one environment is found.
type addresses struct {
	pages   *url.URL
	gateway *url.URL
	sites   []*url.URL // hosts of brands
}

// allPages are the bases of the pages, the environment's own first.
func (a addresses) allPages() []*url.URL { return append([]*url.URL{a.pages}, a.sites...) }

// environments fills in the addresses of all and keeps them apart. What is wrong
// with another environment is told when that one is compiled.
func (c *checker) environments(at spot, tenant *Tenant) {
	others := map[string]addresses{}
	for name, spec := range tenant.Environments {
		r, fill := &c.report, c.fill
		if name != c.environment {
			r = &report{}
			fill = c.variables(r, name, spec)
		} else {
			c.listening = listening(spec.URL)
		}
		found := addresses{}
		spec, found = c.environmentSpec(r, at.at(name), name, spec, fill)
		tenant.Environments[name] = spec
		if name != c.environment {
			found.sites = c.otherSites(found.pages, fill)
			others[name] = found
			continue
		}
		if why := checkName(name); why != "" {
			c.fail(at.key(name), finding{NameInvalid, fmt.Sprintf("%.80q is no name of an environment: %s", name, why), nameFix})
		}
		c.snapshot.URL, c.snapshot.Gateway = found.pages, found.gateway
	}
	c.others = others
}

// environmentSpec fills in one environment by its own variables.
func (c *checker) environmentSpec(r *report, at spot, name string, spec EnvironmentSpec, fill *variables) (EnvironmentSpec, addresses) {
	var found addresses
	spec.Title = or(fill.fill(at.at("title"), spec.Title), name)
	r.approvals(at, spec)
	r.phones(at.at("phones"), spec.Phones)
	spec.Passkeys = r.passkeys(at, spec.Passkeys, fill)
	raw := spec.URL
	spec.URL = fill.fill(at.at("url"), spec.URL)
	found.pages = r.base(at, "url", spec.URL, listening(raw))
	if found.pages == nil {
		return spec, found
	}
	if raw = spec.Gateway; raw == "" {
		raw = "${listen.gateway}" + found.pages.Path
		if _, known := fill.value("listen.gateway"); !known {
			if len(c.names(KindAPI)) > 0 {
				r.fail(at, finding{FieldRequired, fmt.Sprintf("the environment %q has APIs and no gateway", name), "add gateway: with the address at which APIs are called"})
			}
			return spec, found
		}
	}
	spec.Gateway = fill.fill(at.at("gateway"), raw)
	found.gateway = r.base(at, "gateway", spec.Gateway, listening(raw))
	return spec, found
}

// listening tells whether an address, as it is written, is where the program listens.
func listening(text string) bool { return strings.HasPrefix(text, "${listen.") }

// base reads an address that others begin with; nil if it cannot.
func (r *report) base(at spot, key, text string, listening bool) *url.URL {
	u, reason := readBase(text, listening)
	if reason != "" {
		r.fail(at.at(key), finding{
			EnvironmentURLInvalid, fmt.Sprintf("the %s of the environment %s", key, reason),
			"write an https address without a slash at the end; http only for this machine",
		})
	}
	return u
}

// apart refuses an address that is in use: by the environment's own gateway, by
// another environment, or below one of its issuers.
func (c *checker) apart(tenant spot, _ *Tenant) {
	at, others := tenant.at("environments", c.environment), c.others
	mine := addresses{pages: c.snapshot.URL, gateway: c.snapshot.Gateway}
	if same(mine.pages, mine.gateway) {
		c.fail(at.at("gateway"), finding{EnvironmentURLTaken, fmt.Sprintf("pages and APIs have the same address %s", mine.pages), "give the gateway a host or a path of its own"})
	}
	for _, name := range slices.Sorted(maps.Keys(others)) {
		other := others[name]
		taken := func(key string, a *url.URL, b ...*url.URL) {
			if slices.ContainsFunc(b, func(b *url.URL) bool { return same(a, b) }) {
				c.fail(at.at(key), finding{
					EnvironmentURLTaken,
					fmt.Sprintf("the %s %s is an address of the environment %q too", key, a, name), "give each environment a host or a path of its own",
				})
			}
		}
		theirs := append(other.allPages(), other.gateway)
		taken("url", mine.pages, theirs...)
		taken("gateway", mine.gateway, theirs...)
		for _, site := range c.snapshot.Sites {
			taken("url", site.URL, theirs...)
		}
		for _, server := range c.names(KindServer) {
			if c.withinAny(other, server) {
				c.fail(at.at("url"), finding{
					EnvironmentURLTaken,
					fmt.Sprintf("the address lies within the issuer %q of the environment %q", server, name), "give each environment a host or a path of its own",
				})
			}
		}
	}
}

// withinAny says whether pages of the environment lie within a server of another, at
// any of its hosts.
func (c *checker) withinAny(other addresses, server string) bool {
	return slices.ContainsFunc(c.snapshot.Pages(), func(mine *url.URL) bool {
		return slices.ContainsFunc(other.allPages(), func(base *url.URL) bool { return within(mine, base, server) })
	})
}

// same says whether two addresses reach one place. The scheme does not count,
// since one host answers both.
func same(a, b *url.URL) bool {
	return a != nil && b != nil && hostPort(a) == hostPort(b) && a.Path == b.Path
}

// within says whether an address is the issuer of a server, or below it.
func within(a, base *url.URL, server string) bool {
	if a == nil || base == nil || hostPort(a) != hostPort(base) {
		return false
	}
	issuer := base.Path + "/" + server
	return a.Path == issuer || strings.HasPrefix(a.Path, issuer+"/")
}
