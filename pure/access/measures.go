package access

import "slices"

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

func (l *measures) raise(m measures) {
	for i := range l {
		l[i] = max(l[i], m[i])
	}
}

// above reports whether any of the measures is more than m's.
func (l measures) above(m measures) bool {
	for i := range l {
		if l[i] > m[i] {
			return true
		}
	}
	return false
}

// stretch is a target of which the most that can be had of a measure differs on the
// two sides.
type stretch struct {
	kind       ChangeKind
	measure    int
	behaviours []int
	from, to   int64   // where it differs most
	rates      [2]Rate // there
	at         int     // that behaviour
	asked      set     // on the side that has more
}

// outlast compares how long and how often a pair can have what it can have on both
// sides. The most of a target comes from a rule's own scopes below the ceilings less
// those denied earlier: what covers this largest request covers any smaller one.
func (p *pairing) outlast(m *pair) map[target][]*stretch {
	o := &outlasting{pairing: p, pair: m, found: map[target][]*stretch{}, ask: batch{columns: make([]column, 1)}}
	n := len(p.models[is].scopes)
	o.own, o.ceilings = newSet(n), [2]set{newSet(n), newSet(n)}
	for i, b := range p.behaviours {
		if b.same && m.refresh[was] == m.refresh[is] && slices.Equal(m.assigned[was], m.assigned[is]) {
			continue
		}
		p.answer(b)
		o.compare(i, b)
	}
	return o.found
}

// outlasting is a pair on its way through the behaviours.
type outlasting struct {
	pairing  *pairing
	pair     *pair
	found    map[target][]*stretch
	targets  []target
	ceilings [2]set    // in this behaviour
	asked    [2][]byte // of its rules' own scopes: not yet, reached, not reached
	own      set
	ask      batch
}

func (o *outlasting) compare(i int, b *behaviour) {
	for s := range o.ceilings {
		copy(o.ceilings[s], b.entitled[s])
		o.ceilings[s].and(o.pair.assigned[s])
		o.asked[s] = append(o.asked[s][:0], make([]byte, len(b.held[s]))...)
	}
	equal := o.pair.refresh[was] == o.pair.refresh[is] && slices.Equal(o.ceilings[was], o.ceilings[is])
	if o.aim(b, equal); len(o.targets) == 0 {
		return
	}
	if equal {
		o.affected(b)
	}
	for _, t := range o.targets {
		for k := range measured {
			from, by := o.most(b, was, t, k)
			to, byNow := o.most(b, is, t, k)
			n := &stretch{measure: k, kind: kindOf(k, from < to), from: from, to: to, at: i}
			n.rates = [2]Rate{o.giver(b, was, t, by).rate, o.giver(b, is, t, byNow).rate}
			switch {
			case from < to:
				o.note(t, n, b, is, byNow)
			case from > to:
				o.note(t, n, b, was, by)
			}
		}
	}
}

// kindOf is the kind of change of a measure. Rates have one for both of theirs.
func kindOf(measure int, more bool) ChangeKind {
	kind := LongerAccess + ChangeKind(min(measure, pace))
	if !more {
		kind += ShorterAccess - LongerAccess
	}
	return kind
}

// aim gathers the targets that can be had on both sides and could differ.
func (o *outlasting) aim(b *behaviour, equal bool) {
	o.targets = o.targets[:0]
	doubts := b.doubts(o.pairing, o.pair.refresh[is])
	scopes := o.own
	copy(scopes, b.granted[was])
	scopes.and(b.granted[is])
	scopes.and(o.ceilings[was])
	scopes.and(o.ceilings[is])
	if equal {
		scopes.and(doubts.scopes)
	}
	scopes.each(func(i int) { o.targets = append(o.targets, target{scope: i, set: -1}) })
	for i, s := range o.pairing.sets {
		if (!equal || doubts.sets[i]) && b.sets[was][i] != nil && b.sets[is][i] != nil && s.within(o.ceilings[was]) && s.within(o.ceilings[is]) {
			o.targets = append(o.targets, target{scope: -1, set: i})
		}
	}
}

// affected leaves only targets that a rule gives more on one side than
// any does on the other, among the rules that may be reached on one side only.
// What gives no more than a target alone gets on either side does not matter.
func (o *outlasting) affected(b *behaviour) {
	var most [2][]measures
	refresh := o.pair.refresh[is]
	matters := func(s, i int) bool {
		l := b.held[s][i].measures(refresh)
		return slices.ContainsFunc(o.targets, func(t target) bool {
			return (l.above(t.decider(b, was).measures(refresh)) || l.above(t.decider(b, is).measures(refresh))) && t.within(o.pairing, b.open[s][i])
		})
	}
	for s := range b.held {
		most[s] = make([]measures, len(o.targets))
		for _, i := range b.tender[s] {
			if !matters(s, i) || !o.tender(b, side(s), i) || !o.reached(b, side(s), i) {
				continue
			}
			for k, t := range o.targets {
				if t.within(o.pairing, b.open[s][i]) {
					most[s][k].raise(b.held[s][i].measures(refresh))
				}
			}
		}
	}
	kept := o.targets[:0]
	for k, t := range o.targets {
		if most[was][k] != most[is][k] {
			kept = append(kept, t)
		}
	}
	o.targets = kept
}

// tender reports whether what stands before a rule on one side only could take
// this pair's largest request from it, or make it smaller.
func (o *outlasting) tender(b *behaviour, s side, i int) bool {
	d := b.deltas[s][i]
	if d.alone {
		return true
	}
	copy(o.own, b.open[s][i])
	o.own.and(o.ceilings[s])
	return slices.ContainsFunc(d.before, func(r *rule) bool { return r.effect == Deny || o.own.within(r.scopes) })
}

// reached reports whether the most that a rule can be asked for comes to it.
func (o *outlasting) reached(b *behaviour, s side, i int) bool {
	if o.asked[s][i] == 0 {
		copy(o.own, b.open[s][i])
		o.own.and(o.ceilings[s])
		o.ask.columns[0] = column{scopes: o.own}
		evaluate(b.held[s][:i+1], &b.context, &o.ask)
		o.asked[s][i] = 2
		if o.ask.columns[0].decider == b.held[s][i] {
			o.asked[s][i] = 1
		}
	}
	return o.asked[s][i] == 1
}

// most is the most of a measure that a target gets, and the place of the rule that
// gives it; -1 if asking for the target alone does.
func (o *outlasting) most(b *behaviour, s side, t target, measure int) (int64, int) {
	refresh := o.pair.refresh[s]
	best := t.decider(b, s).measures(refresh)[measure]
	for _, i := range b.descending(s, measure) {
		m := b.held[s][i].measures(refresh)[measure]
		if m <= best {
			break
		}
		if t.within(o.pairing, b.open[s][i]) && o.reached(b, s, i) {
			return m, i
		}
	}
	return best, -1
}

// giver is the rule at a place, or for -1 the one that asking for the target finds.
func (o *outlasting) giver(b *behaviour, s side, t target, by int) *rule {
	if by < 0 {
		return t.decider(b, s)
	}
	return b.held[s][by]
}

// note keeps one stretch for each kind: the one of the most in the end, and of those
// the one that changes most; of rates, the pace before the burst. The rule at a
// place of a side gives the more.
func (o *outlasting) note(t target, n *stretch, b *behaviour, s side, by int) {
	i := slices.IndexFunc(o.found[t], func(k *stretch) bool { return k.kind == n.kind })
	if i < 0 {
		i = len(o.found[t])
		o.found[t] = append(o.found[t], &stretch{kind: n.kind, measure: measured})
	}
	known := o.found[t][i]
	if len(known.behaviours) == 0 || known.behaviours[len(known.behaviours)-1] != n.at {
		known.behaviours = append(known.behaviours, n.at)
	}
	if known.measure < n.measure || (known.measure == n.measure && (n.to < known.to || (n.to == known.to && n.from >= known.from))) {
		return
	}
	known.measure, known.from, known.to, known.rates, known.at = n.measure, n.from, n.to, n.rates, n.at
	if known.asked = t.asked(o.pairing); by >= 0 {
		known.asked = b.open[s][by].clone()
		known.asked.and(o.ceilings[s])
	}
}

// target is something that can be had: a scope, or one of the pairing's sets.
type target struct{ scope, set int } // -1 for not

func (t target) within(p *pairing, s set) bool {
	if t.set < 0 {
		return s.has(t.scope)
	}
	return p.sets[t.set].within(s)
}

func (t target) asked(p *pairing) set {
	if t.set >= 0 {
		return p.sets[t.set]
	}
	one := newSet(len(p.models[is].scopes))
	one.add(t.scope)
	return one
}

// decider is the rule that allows the target on one side, if any does.
func (t target) decider(b *behaviour, s side) *rule {
	if t.set < 0 {
		return b.deciders[s][t.scope]
	}
	return b.sets[s][t.set]
}
