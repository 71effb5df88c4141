package access

import (
	"slices"
	"time"
)

// lives are how long something can be had: an access token, a refresh family, an
// idle one. The last two are zero where the application cannot refresh.
type lives [3]time.Duration

// lasting is what a rule's lifetimes come to. An idle family ends at the latest
// with its refresh lifetime.
func (r *rule) lasting(refresh bool) lives {
	if !refresh {
		return lives{r.lifetimes.Access}
	}
	return lives{r.lifetimes.Access, r.lifetimes.Refresh, min(r.lifetimes.Idle, r.lifetimes.Refresh)}
}

func (l *lives) raise(m lives) {
	for i := range l {
		l[i] = max(l[i], m[i])
	}
}

// above reports whether any of the lives is longer than m's.
func (l lives) above(m lives) bool {
	return l[0] > m[0] || l[1] > m[1] || l[2] > m[2]
}

// stretch is a target whose longest life differs on the two sides.
type stretch struct {
	life       int // of lives
	longer     bool
	behaviours []int
	from, to   time.Duration // where it differs most
	at         int           // that behaviour
	asked      set           // on the side that has it longer
}

// outlast compares how long a pair can have what it can have on both sides. The
// longest life of a target comes from a rule's own scopes below the ceilings less
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
		for life := range (lives{}) {
			from, by := o.longest(b, was, t, life)
			if to, byNow := o.longest(b, is, t, life); from < to {
				o.note(t, &stretch{life: life, longer: true, from: from, to: to, at: i}, b, is, byNow)
			} else if from > to {
				o.note(t, &stretch{life: life, from: from, to: to, at: i}, b, was, by)
			}
		}
	}
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

// affected leaves only targets that a rule reaches on one side for longer than
// any does on the other, among the rules that may be reached on one side only.
// What lives no longer than a target alone does on either side does not matter.
func (o *outlasting) affected(b *behaviour) {
	var most [2][]lives
	refresh := o.pair.refresh[is]
	matters := func(s, i int) bool {
		l := b.held[s][i].lasting(refresh)
		return slices.ContainsFunc(o.targets, func(t target) bool {
			return (l.above(t.decider(b, was).lasting(refresh)) || l.above(t.decider(b, is).lasting(refresh))) && t.within(o.pairing, b.open[s][i])
		})
	}
	for s := range b.held {
		most[s] = make([]lives, len(o.targets))
		for _, i := range b.tender[s] {
			if !matters(s, i) || !o.tender(b, side(s), i) || !o.reached(b, side(s), i) {
				continue
			}
			for k, t := range o.targets {
				if t.within(o.pairing, b.open[s][i]) {
					most[s][k].raise(b.held[s][i].lasting(refresh))
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

// longest is the longest life of a target, and the place of the rule that gives
// it; -1 if asking for the target alone does.
func (o *outlasting) longest(b *behaviour, s side, t target, life int) (time.Duration, int) {
	refresh := o.pair.refresh[s]
	best := t.decider(b, s).lasting(refresh)[life]
	for _, i := range b.descending(s, life) {
		l := b.held[s][i].lasting(refresh)[life]
		if l <= best {
			break
		}
		if t.within(o.pairing, b.open[s][i]) && o.reached(b, s, i) {
			return l, i
		}
	}
	return best, -1
}

// note keeps one stretch for each life and direction: the one of the longest life
// in the end, and of those the one that changes most. The rule at a place of a
// side gives the longer life.
func (o *outlasting) note(t target, n *stretch, b *behaviour, s side, by int) {
	i := slices.IndexFunc(o.found[t], func(k *stretch) bool { return k.life == n.life && k.longer == n.longer })
	if i < 0 {
		i = len(o.found[t])
		o.found[t] = append(o.found[t], &stretch{life: n.life, longer: n.longer, from: n.to, to: n.to})
	}
	known := o.found[t][i]
	known.behaviours = append(known.behaviours, n.at)
	if len(known.behaviours) > 1 && (n.to < known.to || (n.to == known.to && n.from >= known.from)) {
		return
	}
	known.from, known.to, known.at = n.from, n.to, n.at
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
