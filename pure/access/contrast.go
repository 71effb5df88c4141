package access

import "slices"

// contrast is how the two lists of a pairing differ. Whether a rule is reached
// depends on which rules stand before it, not on their order.
type contrast struct {
	rules   set // the scopes of rules that stand on one side only, or otherwise
	touched set // those that rules could give for longer, or more often, on one side only
	any     bool
	ceiling bool // what customers are entitled to differs
}

// newContrast lays out how the two lists differ between what they have in common at
// either end.
func newContrast(p *pairing) *contrast {
	n := len(p.models[is].scopes)
	c := &contrast{rules: newSet(n), touched: newSet(n)}
	before, after := p.models[was], p.models[is]
	c.ceiling = before.table != after.table ||
		!slices.EqualFunc(before.entitled, after.entitled, func(a, b set) bool { return slices.Equal(a, b) })
	one, other := p.sides[was].rules, p.sides[is].rules
	short := min(len(one), len(other))
	head, tail := 0, 0
	for head < short && sameRule(one[head], other[head]) {
		head++
	}
	for tail < short-head && sameRule(one[len(one)-1-tail], other[len(other)-1-tail]) {
		tail++
	}
	l := &lists{contrast: c, middle: [2][]*rule{one[head : len(one)-tail], other[head : len(other)-tail]}}
	l.compare(one[len(one)-tail:])
	return c
}

// lists are what two lists of rules do not have in common at either end.
type lists struct {
	*contrast
	middle [2][]*rule
	ids    [2][]int // of rules that say the same
}

// compare finds what is touched in the middle, and in what follows on both sides.
func (l *lists) compare(tail []*rule) {
	if l.any = len(l.middle[was])+len(l.middle[is]) > 0; !l.any {
		return
	}
	l.number()
	apart := l.only(was, len(l.middle[was]), len(l.middle[is]))
	for _, r := range tail {
		l.touch(r, apart)
	}
	for s := range l.middle {
		for i, r := range l.middle[s] {
			l.rules.or(r.scopes)
			if j := slices.Index(l.ids[1-s], l.ids[s][i]); j < 0 {
				l.touched.or(r.scopes)
			} else {
				l.touch(r, l.only(side(s), i, j))
			}
		}
	}
}

func (l *lists) number() {
	var known []*rule
	for s := range l.middle {
		for _, r := range l.middle[s] {
			i := slices.IndexFunc(known, func(k *rule) bool { return sameRule(k, r) })
			if i < 0 {
				i, known = len(known), append(known, r)
			}
			l.ids[s] = append(l.ids[s], i)
		}
	}
}

// only gives the rules that stand before place i on one side or before place j on
// the other, but not both.
func (l *lists) only(s side, i, j int) []*rule {
	var only []*rule
	here, there := l.ids[s][:i], l.ids[1-s][:j]
	for k, id := range here {
		if !slices.Contains(there, id) {
			only = append(only, l.middle[s][k])
		}
	}
	for k, id := range there {
		if !slices.Contains(here, id) {
			only = append(only, l.middle[1-s][k])
		}
	}
	return only
}

// touch notes for which scopes a rule could be reached on one side and not on the
// other.
func (l *lists) touch(r *rule, before []*rule) {
	if r.effect == Deny {
		return
	}
	both := make(set, len(r.scopes))
	for _, b := range before {
		if b.effect == Deny && (b.all || b.scopes.meets(r.scopes)) {
			l.touched.or(r.scopes)
			return
		}
		if b.effect == Allow {
			copy(both, b.scopes)
			both.and(r.scopes)
			l.touched.or(both)
		}
	}
}
