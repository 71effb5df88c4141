package access

import (
	"cmp"
	"slices"
)

// delta is how a rule that holds in a behaviour stands otherwise than on the other
// side. Whether a rule is reached depends on which rules stand before it, not on
// their order.
type delta struct {
	alone  bool    // it does not stand on the other side
	before []*rule // before it on one side only, and not without effect on it
}

// doubt is what could be had for longer, or used more often, on one side by somebody whose ceilings
// are the same on both.
type doubt struct {
	scopes set
	sets   []bool
}

// differ lays out how the two lists of a behaviour differ.
func (p *pairing) differ(b *behaviour) {
	l := b.lists()
	for s := range b.held {
		denied := newSet(len(p.models[is].scopes))
		b.open[s], b.deltas[s] = make([]set, len(b.held[s])), make([]delta, len(b.held[s]))
		for i, r := range b.held[s] {
			if r.effect == Deny {
				denied.or(r.scopes)
				continue
			}
			b.open[s][i] = r.scopes.clone()
			b.open[s][i].and(b.entitled[s])
			b.open[s][i].without(denied)
			if b.deltas[s][i] = l.delta(side(s), i); b.deltas[s][i].alone || b.deltas[s][i].before != nil {
				b.tender[s] = append(b.tender[s], i)
			}
		}
	}
}

// lists are the two lists of a behaviour with what they have in common at either
// end taken apart.
type lists struct {
	*behaviour
	head, tail int
	apart      []*rule // between the ends, on one side only
}

func (b *behaviour) lists() *lists {
	l, one, other := &lists{behaviour: b}, b.outcomes[was], b.outcomes[is]
	short := min(len(one), len(other))
	for l.head < short && one[l.head] == other[l.head] {
		l.head++
	}
	for l.tail < short-l.head && one[len(one)-1-l.tail] == other[len(other)-1-l.tail] {
		l.tail++
	}
	l.apart = l.only(was, len(one)-l.tail, len(other)-l.tail)
	return l
}

func (l *lists) delta(s side, i int) delta {
	if i < l.head {
		return delta{}
	}
	before := l.apart
	if i < len(l.held[s])-l.tail {
		j := slices.Index(l.outcomes[1-s], l.outcomes[s][i])
		if j < 0 {
			return delta{alone: true}
		}
		before = l.only(s, i, j)
	}
	var d delta
	for _, r := range before {
		// A request of OIDC's own alone is covered by every allow rule.
		if r.effect == Allow || r.all || r.scopes.meets(l.held[s][i].scopes) {
			d.before = append(d.before, r)
		}
	}
	return d
}

// only gives the rules that stand before place i on one side or before place j on
// the other, but not both.
func (l *lists) only(s side, i, j int) []*rule {
	var only []*rule
	here, there := l.outcomes[s][:i], l.outcomes[1-s][:j]
	for k := l.head; k < i; k++ {
		if !slices.Contains(there[l.head:], here[k]) {
			only = append(only, l.held[s][k])
		}
	}
	for k := l.head; k < j; k++ {
		if !slices.Contains(here[l.head:], there[k]) {
			only = append(only, l.held[1-s][k])
		}
	}
	return only
}

// doubts leaves out what a shorter request has for as long as any rule gives that
// could be reached on one side only. It is found once for a behaviour.
func (b *behaviour) doubts(p *pairing, refresh bool) *doubt {
	at := 0
	if refresh {
		at = 1
	}
	if b.doubt[at] != nil {
		return b.doubt[at]
	}
	if b.open[was] == nil {
		p.differ(b)
	}
	n := len(p.models[is].scopes)
	d, most, sets := &doubt{newSet(n), make([]bool, len(p.sets))}, make([]measures, n), make([]measures, len(p.sets))
	for s := range b.held {
		for _, i := range b.tender[s] {
			life := b.held[s][i].measures(refresh)
			b.touched(side(s), i).each(func(k int) { most[k].raise(life) })
			for k, t := range p.sets {
				if t.within(b.open[s][i]) {
					sets[k].raise(life)
				}
			}
		}
	}
	for k := range most {
		if one, other := b.deciders[was][k], b.deciders[is][k]; one != nil && other != nil &&
			(most[k].above(one.measures(refresh)) || most[k].above(other.measures(refresh))) {
			d.scopes.add(k)
		}
	}
	for k := range sets {
		one, other := b.sets[was][k], b.sets[is][k]
		d.sets[k] = one != nil && other != nil && (sets[k].above(one.measures(refresh)) || sets[k].above(other.measures(refresh)))
	}
	b.doubt[at] = d
	return d
}

// touched are the scopes for which a tender rule could be reached on one side and
// not on the other.
func (b *behaviour) touched(s side, i int) set {
	d, open := b.deltas[s][i], b.open[s][i]
	touched := newSet(len(open) * 64)
	for _, r := range d.before {
		if r.effect == Deny {
			return open
		}
		both := r.scopes.clone()
		both.and(open)
		touched.or(both)
	}
	if d.alone {
		return open
	}
	return touched
}

// descending gives the places of the allow rules, those of the most of a measure first.
func (b *behaviour) descending(s side, measure int) []int {
	if b.order[s][measure] == nil {
		order := []int{}
		for i, r := range b.held[s] {
			if r.effect == Allow {
				order = append(order, i)
			}
		}
		slices.SortStableFunc(order, func(i, j int) int {
			return cmp.Compare(b.held[s][j].measures(true)[measure], b.held[s][i].measures(true)[measure])
		})
		b.order[s][measure] = order
	}
	return b.order[s][measure]
}
