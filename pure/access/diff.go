package access

import (
	"cmp"
	"slices"
	"strings"
)

// Diff compares what two models mean. Nil stands for a model that gives nobody
// anything. It is exact: for every application, the future one included, by every
// grant, for every single scope, every set of the options and OIDC's own scopes
// alone, it knows the contexts that obtain it before and after, and the longest
// lives. What it lists has a witness, and what it does not list has not changed.
//
// Contexts are those that the rules or entitlements of either model can tell
// apart, tried by the same evaluator as [Decide]. The error is [*Unreviewable] or
// [*UnknownSet].
func Diff(before, after *Model, o DiffOptions) (*Difference, error) {
	if before == after {
		d := &Difference{}
		if after != nil {
			d.Server = after.server
		}
		return d, nil
	}
	c, err := newComparison(before, after, o)
	if err != nil {
		return nil, err
	}
	for _, p := range c.pairings {
		if err := c.compare(p); err != nil {
			return nil, err
		}
	}
	c.excess()
	slices.SortStableFunc(c.changes, func(a, b Change) int {
		return cmp.Or(int(a.Kind-b.Kind), strings.Compare(string(a.Application), string(b.Application)),
			strings.Compare(string(a.Grant), string(b.Grant)), slices.Compare(a.Scopes, b.Scopes))
	})
	d := &Difference{Server: c.models[is].server, Changes: c.changes}
	c.attribute(d, o)
	return d, nil
}

// comparison is two models on common positions.
type comparison struct {
	given    [2]*Model // as they came
	absent   [2]bool   // nil came
	models   [2]*Model // placed
	sets     []set
	options  DiffOptions
	pairings []*pairing
	found    map[pairingKey]*pairing
	grids    [2]grid
	changes  []Change
}

type pairingKey struct {
	lines [2]*line
	grant grants
}

func newComparison(before, after *Model, o DiffOptions) (*comparison, error) {
	c := &comparison{options: o, found: map[pairingKey]*pairing{}}
	c.given = [2]*Model{before, after}
	for s, m := range c.given {
		if other := c.given[1-s]; m == nil {
			c.absent[s] = true
			c.given[s], _ = Compile(Spec{Server: other.server})
		}
	}
	common := newCommon(c.given[was], c.given[is])
	c.models = [2]*Model{common.place(c.given[was]), common.place(c.given[is])}
	for _, names := range append([][]Scope{{}}, o.AndSets...) {
		one := newSet(len(common.scopes))
		for _, name := range names {
			position, known := common.scopeAt[name]
			switch {
			case known:
				one.add(position)
			case !IsOIDC(name):
				return nil, &UnknownSet{name}
			}
		}
		if len(c.sets) == 0 || (one.several() && !slices.ContainsFunc(c.sets, func(s set) bool { return slices.Equal(s, one) })) {
			c.sets = append(c.sets, one)
		}
	}
	c.collect()
	return c, nil
}

// collect sorts the applications of both models into pairings.
func (c *comparison) collect() {
	for s, m := range c.models {
		for _, id := range m.order {
			if s == 0 || c.models[was].applications[id] == nil {
				c.join(id, [2]*application{c.models[was].applications[id], c.models[is].applications[id]})
			}
		}
	}
	future := [2]*application{c.models[was].future, c.models[is].future}
	for s := range future {
		if c.absent[s] {
			future[s] = nil
		}
	}
	c.join("", future)
}

func (c *comparison) join(id ApplicationID, apps [2]*application) {
	for i := range decidedGrants {
		key := pairingKey{grant: 1 << i}
		for s, app := range apps {
			if app != nil && app.grants&key.grant != 0 {
				key.lines[s] = app.line
			}
		}
		if key.lines == ([2]*line{}) {
			continue
		}
		p := c.found[key]
		if p == nil {
			p = c.pairing(key)
		}
		p.join(id, apps)
	}
}

func (c *comparison) pairing(key pairingKey) *pairing {
	p := &pairing{models: c.models, grant: key.grant, byKey: map[string]*pair{}, sets: c.sets}
	for s, m := range c.models {
		p.kind[s], p.assigned[s] = m.customer, newSet(len(m.scopes))
		if key.grant == grantBit(ClientCredentials) {
			p.kind[s] = m.system
		}
		if l := key.lines[s]; l != nil {
			p.rules[s] = l.rules
		}
	}
	c.found[key], c.pairings = p, append(c.pairings, p)
	return p
}

// join adds an application, to those that nothing tells from it.
func (p *pairing) join(id ApplicationID, apps [2]*application) {
	m, key := &pair{}, ""
	for s := range apps {
		m.assigned[s] = newSet(len(p.models[s].scopes))
		if app := apps[s]; app != nil && app.grants&p.grant != 0 {
			m.assigned[s] = app.assigned.clone()
			m.assigned[s].and(p.kind[s])
			m.refresh[s] = app.grants&refreshGrant != 0 && p.grant != grantBit(ClientCredentials)
			m.uses[s] = true
		}
		key += m.assigned[s].key()
		for _, bit := range [...]bool{m.refresh[s], m.uses[s]} {
			key += map[bool]string{true: "1", false: "0"}[bit]
		}
		p.assigned[s].or(m.assigned[s])
	}
	if p.byKey[key] == nil {
		p.byKey[key], p.pairs = m, append(p.pairs, m)
	}
	p.byKey[key].apps = append(p.byKey[key].apps, id)
}

// alike reports whether nothing can differ, so that nothing need be tried.
func (c *comparison) alike(p *pairing) bool {
	for _, m := range p.pairs {
		if m.refresh[was] != m.refresh[is] || m.uses[was] != m.uses[is] || !slices.Equal(m.assigned[was], m.assigned[is]) {
			return false
		}
	}
	before, after := c.models[was], c.models[is]
	if before.table != after.table || !slices.Equal(before.defaults, after.defaults) ||
		!slices.EqualFunc(before.entitled, after.entitled, func(a, b set) bool { return slices.Equal(a, b) }) {
		return false
	}
	return slices.EqualFunc(p.rules[was], p.rules[is], sameRule)
}

// sameRule reports whether two placed rules mean the same, whatever their names.
func sameRule(a, b *rule) bool { return sameConditions(a, b) && slices.Equal(a.scopes, b.scopes) }

// sameWords reports whether two placed rules say the same; what their scopes stand
// for may differ by other edits.
func sameWords(a, b *rule) bool { return sameConditions(a, b) && slices.Equal(a.lists, b.lists) }

func sameConditions(a, b *rule) bool {
	return a.effect == b.effect && a.grants == b.grants && a.ask == b.ask && a.assurance == b.assurance &&
		a.all == b.all && a.lifetimes == b.lifetimes && a.maxAge == b.maxAge && a.rate == b.rate &&
		slices.Equal(a.anyOf, b.anyOf) && slices.Equal(a.noneOf, b.noneOf) && sameAttributes(a.attributes, b.attributes) &&
		slices.Equal(a.networks, b.networks) && (a.networks == nil) == (b.networks == nil) &&
		(a.windows == nil) == (b.windows == nil) && sameWindows(a.windows, b.windows)
}

func sameAttributes(a, b []attributeRule) bool {
	return slices.EqualFunc(a, b, func(a, b attributeRule) bool { return a.domain == b.domain && slices.Equal(a.holds, b.holds) })
}

// compare finds all changes of a pairing's applications.
func (c *comparison) compare(p *pairing) error {
	if c.alike(p) {
		return nil
	}
	if err := p.lay(&c.grids, c.options.From); err != nil {
		return err
	}
	r := &reading{comparison: c, pairing: p, told: map[string][]finding{}, covers: map[string][]Population{}}
	for _, m := range p.pairs {
		r.obtain(m)
		r.last(m)
	}
	r.defaults()
	return nil
}

// excess notes that requests above the ceilings are treated otherwise.
func (c *comparison) excess() {
	if c.models[was].excess != c.models[is].excess && !c.absent[was] && !c.absent[is] {
		c.changes = append(c.changes, Change{Kind: OtherExcess})
	}
}
