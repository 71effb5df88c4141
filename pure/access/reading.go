package access

import (
	"math/bits"
	"slices"
	"time"
)

// reading reads changes off a pairing whose behaviours are known.
type reading struct {
	comparison *comparison
	pairing    *pairing
	told       map[string][]finding    // by what is obtained where
	covers     map[string][]Population // by behaviours
}

// finding is a kind of change, told once for all that it concerns.
type finding struct {
	kind ChangeKind
	who  []Population
	at   int // a place in the space that changes
}

// obtain compares where a pair can have what.
func (r *reading) obtain(m *pair) {
	p := r.pairing
	for i := range p.models[is].scopes {
		if in := [2]bool{m.assigned[was].has(i), m.assigned[is].has(i)}; in != ([2]bool{}) {
			r.cell(m, target{scope: i, set: -1}, in)
		}
	}
	for i, s := range p.sets {
		in := [2]bool{m.uses[was] && s.within(m.assigned[was]), m.uses[is] && s.within(m.assigned[is])}
		if in != ([2]bool{}) {
			r.cell(m, target{scope: -1, set: i}, in)
		}
	}
}

// cell compares one target. What is the same for two targets is told once.
func (r *reading) cell(m *pair, t target, in [2]bool) {
	if in[was] == in[is] && !slices.ContainsFunc(r.pairing.behaviours, func(b *behaviour) bool {
		return !b.same && (t.decider(b, was) == nil) != (t.decider(b, is) == nil)
	}) {
		return
	}
	r.pairing.complete()
	key, differs := make([]byte, len(r.pairing.behaviours)), false
	for i, b := range r.pairing.behaviours {
		for s := range in {
			if in[s] && t.decider(b, side(s)) != nil {
				key[i] |= 1 << s
			}
		}
		differs = differs || key[i] == 1 || key[i] == 2
	}
	if !differs {
		return
	}
	found, known := r.told[string(key)]
	if !known {
		found = append(r.tell(key, was, NewAccess), r.tell(key, is, LostAccess)...)
		r.told[string(key)] = found
	}
	for _, f := range found {
		r.emit(m, f, t.asked(r.pairing), Change{Scopes: r.pairing.models[is].scopeNames(t.asked(r.pairing))})
	}
}

// tell finds what one side has not and the other has. Kind is the first of the
// four kinds for that.
func (r *reading) tell(key []byte, lacking side, kind ChangeKind) []finding {
	p, places := r.pairing, r.pairing.space.size()
	had, rest, weak, old, both := make([]bool, places), make([]bool, places), make([]bool, places), make([]bool, places), make([]bool, places)
	some, fresh := false, false
	for i, b := range p.behaviours {
		lacks, has := key[i]&(1<<lacking) == 0, key[i]&(2>>lacking) != 0
		some, fresh = some || !lacks, fresh || (lacks && has)
		for _, at := range b.cells {
			had[at], rest[at] = !lacks, lacks && has
			// Of a loss only those are told who lose; the rest still can.
			both[at] = !lacks && has && kind == NewAccess
		}
	}
	if !fresh {
		return nil
	}
	if !some {
		return []finding{{kind, p.cover(rest, both), p.fewest(rest)}}
	}
	weaker, older, wider := false, false, false
	for at := range rest {
		if !rest[at] {
			continue
		}
		switch p.betterHad(had, at) {
		case WeakerAssurance:
			weak[at], rest[at], weaker = true, false, true
		case OlderSignIn:
			old[at], rest[at], older = true, false, true
		default:
			wider = true
		}
	}
	var found []finding
	for i, part := range [...]struct {
		some   bool
		places []bool
	}{{wider, rest}, {weaker, weak}, {older, old}} {
		if part.some {
			found = append(found, finding{kind + 1 + ChangeKind(i), p.cover(part.places, both), p.fewest(part.places)})
		}
	}
	return found
}

// betterHad tells by which better sign-in something was had, if by any: a stronger
// one of the same age, a fresher one of the same assurance, or one that is both.
func (p *pairing) betterHad(had []bool, at int) ChangeKind {
	levels, ages := len(p.space.levels), len(p.space.ages)
	level, age := at%levels, at/levels%ages
	base := at - age*levels - level
	stronger := func(age int) bool {
		return slices.Contains(had[base+age*levels+level+1:base+(age+1)*levels], true)
	}
	if stronger(age) {
		return WeakerAssurance
	}
	kind := WiderAccess
	for age++; age < ages; age++ {
		if had[base+age*levels+level] {
			return OlderSignIn
		}
		if stronger(age) {
			kind = WeakerAssurance
		}
	}
	return kind
}

// fewest is the first place with the fewest groups.
func (p *pairing) fewest(places []bool) int {
	best, least := -1, 0
	block := len(places) >> len(p.space.atoms)
	for at, has := range places {
		if n := bits.OnesCount(uint(at / block)); has && (best < 0 || n < least) {
			best, least = at, n
		}
	}
	return best
}

// last compares how long and how often a pair can have what.
func (r *reading) last(m *pair) {
	if !m.uses[was] || !m.uses[is] {
		return
	}
	for t, stretches := range r.pairing.outlast(m) {
		for _, s := range stretches {
			f := finding{s.kind, r.who(s.behaviours), r.pairing.behaviours[s.at].cells[0]}
			change := Change{Scopes: r.pairing.models[is].scopeNames(t.asked(r.pairing))}
			if s.measure < pace {
				change.From, change.To = time.Duration(s.from), time.Duration(s.to)
			} else {
				change.FromRate, change.ToRate, change.Burst = s.rates[was], s.rates[is], s.measure == burst
			}
			r.emit(m, f, s.asked, change)
		}
	}
}

// who covers the contexts of some behaviours, and nothing else.
func (r *reading) who(behaviours []int) []Population {
	key := make([]byte, len(r.pairing.behaviours))
	for _, i := range behaviours {
		key[i] = 1
	}
	who, known := r.covers[string(key)]
	if !known {
		places := make([]bool, r.pairing.space.size())
		for _, i := range behaviours {
			for _, at := range r.pairing.behaviours[i].cells {
				places[at] = true
			}
		}
		who = r.pairing.cover(places, make([]bool, len(places)))
		r.covers[string(key)] = who
	}
	return who
}

// emit writes a change down for each application of a pair.
func (r *reading) emit(m *pair, f finding, asked set, change Change) {
	c := r.comparison
	change.Kind, change.Who, change.Grant = f.kind, f.who, grantNames(r.pairing.grant)[0]
	change.Witness = r.pairing.request(f.at)
	if f.kind != OtherDefaults {
		if change.Witness.Scopes = r.pairing.models[is].scopeNames(asked); asked.empty() {
			change.Witness.Scopes = []Scope{"openid"}
		}
	}
	for i, id := range m.apps {
		change.Application, change.Witness.Application = id, id
		// Those that cannot use the grant may be refused each for its own reason.
		if i == 0 || !m.uses[was] || !m.uses[is] {
			change.Before = c.given[was].ask(id, change.Witness, c.absent[was])
			change.After = c.given[is].ask(id, change.Witness, c.absent[is])
		}
		c.changes = append(c.changes, change)
	}
}

// ask decides a request of an application, or of the future one.
func (m *Model) ask(id ApplicationID, r Request, absent bool) Decision {
	q := &inquiry{model: m, request: r, app: m.applications[id]}
	if id == "" && !absent {
		q.app = m.future
	}
	return q.decide()
}

// request is the context of a place, with one group for each that it has of those
// that are told apart.
func (p *pairing) request(at int) Request {
	s := p.space
	x := s.spot(at)
	r := Request{Grant: grantNames(s.grant)[0], Address: s.addresses[x.address], At: s.instants[x.instant], Assurance: s.levels[x.level]}
	if age := s.ages[x.age]; age != unknownAge {
		r.Authenticated = r.At.Add(-age)
	}
	if !s.machine {
		r.Subject = &Subject{Attributes: s.values(x.combination)}
		for v := x.vector; v != 0; v &= v - 1 {
			r.Subject.Groups = append(r.Subject.Groups, p.models[is].groups[s.atoms[bits.TrailingZeros(uint(v))].first()])
		}
	}
	return r
}

// defaults compares what requests without scopes yield.
func (r *reading) defaults() {
	p := r.pairing
	type key struct {
		was, is string
		refresh [2]bool
	}
	alike := map[key][]*pair{}
	var order []key
	for _, m := range p.pairs {
		k := key{refresh: m.refresh}
		for s, text := range [...]*string{&k.was, &k.is} {
			d := m.assigned[s].clone()
			d.and(p.models[s].defaults)
			*text = d.key()
		}
		if m.uses[was] && m.uses[is] {
			if alike[k] == nil {
				order = append(order, k)
			}
			alike[k] = append(alike[k], m)
		}
	}
	for _, k := range order {
		r.yields(alike[k])
	}
}

// yields compares for pairs of the same defaults below what they are assigned.
func (r *reading) yields(pairs []*pair) {
	p, first := r.pairing, pairs[0]
	like := slices.Equal(p.models[was].defaults, p.models[is].defaults) && slices.Equal(first.assigned[was], first.assigned[is]) &&
		first.refresh[was] == first.refresh[is]
	var changed []int
	var gained, gone set
	for i, b := range p.behaviours {
		if b.same && like {
			continue
		}
		before, life := p.yield(b, was, first)
		after, lifeNow := p.yield(b, is, first)
		if slices.Equal(before, after) && life == lifeNow {
			continue
		}
		if changed = append(changed, i); gained == nil {
			gained, gone = after.clone(), before.clone()
			gained.without(before)
			gone.without(after)
		}
	}
	if changed == nil {
		return
	}
	f := finding{OtherDefaults, r.who(changed), p.behaviours[changed[0]].cells[0]}
	for _, m := range pairs {
		r.emit(m, f, newSet(len(p.models[is].scopes)), Change{Gained: p.models[is].scopeNames(gained), Gone: p.models[is].scopeNames(gone)})
	}
}

// yield is what a request without scopes is granted, and for how long.
func (p *pairing) yield(b *behaviour, s side, m *pair) (set, measures) {
	scopes := m.assigned[s].clone()
	scopes.and(p.models[s].defaults)
	scopes.and(b.entitled[s])
	if scopes.empty() {
		return scopes, measures{}
	}
	q := batch{columns: []column{{scopes: scopes, defaults: true}}}
	evaluate(b.held[s], &b.context, &q)
	r := q.columns[0].decider
	if r == nil || r.effect == Deny {
		clear(scopes)
		return scopes, measures{}
	}
	scopes.and(r.scopes)
	return scopes, r.measures(m.refresh[s])
}

// measure is what a kind of change of a measure is about.
func (change *Change) measure() int {
	switch kind := change.Kind; {
	case kind == HigherRate || kind == LowerRate:
		if change.Burst {
			return burst
		}
		return pace
	case kind <= LongerIdle:
		return int(kind - LongerAccess)
	default:
		return int(kind - ShorterAccess)
	}
}

// from is the most that was given before.
func (change *Change) from() int64 {
	if change.measure() < pace {
		return int64(change.From)
	}
	return gives(Lifetimes{}, change.FromRate, false)[change.measure()]
}
