package access

import (
	"cmp"
	"slices"
)

// measures are how long something can be had, and how often it can be used: the life
// of an access token, of a refresh family and of an idle one, in nanoseconds, then
// the pace of calls and their burst. The second and third are zero where the
// application cannot refresh.
type measures [measured]int64

const (
	accessLife = iota
	refreshLife
	idleLife
	pace
	burst
	measured // how many there are
)

// measures are what a rule gives. An idle family ends at the latest with its refresh
// lifetime.
func (r *rule) measures(refresh bool) measures {
	return gives(r.lifetimes, r.rate, refresh)
}

func gives(l Lifetimes, rate Rate, refresh bool) measures {
	m := measures{accessLife: int64(l.Access), pace: rate.pace(), burst: rate.burst()}
	if refresh {
		m[refreshLife], m[idleLife] = int64(l.Refresh), int64(min(l.Idle, l.Refresh))
	}
	return m
}

// stretch is a target of which the most that can be had of a measure differs on the
// two sides.
type stretch struct {
	kind     ChangeKind
	measure  int
	where    set
	from, to int64   // where it differs most
	rates    [2]Rate // there
	at       int     // that place
	asked    set     // on the side that has more
}

// outlast compares how long and how often a pair can have what it can have on both
// sides. The most of a target comes from a rule's own scopes below the ceilings less
// those denied earlier: what covers this largest request covers any smaller one.
func (p *pairing) outlast(m *pair) map[target][]*stretch {
	o := &outlasting{pairing: p, pair: m, found: map[target][]*stretch{}}
	like := m.refresh[was] == m.refresh[is] && slices.Equal(m.assigned[was], m.assigned[is]) && !p.contrast.ceiling
	if like && !p.contrast.any {
		return nil
	}
	scopes := m.assigned[was].clone()
	if scopes.and(m.assigned[is]); like {
		scopes.and(p.contrast.touched)
	}
	scopes.each(func(i int) { o.compare(target{scope: i, set: -1}) })
	for i, s := range p.sets {
		if s.within(m.assigned[was]) && s.within(m.assigned[is]) && (!like || s.within(p.contrast.touched)) {
			o.compare(target{scope: -1, set: i})
		}
	}
	return o.found
}

// outlasting is a pair on its way through the targets.
type outlasting struct {
	pairing *pairing
	pair    *pair
	found   map[target][]*stretch
	shelf   shelf // of one target
}

func (o *outlasting) compare(t target) {
	o.shelf.clear()
	both := o.shelf.copy(o.pairing.had(is, t))
	if both.and(o.pairing.had(was, t)); both.empty() {
		return
	}
	for k := range measured {
		if o.constant(t, k) {
			continue
		}
		before, after := o.most(was, t, k, both), o.most(is, t, k, both)
		for _, one := range before {
			from := o.measures(was, one.rule)[k]
			for _, other := range after {
				if to := o.measures(is, other.rule)[k]; from != to && one.where.meets(other.where) {
					o.note(t, k, [2]gift{one, other}, from, to)
				}
			}
		}
	}
}

func (o *outlasting) measures(s side, r *rule) measures { return r.measures(o.pair.refresh[s]) }

// candidates are the rules that could give a target.
func (o *outlasting) candidates(s side, t target) []*rule {
	v := &o.pairing.sides[s]
	asked := t.asked(o.pairing)
	if asked.empty() {
		return v.rules
	}
	return v.mentions[asked.first()]
}

// constant reports whether all rules give the same of a measure.
func (o *outlasting) constant(t target, measure int) bool {
	first, some := int64(0), false
	for s := range o.pairing.sides {
		for _, r := range o.candidates(side(s), t) {
			if r.effect != Allow {
				continue
			}
			if m := o.measures(side(s), r)[measure]; !some {
				first, some = m, true
			} else if m != first {
				return false
			}
		}
	}
	return true
}

// descending gives the rules that could allow a target, those of the most of a measure
// first.
func (o *outlasting) descending(s side, t target, measure int) []*rule {
	key, v := order{t, measure, o.pair.refresh[s]}, &o.pairing.sides[s]
	rules, known := v.orders[key]
	if !known {
		asked := t.asked(o.pairing)
		for _, r := range o.candidates(s, t) {
			if r.effect == Allow && asked.within(r.scopes) {
				rules = append(rules, r)
			}
		}
		slices.SortStableFunc(rules, func(a, b *rule) int {
			return cmp.Compare(o.measures(s, b)[measure], o.measures(s, a)[measure])
		})
		v.orders[key] = rules
	}
	return rules
}

// most finds what gives the most of a measure in which of some contexts. The rules
// that give more are looked at first, and each only where none did.
func (o *outlasting) most(s side, t target, measure int, where set) []gift {
	var most, alone []gift
	rest := o.shelf.copy(where)
	give := func(g gift) {
		if g.where.meets(rest) {
			here := o.shelf.copy(g.where)
			here.and(rest)
			rest.without(here)
			most = append(most, gift{g.rule, here, g.asked})
		}
	}
	o.pairing.ask(s, t, func(r *rule, where set) { alone = append(alone, gift{rule: r, where: o.shelf.copy(where)}) })
	for _, r := range o.descending(s, t, measure) {
		for _, g := range alone {
			if g.rule == r {
				give(g)
			}
		}
		for _, g := range o.together(s, t, r, rest) {
			give(g)
		}
		if rest.empty() {
			break
		}
	}
	return most
}

// together finds where a rule gives a target to the largest requests for more than it.
func (o *outlasting) together(s side, t target, r *rule, where set) []gift {
	p, v := o.pairing, &o.pairing.sides[s]
	held, failed := v.grid.hold(r)
	if failed != holds || !held.meets(where) {
		return nil
	}
	asked, own := t.asked(p), r.scopes.clone()
	if own.and(o.pair.assigned[s]); slices.Equal(asked, own) || !asked.within(own) {
		return nil
	}
	held = o.shelf.copy(held)
	held.and(where)
	var reached []gift
	through := batch{columns: make([]column, 1)}
	p.largest(v.grid, r, v.mentions, own, held, func(own, _ set) bool {
		return asked.within(own) && !slices.Equal(asked, own)
	}, func(own, where set) {
		through.columns[0] = column{scopes: own, open: o.shelf.copy(where), took: func(by *rule, where set) {
			if by == r {
				reached = append(reached, gift{r, o.shelf.copy(where), own.clone()})
			}
		}}
		// Nothing of it is denied, so that who decides it lists any one of it.
		evaluate(v.mentions[own.first()], v.grid, &through)
	})
	return reached
}

// kindOf is the kind of change of a measure. Rates have one for both of theirs.
func kindOf(measure int, more bool) ChangeKind {
	kind := LongerAccess + ChangeKind(min(measure, pace))
	if !more {
		kind += ShorterAccess - LongerAccess
	}
	return kind
}

// note keeps one stretch for each kind: the one of the most in the end, and of those
// the one that changes most; of rates, the pace before the burst.
func (o *outlasting) note(t target, measure int, by [2]gift, from, to int64) {
	kind := kindOf(measure, from < to)
	where := o.shelf.copy(by[was].where)
	where.and(by[is].where)
	i := slices.IndexFunc(o.found[t], func(k *stretch) bool { return k.kind == kind })
	if i < 0 {
		i = len(o.found[t])
		o.found[t] = append(o.found[t], &stretch{kind: kind, measure: measured, where: make(set, len(where))})
	}
	known := o.found[t][i]
	known.where.or(where)
	if known.measure < measure || (known.measure == measure && (to < known.to || (to == known.to && from >= known.from))) {
		return
	}
	known.measure, known.from, known.to, known.at = measure, from, to, where.first()
	known.rates = [2]Rate{by[was].rule.rate, by[is].rule.rate}
	more := is
	if from > to {
		more = was
	}
	if known.asked = by[more].asked; known.asked == nil {
		known.asked = t.asked(o.pairing)
	}
}

// target is something that can be had: a scope, or one of the pairing's sets.
type target struct{ scope, set int } // -1 for not

func (t target) asked(p *pairing) set {
	if t.set >= 0 {
		return p.sets[t.set]
	}
	one := newSet(len(p.models[is].scopes))
	one.add(t.scope)
	return one
}
