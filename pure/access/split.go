package access

// splitter parts contexts by the scopes that can be asked for in them. It is
// embedded where scopes are asked for.
type splitter struct {
	parts []set // by depth, to be used again
	scope []int
	asked set
	shelf shelf
}

// each visits the scopes that customers are entitled to of some, with where it is
// those. What it gives holds until it returns.
func (p *splitter) each(g *grid, scopes, where set, visit func(scopes, where set)) {
	p.split(g, scopes, where, g.entitled, func(set, set) bool { return true }, visit)
}

// largest visits the most that can be asked for of a rule's own scopes where it
// holds: those that customers are entitled to and that no rule before it denies. By
// scope, mentions are the rules with it, in order. What may says no to, with more
// scopes than will be left, is left out.
func (p *splitter) largest(g *grid, r *rule, mentions [][]*rule, own, where set, may func(own, where set) bool, visit func(own, where set)) {
	p.split(g, own, where, func(scope int) set {
		open := g.entitled(scope)
		cloned := false
		for _, earlier := range mentions[scope] {
			if earlier == r {
				break
			}
			if earlier.effect != Deny {
				continue
			}
			if denied, failed := g.hold(earlier); failed == holds {
				if !cloned {
					open, cloned = p.shelf.copy(open), true
				}
				open.without(denied)
			}
		}
		return open
	}, may, visit)
}

// split parts where by one scope after the other: whether it is open there.
func (p *splitter) split(g *grid, scopes, where set, open func(int) set, may func(scopes, where set) bool, visit func(scopes, where set)) {
	if !may(scopes, where) {
		return
	}
	p.scope = p.scope[:0]
	p.shelf.clear()
	scopes.each(func(i int) { p.scope = append(p.scope, i) })
	opens := make([]set, len(p.scope))
	for i, scope := range p.scope {
		opens[i] = open(scope)
	}
	for len(p.parts) < 2*len(p.scope) {
		p.parts = append(p.parts, nil)
	}
	p.asked = append(p.asked[:0], scopes...)
	p.descend(0, opens, append(set(nil), where...), may, visit)
}

// descend decides about the scopes from one place on.
func (p *splitter) descend(at int, opens []set, where set, may func(scopes, where set) bool, visit func(scopes, where set)) {
	if at == len(opens) {
		visit(p.asked, where)
		return
	}
	with := append(p.parts[2*at][:0], where...)
	with.and(opens[at])
	p.parts[2*at] = with
	if !with.empty() {
		p.descend(at+1, opens, with, may, visit)
	}
	without := append(p.parts[2*at+1][:0], where...)
	without.without(opens[at])
	p.parts[2*at+1] = without
	if without.empty() {
		return
	}
	scope := p.scope[at]
	p.asked.remove(scope)
	if may(p.asked, without) {
		p.descend(at+1, opens, without, may, visit)
	}
	p.asked.add(scope)
}
