package access

import (
	"fmt"
	"net/netip"
	"slices"
	"time"
)

func (c *compiler) policies() {
	seen := map[PolicyName]bool{}
	for i, spec := range c.spec.Policies {
		path := fmt.Sprintf("policies[%d]", i)
		c.name(path, string(spec.Name))
		if seen[spec.Name] {
			c.refuse(path, fmt.Sprintf("policy %s is already declared", spec.Name), "rename one of them")
		}
		seen[spec.Name] = true
		p := &policy{name: spec.Name, all: spec.All, named: map[ApplicationID]bool{}}
		c.members(path, spec, p)
		names := map[RuleName]bool{}
		for j, r := range spec.Rules {
			at := fmt.Sprintf("%s.rules[%d]", path, j)
			if names[r.Name] {
				c.refuse(at, fmt.Sprintf("rule %s is already in this policy", r.Name), "rename one of them")
			}
			names[r.Name] = true
			p.rules = append(p.rules, c.rule(at, i, r))
		}
		c.model.policies = append(c.model.policies, p)
	}
}

func (c *compiler) members(path string, spec PolicySpec, p *policy) {
	switch {
	case spec.All && len(spec.Applications) > 0:
		c.refuse(path+".applications", "names applications and all of them", "keep one")
	case !spec.All && spec.Applications == nil:
		c.refuse(path+".applications", "names no application", "list some, or write all")
	}
	for i, id := range spec.Applications {
		if c.model.applications[id] == nil {
			c.refuse(fmt.Sprintf("%s.applications[%d]", path, i), fmt.Sprintf("application %s is not declared", id), "declare it under applications or correct the name")
		}
		p.named[id] = true
	}
}

func (c *compiler) rule(path string, policy int, s RuleSpec) *rule {
	c.name(path, string(s.Name))
	r := &rule{
		policy: policy, name: s.Name, effect: s.Effect, assurance: s.Assurance,
		ask: s.AnyOf != nil, all: s.AllScopes, lifetimes: s.Lifetimes.or(c.spec.Lifetimes).or(DefaultLifetimes()),
		maxAge: s.MaxAge, rate: s.Rate,
	}
	r.grants = c.ruleGrants(path+".grants", s.Grants)
	r.anyOf = c.groupSet(path+".groups.anyOf", s.AnyOf)
	r.noneOf = c.groupSet(path+".groups.noneOf", s.NoneOf)
	r.groupNames = [2][]Group{slices.Clone(s.AnyOf), slices.Clone(s.NoneOf)}
	if r.ask && len(s.AnyOf) == 0 {
		c.refuse(path+".groups.anyOf", "is an empty list, which nobody can meet", "list groups, or remove it to mean everybody")
	}
	r.attributes = c.attributes(path+".attributes", s)
	r.networks = c.networks(path+".networks", s.Networks)
	r.windows = c.windows(path+".windows", s.Windows)
	r.lists = c.ruleScopes(path, s)
	c.effect(path, s, r)
	c.neverMatches(path, r)
	return r
}

func (c *compiler) ruleGrants(path string, names []GrantType) grants {
	if names == nil {
		return grantBit(AuthorizationCode) | grantBit(ClientCredentials)
	}
	if len(names) == 0 {
		c.refuse(path, "is an empty list, which nothing can meet", "list grant types, or remove it to mean all")
	}
	var all grants
	for i, g := range names {
		at, bit := fmt.Sprintf("%s[%d]", path, i), grantBit(g)
		switch bit {
		case 0:
			c.refuse(at, fmt.Sprintf("grant type %q is not known", g), "use authorization_code or client_credentials")
		case refreshGrant:
			c.refuse(at, "a refresh is decided by its original grant type", "name that one")
		}
		all |= bit
	}
	return all
}

func (c *compiler) networks(path string, networks []netip.Prefix) []netip.Prefix {
	if networks != nil && len(networks) == 0 {
		c.refuse(path, "is an empty list, which no address can meet", "list networks, or remove it to mean everywhere")
	}
	var compiled []netip.Prefix
	for i, network := range networks {
		p, ok := prefix(network)
		if !ok {
			c.refuse(fmt.Sprintf("%s[%d]", path, i), "is not a network", "write it as 192.0.2.0/24 or 2001:db8::/32")
		}
		compiled = append(compiled, p)
	}
	return compiled
}

func (c *compiler) windows(path string, windows []Window) []Window {
	if windows != nil && len(windows) == 0 {
		c.refuse(path, "is an empty list, which no instant can meet", "list windows, or remove it to mean always")
	}
	var compiled []Window
	for i, w := range windows {
		at := fmt.Sprintf("%s[%d]", path, i)
		if w.Zone == nil {
			c.refuse(at+".zone", "has no time zone", "name one, such as Europe/London")
		}
		if w.From < 0 || w.From >= day || w.To < 0 || w.To > day || w.From == w.To {
			c.refuse(at, "is no span of the day", "let from and to be two times between 00:00 and 24:00")
		}
		if slices.ContainsFunc(w.Days, func(d time.Weekday) bool { return d < time.Sunday || d > time.Saturday }) {
			c.refuse(at+".days", "has a day outside the week", "use Sunday to Saturday")
		}
		w.Days = slices.Clone(w.Days)
		compiled = append(compiled, w)
	}
	return compiled
}

func (c *compiler) ruleScopes(path string, s RuleSpec) set {
	if s.AllScopes {
		if len(s.Scopes) > 0 {
			c.refuse(path+".scopes", "lists scopes and all of them", "keep one")
		}
		return c.model.all
	}
	switch {
	case s.Scopes == nil:
		c.refuse(path+".scopes", "has no scopes", "list them, or write * for all below the ceilings")
	case len(s.Scopes) == 0 && s.Effect == Deny:
		c.refuse(path+".scopes", "is an empty list, which denies nothing", "list scopes, or write * for all")
	}
	return c.scopeSet(path+".scopes", s.Scopes)
}

// effect checks what only an allow rule may say.
func (c *compiler) effect(path string, s RuleSpec, r *rule) {
	switch s.Effect {
	case Allow:
		c.lifetimes(path+".lifetimes", r.lifetimes)
		if s.Assurance < NoAssurance || s.Assurance > PhishingResistant {
			c.refuse(path+".assurance", "is no level of assurance", "use none, one-factor, two-factor or phishing-resistant")
		}
		c.limits(path, r)
	case Deny:
		if s.Assurance != NoAssurance {
			c.refuse(path+".assurance", "a deny rule with a least assurance would open to the weaker sign-in", "ask for the assurance on the allow rules")
		}
		if s.Lifetimes != (Lifetimes{}) {
			c.refuse(path+".lifetimes", "a deny rule issues nothing", "remove them")
		}
		if s.MaxAge != 0 {
			c.refuse(path+".maxAge", "a deny rule with a most recent sign-in would open to the older one", "ask for it on the allow rules")
		}
		if s.Rate != (Rate{}) {
			c.refuse(path+".rate", "a deny rule issues nothing", "remove it")
		}
	default:
		c.refuse(path+".effect", "is neither allow nor deny", "choose one of them")
	}
}

// limits checks how long ago and how often, of an allow rule.
func (c *compiler) limits(path string, r *rule) {
	if r.maxAge < 0 || r.maxAge > MaxSignInAge || r.maxAge%time.Second != 0 {
		c.refuse(path+".maxAge", "is not of whole seconds up to five years", "write a duration such as 10m")
	}
	if r.rate == (Rate{}) {
		return
	}
	if r.rate.Burst == 0 {
		r.rate.Burst = r.rate.Calls
	}
	if wrong := r.rate.wrong(); wrong != "" {
		c.refuse(path+".rate", wrong, "write calls, the time in which they are allowed, and how many at once")
	}
}

func (c *compiler) lifetimes(path string, l Lifetimes) {
	switch {
	case l.Access < time.Second || l.Refresh < time.Second || l.Idle < time.Second:
		c.refuse(path, "is shorter than a second", "write a duration such as 15m")
	case l.Access > day:
		c.refuse(path+".access", "lets an access token live for more than a day", "shorten it and refresh instead")
	case l.Idle > l.Refresh:
		c.warn(path+".idle", "is longer than the refresh lifetime, which ends first", "shorten it")
	}
}

// neverMatches warns of conditions that exclude each other.
func (c *compiler) neverMatches(path string, r *rule) {
	machine, person := r.grants == grantBit(ClientCredentials), r.grants == grantBit(AuthorizationCode)
	switch {
	case machine && r.ask:
		c.warn(path+".groups.anyOf", "a machine is in no group, so the rule never matches", "remove the groups or the grant")
	case machine && r.assurance > NoAssurance:
		c.warn(path+".assurance", "a machine has no assurance, so the rule never matches", "remove it or the grant")
	case machine && r.maxAge > 0:
		c.warn(path+".maxAge", "a machine does not sign in, so the rule never matches", "remove it or the grant")
	case machine && r.attributes != nil:
		c.warn(path+".attributes", "a machine has no attributes, so the rule never matches", "remove them or the grant")
	case r.ask && !r.anyOf.empty() && r.anyOf.within(r.noneOf):
		c.warn(path+".groups", "every group of any-of is in none-of, so the rule never matches", "remove one of them")
	}
	if r.all || r.effect != Allow {
		return
	}
	if person && r.lists.meets(c.model.system) {
		c.warn(path+".scopes", "lists a system scope, but is for customers only", "remove it or add client_credentials")
	}
	if machine && r.lists.meets(c.model.customer) {
		c.warn(path+".scopes", "lists a customer scope, but is for machines only", "remove it or add authorization_code")
	}
}
