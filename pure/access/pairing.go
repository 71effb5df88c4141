package access

import (
	"encoding/binary"
	"math/bits"
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

	space      *space
	behaviours []*behaviour
	sets       []set // asked as a whole; the first is empty: OIDC's own scopes alone
}

// pair is the applications of a pairing that nothing tells apart.
type pair struct {
	assigned [2]set  // and of the pairing's kind
	uses     [2]bool // the grant
	refresh  [2]bool
	apps     []ApplicationID // empty: the future one
}

// behaviour is the contexts in which the same rules hold on both sides and the
// customer is entitled to the same: whatever is asked, all of them answer alike.
type behaviour struct {
	held     [2][]*rule // up to one that denies everything; of like ones the first
	outcomes [2][]int   // what they do, as a number
	entitled [2]set     // of what any application of the pairing is assigned
	context  context    // one of them
	cells    []int      // all of them, by place in the space
	granted  [2]set     // single scopes
	deciders [2][]*rule // of single scopes, by position
	sets     [2][]*rule // that allow the pairing's sets
	same     bool       // the same rules in the same order, and the same entitlement

	// How long is compared by these, which are made when it is.
	open   [2][]set           // by allow rule: its scopes below the entitlement, less those denied earlier
	deltas [2][]delta         // by allow rule
	tender [2][]int           // the places of allow rules that stand otherwise than on the other side
	order  [2][measured][]int // by measure; see descending
	doubt  [2]*doubt          // of applications that do not refresh, and that do
}

// enumerate finds the behaviours.
func (p *pairing) enumerate(outcome func(*rule) int, from time.Time) error {
	p.atoms(from)
	if len(p.space.atoms) > MaxGroups || p.space.size() > MaxContexts {
		return p.unreviewable()
	}
	found, key := map[string]*behaviour{}, []byte{}
	entitled, ids := p.entitlements()
	var list lister
	p.space.each(func(x *context, _ set, at spot) bool {
		key = binary.AppendUvarint(key[:0], uint64(ids[at.vector]))
		for s := range p.rules {
			list.hold(side(s), p.rules[s], x, outcome)
			for _, o := range list.outcomes[s] {
				key = binary.AppendUvarint(key, uint64(o)+1)
			}
			key = append(key, 0)
		}
		b := found[string(key)]
		if b == nil {
			b = list.behaviour(x)
			b.entitled = entitled[at.vector]
			b.same = slices.Equal(b.outcomes[was], b.outcomes[is]) && slices.Equal(b.entitled[was], b.entitled[is])
			found[string(key)], p.behaviours = b, append(p.behaviours, b)
		}
		b.cells = append(b.cells, p.space.number(at))
		return true
	})
	for _, b := range p.behaviours {
		if !b.same {
			p.answer(b)
		}
	}
	return nil
}

// lister gathers the rules that hold in one context after the other.
type lister struct {
	held     [2][]*rule
	outcomes [2][]int
	seen     []int // by outcome: the last round in which it was
	round    int
}

// hold lists the rules of one side whose conditions hold, of like ones the first.
func (l *lister) hold(s side, rules []*rule, x *context, outcome func(*rule) int) {
	l.held[s], l.outcomes[s] = l.held[s][:0], l.outcomes[s][:0]
	l.round++
	evaluate(rules, x, &batch{exhaust: true, seen: func(r *rule, failed Condition, _ bool) {
		if failed != holds {
			return
		}
		o := outcome(r)
		for o >= len(l.seen) {
			l.seen = append(l.seen, 0)
		}
		if l.seen[o] != l.round {
			l.seen[o] = l.round
			l.held[s], l.outcomes[s] = append(l.held[s], r), append(l.outcomes[s], o)
		}
	}})
}

// behaviour keeps what was gathered.
func (l *lister) behaviour(x *context) *behaviour {
	b := &behaviour{context: *x}
	b.context.groups, b.context.cells = x.groups.clone(), slices.Clone(x.cells)
	for s := range l.held {
		b.held[s], b.outcomes[s] = slices.Clone(l.held[s]), slices.Clone(l.outcomes[s])
	}
	return b
}

// complete answers for the behaviours that are the same on both sides, which is
// not needed before something differs.
func (p *pairing) complete() {
	for _, b := range p.behaviours {
		p.answer(b)
	}
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

// entitlements gives what may be had on each side by vector of groups, and a
// number that is the same for the same.
func (p *pairing) entitlements() (entitled [][2]set, ids []int) {
	if len(p.space.atoms) > MaxGroups {
		return nil, nil
	}
	known := map[string]int{}
	for vector := range 1 << len(p.space.atoms) {
		groups := newSet(len(p.models[is].groups))
		for v := vector; v != 0; v &= v - 1 {
			groups.or(p.space.atoms[bits.TrailingZeros(uint(v))])
		}
		var both [2]set
		for s, m := range p.models {
			both[s] = p.assigned[s].clone()
			if m.table && !p.space.machine {
				both[s].and(m.entitlement(groups))
			}
		}
		key := both[was].key() + both[is].key()
		if _, twice := known[key]; !twice {
			known[key] = len(known)
		}
		entitled, ids = append(entitled, both), append(ids, known[key])
	}
	return entitled, ids
}

// answer asks both sides for every single scope and every set, once.
func (p *pairing) answer(b *behaviour) {
	if b.granted[was] != nil {
		return
	}
	p.ask(b, was)
	if !b.same {
		p.ask(b, is)
		return
	}
	b.granted[is], b.deciders[is], b.sets[is] = b.granted[was], b.deciders[was], b.sets[was]
}

func (p *pairing) ask(b *behaviour, s side) {
	b.granted[s], b.deciders[s] = newSet(len(p.models[s].scopes)), make([]*rule, len(p.models[s].scopes))
	b.sets[s] = make([]*rule, len(p.sets))
	q := batch{singles: b.entitled[s].clone(), won: func(r *rule, scopes set) {
		b.granted[s].or(scopes)
		scopes.each(func(i int) { b.deciders[s][i] = r })
	}}
	var at []int
	for i, t := range p.sets {
		if t.within(b.entitled[s]) && !(t.empty() && p.space.machine) {
			q.columns, at = append(q.columns, column{scopes: t}), append(at, i)
		}
	}
	evaluate(b.held[s], &b.context, &q)
	for i, c := range q.columns {
		if c.decider != nil && c.decider.effect == Allow {
			b.sets[s][at[i]] = c.decider
		}
	}
}
