package access

import (
	"slices"
	"time"
)

// side is one of the two models of a comparison.
type side int

const (
	was side = iota
	is
)

// pairing is all applications that the same rules decided for and the same rules
// decide for now, by one grant. It is compared in each context that either list
// of rules can tell apart, by the evaluator that issues.
type pairing struct {
	models   [2]*Model // on common positions
	grant    grants
	rules    [2][]*rule // none where the application cannot use the grant
	kind     [2]set     // scopes that the grant can carry
	assigned [2]set     // to any of the pairs
	pairs    []*pair
	byKey    map[string]*pair

	space    *space
	sets     []set // asked as a whole; the first is empty: OIDC's own scopes alone
	sides    [2]view
	contrast *contrast
	splitter
}

// pair is the applications of a pairing that nothing tells apart.
type pair struct {
	assigned [2]set  // and of the pairing's kind
	uses     [2]bool // the grant
	refresh  [2]bool
	apps     []ApplicationID // empty: the future one
}

// view is one side of a pairing in all contexts side by side.
type view struct {
	grid     *grid
	rules    []*rule        // that are for the grant
	mentions [][]*rule      // those with a scope
	having   map[target]set // where something can be had, once asked
	orders   map[order][]*rule
}

// order is by what rules are ordered for a target.
type order struct {
	target  target
	measure int
	refresh bool
}

// gift is what a rule gives somewhere.
type gift struct {
	rule  *rule
	where set
	asked set // the request that reaches the rule; nil: the target alone
}

// lay lays out both sides, with the grids of a comparison.
func (p *pairing) lay(grids *[2]grid, from time.Time) error {
	p.atoms(from)
	size := p.space.size()
	if len(p.space.atoms) > MaxGroups || size > MaxContexts {
		return p.unreviewable()
	}
	for s, m := range p.models {
		v := &p.sides[s]
		v.grid = &grids[s]
		v.grid.lay(m, p.space, 0, size)
		v.mentions, v.having, v.orders = make([][]*rule, len(m.scopes)), map[target]set{}, map[order][]*rule{}
		own := newSet(len(m.scopes))
		for _, r := range p.rules[s] {
			if r.grants&p.grant == 0 {
				continue
			}
			v.rules = append(v.rules, r)
			copy(own, r.scopes)
			own.and(p.assigned[s])
			own.each(func(i int) { v.mentions[i] = append(v.mentions[i], r) })
		}
	}
	p.contrast = newContrast(p)
	return nil
}

// had gives where one side has a target.
func (p *pairing) had(s side, t target) set {
	v := &p.sides[s]
	where, known := v.having[t]
	if !known {
		where = v.grid.set()
		v.having[t] = where
		p.ask(s, t, func(_ *rule, here set) { where.or(here) })
	}
	return where
}

// ask asks one side for a target in all contexts. What took hears is not its own.
func (p *pairing) ask(s side, t target, took func(r *rule, where set)) {
	v, asked := &p.sides[s], t.asked(p)
	if asked.empty() && p.space.machine || !asked.within(p.assigned[s]) {
		return
	}
	p.shelf.clear()
	open := p.shelf.take(len(v.grid.all))
	v.grid.below(asked, open)
	evaluate(v.with(asked), v.grid, &batch{columns: []column{{scopes: asked, open: open, took: func(r *rule, where set) {
		if r.effect == Allow {
			took(r, where)
		}
	}}}})
}

// with gives the rules that can have to do with a request.
func (v *view) with(asked set) []*rule {
	if asked.several() || asked.empty() {
		return v.rules
	}
	return v.mentions[asked.first()]
}

func (p *pairing) unreviewable() error {
	var names []PolicyName
	for s, m := range p.models {
		for _, r := range p.rules[s] {
			if name := m.policies[r.policy].name; !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return p.space.unreviewable(names)
}

// atoms merges the groups that no rule and no entitlement tells apart on either
// side, so that one of them can stand for any.
func (p *pairing) atoms(from time.Time) {
	var rules []*rule
	p.space, rules = cut(p.models[is], slices.Concat(p.rules[was], p.rules[is]), p.grant, from)
	if p.space.machine {
		return
	}
	for _, r := range rules {
		p.space.ruleGroups.or(r.anyOf)
		p.space.ruleGroups.or(r.noneOf)
	}
	alike := map[string]int{}
	for g := range p.models[is].groups {
		key, matters := roles(rules, g), p.space.ruleGroups.has(g)
		for s, m := range p.models {
			if m.table {
				entitled := m.entitled[g].clone()
				entitled.and(p.assigned[s])
				key, matters = key+entitled.key(), matters || !entitled.empty()
			}
		}
		if !matters {
			continue
		}
		if _, known := alike[key]; !known {
			alike[key] = len(p.space.atoms)
			p.space.atoms = append(p.space.atoms, newSet(len(p.models[is].groups)))
		}
		p.space.atoms[alike[key]].add(g)
	}
}
