package access

import (
	"cmp"
	"slices"
	"strings"
)

// common is the scopes and groups of two models, so that both can be placed on
// the same positions and tried in the same contexts.
type common struct {
	scopes  []Scope
	groups  []Group
	domains []domain
	scopeAt map[Scope]int
	groupAt map[Group]int
}

func newCommon(a, b *Model) *common {
	c := &common{scopeAt: map[Scope]int{}, groupAt: map[Group]int{}}
	for _, m := range [...]*Model{a, b} {
		for _, s := range m.scopes {
			c.scopes = append(c.scopes, s.Name)
		}
		c.groups = append(c.groups, m.groups...)
	}
	slices.Sort(c.scopes)
	slices.Sort(c.groups)
	c.scopes, c.groups = slices.Compact(c.scopes), slices.Compact(c.groups)
	c.domains = commonDomains(a.domains, b.domains)
	for i, s := range c.scopes {
		c.scopeAt[s] = i
	}
	for i, g := range c.groups {
		c.groupAt[g] = i
	}
	return c
}

// place gives the same model on the common positions. What it does not declare
// has a position there, and is in none of its sets.
func (c *common) place(m *Model) *Model {
	if len(m.scopes) == len(c.scopes) && len(m.groups) == len(c.groups) && slices.EqualFunc(m.domains, c.domains, sameDomain) {
		return m
	}
	n := &Model{
		server: m.server, excess: m.excess, fallThrough: m.fallThrough, table: m.table,
		position: c.scopeAt, groups: c.groups, groupPosition: c.groupAt, domains: c.domains,
		all: c.moved(m, m.all), customer: c.moved(m, m.customer), system: c.moved(m, m.system), defaults: c.moved(m, m.defaults),
		applications: map[ApplicationID]*application{}, order: m.order,
	}
	for _, name := range c.scopes {
		spec, parent := ScopeSpec{Name: name}, -1
		if i, known := m.position[name]; known {
			if spec = m.scopes[i]; spec.Parent != "" {
				parent = c.scopeAt[spec.Parent]
			}
		}
		n.scopes, n.families.parents = append(n.scopes, spec), append(n.families.parents, parent)
	}
	for _, g := range c.groups {
		lists := newSet(len(c.scopes))
		if i, known := m.groupPosition[g]; known {
			lists = c.moved(m, m.entitles[i])
		}
		n.entitles = append(n.entitles, lists)
	}
	for id, app := range m.applications {
		n.applications[id] = &application{id: id, assigns: c.moved(m, app.assigns), grants: app.grants}
	}
	n.future = &application{assigns: n.all, grants: m.future.grants}
	for _, p := range m.policies {
		n.policies = append(n.policies, c.policy(m, p))
	}
	n.families.trace()
	n.expand()
	n.share()
	return n
}

func (c *common) policy(m *Model, p *policy) *policy {
	placed := &policy{name: p.name, all: p.all, named: p.named}
	for _, r := range p.rules {
		copied := *r
		copied.lists, copied.anyOf, copied.noneOf = c.moved(m, r.lists), newSet(len(c.groups)), newSet(len(c.groups))
		r.anyOf.each(func(i int) { copied.anyOf.add(c.groupAt[m.groups[i]]) })
		r.noneOf.each(func(i int) { copied.noneOf.add(c.groupAt[m.groups[i]]) })
		copied.attributes = c.attributes(m, r)
		placed.rules = append(placed.rules, &copied)
	}
	return placed
}

// moved is a set of a model's scopes on the common positions.
func (c *common) moved(m *Model, s set) set {
	moved := newSet(len(c.scopes))
	s.each(func(i int) { moved.add(c.scopeAt[m.scopes[i].Name]) })
	return moved
}

// attributes are a rule's conditions on the common cells.
func (c *common) attributes(m *Model, r *rule) []attributeRule {
	var moved []attributeRule
	for _, a := range r.attributes {
		from := &m.domains[a.domain]
		to := slices.IndexFunc(c.domains, func(d domain) bool { return d.AttributeSpec == from.AttributeSpec })
		holds := newSet(c.domains[to].cells())
		for cell := range c.domains[to].cells() {
			if value, some := c.domains[to].value(cell); some && a.holds.has(from.cell(value)) {
				holds.add(cell)
			}
		}
		moved = append(moved, attributeRule{to, holds, a.text})
	}
	return moved
}

// commonDomains tell apart what either list does. An attribute of two types has two
// of them.
func commonDomains(a, b []domain) []domain {
	var all []domain
	for _, d := range slices.Concat(a, b) {
		at := slices.IndexFunc(all, func(o domain) bool { return o.AttributeSpec == d.AttributeSpec })
		if at < 0 {
			all = append(all, domain{AttributeSpec: d.AttributeSpec, texts: slices.Clone(d.texts), cuts: slices.Clone(d.cuts)})
			continue
		}
		all[at].texts, all[at].cuts = append(all[at].texts, d.texts...), append(all[at].cuts, d.cuts...)
		all[at].settle()
	}
	slices.SortFunc(all, func(a, b domain) int {
		return cmp.Or(strings.Compare(string(a.Name), string(b.Name)), cmp.Compare(a.Type, b.Type))
	})
	return all
}

func sameDomain(a, b domain) bool {
	return a.AttributeSpec == b.AttributeSpec && slices.Equal(a.texts, b.texts) && slices.Equal(a.cuts, b.cuts)
}
