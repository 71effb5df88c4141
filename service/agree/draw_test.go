package agree_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// drawing makes a configuration of a seed: the same seed, the same configuration.
type drawing struct {
	*rand.Rand
	// Each configuration's rules ask for some kinds of conditions only, so that proving
	// it stays quick; all kinds come up with all others.
	attributes []string
	networks   bool
	windows    bool
	ages       bool
	claims     bool
}

// The constants that rules name. [context.draw] knows what lies between them.
var (
	allGroups  = []string{"green", "landlords", "staff"}
	constants  = map[string][]string{"tariff": {"eco", "green"}, "balance": {"10", "20"}, "paperless": {"true", "false"}, "since": {"2024-02-29", "2024-03-05"}}
	networks   = []string{"10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32", "0.0.0.0/0"}
	windows    = []window{{From: "09:00", To: "17:00", Zone: "UTC"}, {Days: []string{"mon"}, From: "22:00", To: "02:00", Zone: "Europe/Berlin"}, {Days: []string{"sat", "sun"}, From: "00:00", To: "24:00", Zone: "UTC"}}
	assurances = []string{"one-factor", "two-factor", "phishing-resistant"}
	ages       = []string{"5m", "1h"}
	rates      = []rate{{1, "1s", 3}, {2, "1s", 2}, {90, "1m", 9}, {90, "1m", 0}}
	kinds      = map[string]string{"read.bill": "customer-read", "write.payment": "customer-write", "read.usage": "customer-read", "read.entry": "system-read", "write.entry": "system-write"}
	targets    = slices.Sorted(maps.Keys(kinds))
)

func draw(seed uint64) *tree {
	d := &drawing{Rand: rand.New(rand.NewPCG(seed, 0x5a11))}
	d.networks, d.windows, d.ages, d.claims = d.chance(3), d.chance(3), d.chance(3), d.chance(4)
	if d.chance(2) {
		d.attributes = one(d, [][]string{{"tariff"}, {"balance"}, {"paperless", "tariff"}, {"since"}, {"balance", "since"}})
	}
	t := &tree{}
	for _, name := range []string{"apps", "partners"}[:1+d.IntN(2)] {
		t.Servers = append(t.Servers, d.server(name))
	}
	for i, name := range []string{"one", "two", "three"}[:1+d.IntN(3)] {
		t.Applications = append(t.Applications, d.application(t, name, i == 0))
	}
	for _, s := range t.Servers {
		d.policies(t, s)
	}
	for i := range d.IntN(3) {
		t.APIs = append(t.APIs, d.api(t, fmt.Sprint("api", i)))
	}
	for i := range d.IntN(3) {
		p := &product{Kind: "product", Name: fmt.Sprint("product", i), Applications: []string{"*"}}
		for _, a := range t.APIs {
			if d.chance(2) {
				p.APIs = append(p.APIs, a.Name)
			}
		}
		if d.chance(2) {
			p.Applications = d.names(t)
		}
		if len(p.APIs) > 0 {
			t.Products = append(t.Products, p)
		}
	}
	return t
}

func (d *drawing) chance(of int) bool { return d.IntN(of) == 0 }

func one[T any](d *drawing, pool []T) T { return pool[d.IntN(len(pool))] }

// some is a part of a pool, in its order, of at least so many.
func some[T any](d *drawing, pool []T, least int) []T {
	picked := []T{}
	for i, v := range pool {
		if d.chance(2) || len(pool)-i <= least-len(picked) {
			picked = append(picked, v)
		}
	}
	return picked
}

func (s *server) names() []string {
	names := []string{}
	for _, o := range s.Scopes {
		names = append(names, o.Name)
	}
	return names
}

func (t *tree) names() (names []string) {
	for _, a := range t.Applications {
		names = append(names, a.Name)
	}
	return names
}

// names are applications, by themselves or by what they wear.
func (d *drawing) names(t *tree) []string {
	if d.chance(4) {
		return []string{one(d, []string{"tag:tier", "tag:tier=partner"})}
	}
	return some(d, t.names(), 1)
}

func (d *drawing) server(name string) *server {
	s := &server{
		Kind: "authorization-server", Name: name, Audience: "https://api.harbourlight.test/" + name,
		Excess: one(d, []string{"refuse", "narrow"}), FallThrough: d.chance(2),
	}
	for i, target := range targets {
		if d.chance(8) && (len(s.Scopes) > 0 || i < len(targets)-1) {
			continue
		}
		s.Scopes = append(s.Scopes, &scope{Name: name + "." + target, Kind: kinds[target], Default: d.chance(3)})
	}
	above := map[string][]string{"read.bill": {"write.payment", "read.usage"}, "read.usage": {"write.payment"}, "read.entry": {"write.entry"}}
	for _, o := range s.Scopes {
		parents := above[o.Name[len(name)+1:]]
		if parents == nil || !d.chance(4) {
			continue
		}
		if parent := name + "." + one(d, parents); s.scope(parent) != nil {
			o.Parent = parent
		}
	}
	if d.chance(2) {
		s.Entitlements = map[string][]string{}
		var customers []string
		for _, o := range s.Scopes {
			if kinds[o.Name[len(name)+1:]][0] == 'c' {
				customers = append(customers, o.Name)
			}
		}
		for _, g := range some(d, allGroups, 0) {
			s.Entitlements[g] = some(d, customers, 0)
		}
	}
	if d.chance(2) {
		s.Lifetimes = &lifetimes{Access: one(d, []string{"", "20m", "2h"}), Refresh: one(d, []string{"", "20d"})}
	}
	if d.claims {
		s.Claims = d.claimsOf(s)
	}
	return s
}

// claimsOf are claims of every source but hooks.
func (d *drawing) claimsOf(s *server) []*claim {
	all := []*claim{
		{Name: "tariff_now", Attribute: "tariff"},
		{Name: "owes", Attribute: "balance"},
		{Name: "paper", Attribute: "paperless"},
		{Name: "circles", Groups: one(d, []string{"*", "l"})},
		{Name: "line", Value: "energy"},
		{Name: "offer", Type: "string", Expression: one(d, []string{offerByTariff, offerByGroup})},
	}
	for _, c := range all {
		c.In = some(d, []string{"access", "id", "userinfo"}, 1)
		if d.chance(3) {
			c.Scopes = some(d, append(s.names(), "profile"), 1)
		}
	}
	return some(d, all, 1)
}

// Expressions of which [claim.value] knows the meaning.
const (
	offerByTariff = "grant == 'client_credentials' ? 'none' : has(customer.attributes.tariff) && customer.attributes.tariff == 'green' ? 'eco' : 'standard'"
	offerByGroup  = "grant == 'client_credentials' ? 'none' : 'landlords' in customer.groups ? 'eco' : 'standard'"
)

func (d *drawing) application(t *tree, name string, first bool) *application {
	a := &application{Kind: "application", Name: name, Type: one(d, []string{"web", "web", "browser", "machine"}), Assigned: map[string][]string{}}
	if first {
		a.Type = "web"
	}
	code, refresh, machine := "authorization_code", "refresh_token", "client_credentials"
	switch a.Type {
	case "machine":
		a.Grants = []string{machine}
	case "web":
		a.Grants = one(d, [][]string{{code, refresh}, {code}, {code, refresh, machine}, {code, machine}, {machine}})
	default:
		a.Grants = one(d, [][]string{{code, refresh}, {code}})
	}
	if slices.Contains(a.Grants, code) {
		a.Redirects = []string{"https://" + name + ".harbourlight.test/callback"}
	}
	if d.chance(2) {
		a.Tags = map[string]string{"tier": one(d, []string{"partner", "own"})}
	}
	for _, s := range t.Servers {
		if first || !d.chance(4) {
			a.Assigned[s.Name] = some(d, s.names(), 0)
		}
	}
	return a
}

func (d *drawing) policies(t *tree, s *server) {
	s.Policies = []*policy{}
	for i := range 1 + d.IntN(3) {
		p := &policy{Name: fmt.Sprint("p", i), Applications: []string{"*"}}
		if d.chance(2) {
			p.Applications = d.names(t)
			// A server's policy names none that it does not serve.
			p.Applications = slices.DeleteFunc(p.Applications, func(name string) bool {
				a := t.application(name)
				if a == nil {
					return false
				}
				_, served := a.Assigned[s.Name]
				return !served
			})
			if len(p.Applications) == 0 {
				continue
			}
		}
		for j := range 1 + d.IntN(4) {
			p.Rules = append(p.Rules, d.rule(s, fmt.Sprintf("r%d", j)))
		}
		s.Policies = append(s.Policies, p)
	}
}

func (d *drawing) rule(s *server, name string) *rule {
	r := &rule{Name: name, Effect: "allow"}
	if d.chance(4) {
		r.Effect = "deny"
	}
	switch d.IntN(8) {
	case 0, 1:
		r.Scopes = []string{"*"}
	case 2:
		r.Scopes = some(d, s.names(), map[string]int{"deny": 1}[r.Effect])
	default:
		r.Scopes = some(d, s.names(), 1)
	}
	if d.chance(4) {
		r.Grants = []string{one(d, []string{"authorization_code", "client_credentials"})}
	}
	if d.chance(2) {
		r.Groups = &groups{}
		if d.chance(2) {
			r.Groups.Any = some(d, allGroups, 1)
		}
		if d.chance(3) {
			r.Groups.None = some(d, allGroups, 1)
		}
	}
	for _, name := range d.attributes {
		if d.chance(2) {
			r.Attributes = append(r.Attributes, d.condition(name))
		}
	}
	if d.networks && d.chance(3) {
		r.Networks = some(d, networks, 1)
	}
	if d.windows && d.chance(3) {
		for _, w := range some(d, windows, 1) {
			r.Times = append(r.Times, &w)
		}
	}
	if r.Effect == "allow" {
		d.gives(r)
	}
	return r
}

// gives adds what only a rule that allows can have.
func (d *drawing) gives(r *rule) {
	if d.chance(3) {
		r.Assurance = one(d, assurances)
	}
	if d.ages && d.chance(3) {
		r.MaxAge = one(d, ages)
	}
	if d.chance(2) {
		r.Lifetimes = &lifetimes{
			Access: one(d, []string{"5m", "15m", "30m", "1h"}), Refresh: one(d, []string{"", "10d", "40d"}), Idle: one(d, []string{"", "1h", "3d"}),
		}
	}
	if d.chance(4) {
		one := one(d, rates)
		r.Rate = &one
	}
}

func (d *drawing) condition(name string) *condition {
	c := &condition{Name: name}
	value := one(d, constants[name])
	switch kind := d.IntN(4); {
	case kind == 0:
		c.Is = some(d, constants[name], 1)
	case kind == 1 || name == "tariff" || name == "paperless":
		c.Not = []string{value}
	case kind == 2:
		c.AtLeast = value
	default:
		c.Below = value
	}
	return c
}

func (d *drawing) api(t *tree, name string) *api {
	a := &api{
		Kind: "api", Name: name, OpenAPI: name + ".json", Path: "/" + name, Servers: []string{one(d, t.Servers).Name},
		Backend: map[string]string{"url": "https://" + name + ".harbourlight.test"},
	}
	if d.chance(3) {
		a.Servers = nil
		for _, s := range t.Servers {
			a.Servers = append(a.Servers, s.Name)
		}
	}
	for i := range 1 + d.IntN(3) {
		o := &operation{Name: fmt.Sprint("op", i)}
		if d.chance(6) {
			a.Public = append(a.Public, o.Name)
		} else {
			for range 1 + d.IntN(2) {
				o.Needs = append(o.Needs, d.need(t, a))
			}
		}
		a.Operations = append(a.Operations, o)
	}
	return a
}

// need is one or two scopes of one server, of one kind of holder.
func (d *drawing) need(t *tree, a *api) []string {
	s := t.server(one(d, a.Servers))
	first := one(d, s.Scopes)
	set := []string{first.Name}
	if other := one(d, s.Scopes); d.chance(3) && other != first && other.Kind[0] == first.Kind[0] {
		set = append(set, other.Name)
	}
	return set
}
