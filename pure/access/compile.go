package access

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Limits of a [Spec]. They bound memory and time, not what can be meant.
const (
	MaxScopes       = 4096
	MaxApplications = 100_000
	MaxRules        = 10_000 // of all policies together
	maxName         = 200    // bytes
)

// Compile checks a spec and indexes it. It reports every mistake it finds; the
// model is nil if any of them is more than a warning. The spec is not kept.
func Compile(s Spec) (*Model, []Problem) {
	c := &compiler{spec: s, model: &Model{
		server: s.Server, excess: s.Excess, fallThrough: s.FallThrough, table: s.Entitlements != nil,
		position: map[Scope]int{}, groupPosition: map[Group]int{}, applications: map[ApplicationID]*application{},
	}}
	if !c.sized() {
		return nil, c.problems
	}
	c.server()
	c.scopes()
	c.parents()
	c.groups()
	c.domains()
	c.entitlements()
	c.applications()
	c.policies()
	if slices.ContainsFunc(c.problems, func(p Problem) bool { return !p.Warning }) {
		return nil, c.problems
	}
	c.model.expand()
	c.model.share()
	return c.model, c.problems
}

// compiler fills a model and collects problems on the way.
type compiler struct {
	spec     Spec
	model    *Model
	problems []Problem
}

func (c *compiler) refuse(path, what, fix string) {
	c.problems = append(c.problems, Problem{Path: path, What: what, Fix: fix})
}

func (c *compiler) warn(path, what, fix string) {
	c.problems = append(c.problems, Problem{Path: path, What: what, Fix: fix, Warning: true})
}

// sized refuses what is too large to be looked at.
func (c *compiler) sized() bool {
	rules := 0
	for _, p := range c.spec.Policies {
		rules += len(p.Rules)
	}
	for _, limit := range []struct {
		path     string
		has, max int
	}{
		{"scopes", len(c.spec.Scopes), MaxScopes},
		{"applications", len(c.spec.Applications), MaxApplications},
		{"policies", max(rules, len(c.spec.Policies)), MaxRules},
	} {
		if limit.has > limit.max {
			c.refuse(limit.path, fmt.Sprintf("there are more than %d", limit.max), "divide them among several authorization servers")
		}
	}
	return len(c.problems) == 0
}

func (c *compiler) server() {
	c.name("server", string(c.spec.Server))
	if c.spec.Excess != RefuseExcess && c.spec.Excess != NarrowExcess {
		c.refuse("excess", "is neither refuse nor narrow", "choose one of them")
	}
	c.lifetimes("lifetimes", c.spec.Lifetimes.or(DefaultLifetimes()))
}

// name refuses what cannot be a name in a trace or a URL.
func (c *compiler) name(path, name string) {
	switch {
	case name == "":
		c.refuse(path, "has no name", "give it one")
	case len(name) > maxName:
		c.refuse(path, fmt.Sprintf("its name is longer than %d bytes", maxName), "shorten it")
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		c.refuse(path, "its name has control characters", "remove them")
	}
}

// groups gives a position to each group that is mentioned anywhere, by name.
func (c *compiler) groups() {
	m := c.model
	note := func(groups []Group) {
		for _, g := range groups {
			m.groupPosition[g] = 0
		}
	}
	for g := range c.spec.Entitlements {
		m.groupPosition[g] = 0
	}
	for _, p := range c.spec.Policies {
		for _, r := range p.Rules {
			note(r.AnyOf)
			note(r.NoneOf)
		}
	}
	for g := range m.groupPosition {
		m.groups = append(m.groups, g)
	}
	slices.Sort(m.groups)
	for i, g := range m.groups {
		m.groupPosition[g] = i
	}
}

func (c *compiler) groupSet(path string, groups []Group) set {
	s := newSet(len(c.model.groups))
	for i, g := range groups {
		c.name(fmt.Sprintf("%s[%d]", path, i), string(g))
		s.add(c.model.groupPosition[g])
	}
	return s
}

func (c *compiler) entitlements() {
	m := c.model
	m.entitles = make([]set, len(m.groups))
	for i, g := range m.groups {
		path := fmt.Sprintf("entitlements[%s]", g)
		m.entitles[i] = c.scopeSet(path, c.spec.Entitlements[g])
		if m.entitles[i].meets(m.system) {
			c.refuse(path, "lists a system scope, which no customer can have", "remove it")
		}
	}
	if _, unnamed := c.spec.Entitlements[""]; unnamed {
		c.refuse("entitlements", "has a group without a name", "give it one")
	}
}

func (c *compiler) applications() {
	m := c.model
	for i, a := range c.spec.Applications {
		path := fmt.Sprintf("applications[%d]", i)
		c.name(path, string(a.ID))
		app := &application{id: a.ID, assigns: c.scopeSet(path+".scopes", a.Scopes)}
		for j, g := range a.Grants {
			if grantBit(g) == 0 {
				c.refuse(fmt.Sprintf("%s.grants[%d]", path, j), fmt.Sprintf("grant type %q is not known", g), "use authorization_code, client_credentials or refresh_token")
			}
			app.grants |= grantBit(g)
		}
		if m.applications[a.ID] != nil {
			c.refuse(path, fmt.Sprintf("application %s is already declared", a.ID), "remove one of them")
			continue
		}
		c.unusable(path, app)
		m.applications[a.ID] = app
		m.order = append(m.order, a.ID)
	}
	// The future application stands for what assignment alone would open, so
	// that it is bounded by policies only.
	m.future = &application{assigns: m.all, grants: grantBit(AuthorizationCode) | grantBit(ClientCredentials)}
}

// unusable warns of scopes that no grant of the application can reach.
func (c *compiler) unusable(path string, app *application) {
	if app.assigns.meets(c.model.system) && app.grants&grantBit(ClientCredentials) == 0 {
		c.warn(path+".scopes", "has a system scope without the client_credentials grant", "remove the scope or allow the grant")
	}
	if app.assigns.meets(c.model.customer) && app.grants&grantBit(AuthorizationCode) == 0 {
		c.warn(path+".scopes", "has a customer scope without a customer's grant", "remove the scope or allow authorization_code")
	}
}

// share gives one list of rules to all applications that the same policies name.
func (m *Model) share() {
	shared := map[string]*line{}
	considered := map[*application][]int{}
	consider := func(app *application, policy int) {
		if m.fallThrough || len(considered[app]) == 0 {
			considered[app] = append(considered[app], policy)
		}
	}
	for i, p := range m.policies {
		for id := range p.named {
			consider(m.applications[id], i)
		}
		if p.all {
			for _, app := range m.applications {
				consider(app, i)
			}
			consider(m.future, i)
		}
	}
	find := func(app *application) *line {
		key := fmt.Sprint(considered[app])
		if shared[key] == nil {
			shared[key] = m.line(considered[app])
		}
		return shared[key]
	}
	for _, app := range m.applications {
		app.line = find(app)
	}
	m.future.line = find(m.future)
}

func (m *Model) line(policies []int) *line {
	l := &line{policies: policies}
	for _, i := range policies {
		l.rules = append(l.rules, m.policies[i].rules...)
	}
	for _, r := range l.rules {
		if r.maxAge > 0 && !slices.Contains(l.ages, r.maxAge) {
			l.ages = append(l.ages, r.maxAge)
		}
	}
	slices.SortFunc(l.ages, func(a, b time.Duration) int { return cmp.Compare(b, a) })
	return l
}

// prefix gives a network in the form in which addresses are compared.
func prefix(p netip.Prefix) (netip.Prefix, bool) {
	if p.IsValid() && p.Addr().Is4In6() {
		if p.Bits() < 96 {
			return p, false
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), p.IsValid()
}
