package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// MaxHosts is how many hosts of its own a brand may have.
const MaxHosts = 5

// Site is a host of a brand's own: the pages of the environment answer there too,
// and wear that brand whoever sends people there. Issuers stay where they are.
type Site struct {
	URL   *url.URL // base of the pages there: the environment's scheme, port and path
	Brand *LiveBrand
}

// At gives the snapshot as pages at a site see it: URL is the site's, and
// [Snapshot.BrandOf] the site's brand. All else is s itself.
func (s *Snapshot) At(site Site) *Snapshot {
	view := *s
	view.URL, view.Site, view.own = site.URL, &site, s.Own()
	return &view
}

// Own is the base of the pages at the environment's own address, of which issuers
// are made, wherever s is seen from.
func (s *Snapshot) Own() *url.URL {
	if s.own != nil {
		return s.own
	}
	return s.URL
}

// Pages are all addresses at which the environment's pages answer, its own first.
func (s *Snapshot) Pages() []*url.URL {
	all := []*url.URL{s.Own()}
	for _, site := range s.Sites {
		all = append(all, site.URL)
	}
	return all
}

// Houses tells whether the pages at s are where customers of an application sign
// in: at a host of its brand's own, or at the environment's own address if the
// brand has none.
func (s *Snapshot) Houses(application *Application) bool {
	brand := s.configuredBrand(application)
	if s.Site != nil {
		return brand != nil && s.Site.Brand.Name == brand.Name
	}
	return !s.hosted(brand)
}

// HomeOf is the base of the pages on which customers of an application sign in:
// the first host of its brand, else the environment's own address.
func (s *Snapshot) HomeOf(application *Application) *url.URL {
	brand := s.configuredBrand(application)
	for _, site := range s.Sites {
		if brand != nil && site.Brand.Name == brand.Name {
			return site.URL
		}
	}
	return s.Own()
}

func (s *Snapshot) hosted(brand *LiveBrand) bool {
	return brand != nil && slices.ContainsFunc(s.Sites, func(site Site) bool { return site.Brand.Name == brand.Name })
}

// hosts checks the hosts of a brand, and makes sites of them.
func (c *checker) hosts(at spot, b *Brand, live *LiveBrand) {
	at = at.at("hosts")
	if len(b.Hosts) > MaxHosts {
		c.fail(at, finding{OutOfBounds, fmt.Sprintf("the list has %d items", len(b.Hosts)), fmt.Sprintf("name at most %d", MaxHosts)})
		return
	}
	for i, host := range b.Hosts {
		// An environment in which a brand has no host says so by an empty variable.
		if host == "" || c.snapshot.URL == nil {
			continue
		}
		if f := c.badHost(host); f.what != "" {
			c.fail(at.at(i), f)
			continue
		}
		c.snapshot.Sites = append(c.snapshot.Sites, Site{beside(c.snapshot.URL, host), live})
	}
}

// badHost is what is wrong with a host; nothing if what is empty.
func (c *checker) badHost(host string) finding {
	own := c.snapshot.URL
	switch {
	case !isHostName(host):
		return finding{HostInvalid, fmt.Sprintf("%.80q is no host name", host), "write a name such as my.example.com in small letters, without scheme, port and path"}
	case own.Scheme == "http" && !strings.HasSuffix(host, ".localhost") && !c.listening:
		return finding{HostInvalid, fmt.Sprintf("pages on %s would come without TLS", host), "give the environment an https address, or choose a name below localhost"}
	}
	taken := ""
	site := beside(own, host)
	switch {
	case same(site, own):
		taken = "the environment's own address"
	case same(site, c.snapshot.Gateway):
		taken = "the gateway's address"
	}
	for _, other := range c.snapshot.Sites {
		if other.URL.Host == site.Host {
			taken = fmt.Sprintf("a host of the brand %q", other.Brand.Name)
		}
	}
	if taken != "" {
		return finding{HostTaken, fmt.Sprintf("%s is %s already", host, taken), "give the brand a host of its own"}
	}
	return finding{}
}

// isHostName tells whether a text is a host name of several labels, no address.
func isHostName(text string) bool {
	last := text[strings.LastIndexByte(text, '.')+1:]
	return len(text) <= 253 && plainDomain.MatchString(text) && strings.Trim(last, "0123456789") != ""
}

// beside is the base of the pages at another host.
func beside(own *url.URL, host string) *url.URL {
	at := *own
	at.Host = host
	if port := own.Port(); port != "" {
		at.Host += ":" + port
	}
	return &at
}

// otherSites are the bases of the brands' hosts in another environment of the
// tenant, of which own is the address.
func (c *checker) otherSites(own *url.URL, fill *variables) []*url.URL {
	var all []*url.URL
	for _, o := range c.tree.objects {
		brand, is := o.raw.(*Brand)
		if !is || own == nil {
			continue
		}
		for _, text := range brand.Hosts[:min(len(brand.Hosts), MaxHosts)] {
			if host := fill.fill(o.spot(), text); host != "" && isHostName(host) {
				all = append(all, beside(own, host))
			}
		}
	}
	return all
}
