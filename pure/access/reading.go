package access

import (
	"math/bits"
	"slices"
	"time"
)

// reading reads changes off a pairing that is laid out.
type reading struct {
	comparison *comparison
	pairing    *pairing
	told       map[string][]finding    // by what is obtained where
	covers     map[string][]Population // by places
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
	p := r.pairing
	var where [2]set
	for s := range in {
		if where[s] = p.sides[is].grid.set(); in[s] {
			where[s] = p.had(side(s), t)
		}
	}
	if slices.Equal(where[was], where[is]) {
		return
	}
	key := where[was].key() + where[is].key()
	found, known := r.told[key]
	if !known {
		found = append(r.tell(where[was], where[is], NewAccess), r.tell(where[is], where[was], LostAccess)...)
		r.told[key] = found
	}
	for _, f := range found {
		r.emit(m, f, t.asked(p), Change{Scopes: p.models[is].scopeNames(t.asked(p))})
	}
}

// tell finds what one side has not and the other has. Kind is the first of the
// four kinds for that.
func (r *reading) tell(lacking, having set, kind ChangeKind) []finding {
	p, places := r.pairing, r.pairing.space.size()
	had, rest, weak, old, both := lacking.places(places), having.places(places), make([]bool, places), make([]bool, places), make([]bool, places)
	some, fresh := !lacking.empty(), !having.within(lacking)
	for at := range places {
		// Of a loss only those are told who lose; the rest still can.
		both[at] = had[at] && rest[at] && kind == NewAccess
		rest[at] = rest[at] && !had[at]
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
			f := finding{s.kind, r.who(s.where), s.at}
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

// who covers some contexts, and nothing else.
func (r *reading) who(where set) []Population {
	key := where.key()
	who, known := r.covers[key]
	if !known {
		places := r.pairing.space.size()
		who = r.pairing.cover(where.places(places), make([]bool, places))
		r.covers[key] = who
	}
	return who
}

// places are the members among the numbers below n.
func (s set) places(n int) []bool {
	all := make([]bool, n)
	s.each(func(i int) { all[i] = true })
	return all
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
		first.refresh[was] == first.refresh[is] && !p.contrast.ceiling
	if like && !p.contrast.rules.meets(first.defaults(p, is)) {
		return
	}
	changed, at := p.sides[is].grid.set(), -1
	var gained, gone set
	before, after := p.yield(was, first), p.yield(is, first)
	for _, one := range before {
		for _, other := range after {
			if slices.Equal(one.scopes, other.scopes) && one.life == other.life || !one.where.meets(other.where) {
				continue
			}
			here := p.sides[is].grid.shelf.copy(one.where)
			here.and(other.where)
			changed.or(here)
			if at < 0 || here.first() < at {
				at, gained, gone = here.first(), other.scopes.clone(), one.scopes.clone()
				gained.without(one.scopes)
				gone.without(other.scopes)
			}
		}
	}
	if at < 0 {
		return
	}
	f := finding{OtherDefaults, r.who(changed), at}
	for _, m := range pairs {
		r.emit(m, f, newSet(len(p.models[is].scopes)), Change{Gained: p.models[is].scopeNames(gained), Gone: p.models[is].scopeNames(gone)})
	}
}

// defaults are those of what a pair is assigned on one side.
func (m *pair) defaults(p *pairing, s side) set {
	scopes := m.assigned[s].clone()
	scopes.and(p.models[s].defaults)
	return scopes
}

// yielded is what a request without scopes is granted somewhere, and for how long.
type yielded struct {
	where  set
	scopes set
	life   measures
}

// yield asks one side for no scopes in all contexts.
func (p *pairing) yield(s side, m *pair) []yielded {
	v := &p.sides[s]
	refused := v.grid.shelf.copy(v.grid.all)
	var all []yielded
	p.each(v.grid, m.defaults(p, s), v.grid.all, func(scopes, where set) {
		if scopes.empty() {
			return
		}
		evaluate(v.rules, v.grid, &batch{columns: []column{{scopes: scopes, defaults: true, open: v.grid.shelf.copy(where), took: func(r *rule, where set) {
			if r.effect == Allow {
				granted := scopes.clone()
				granted.and(r.scopes)
				refused.without(where)
				all = append(all, yielded{v.grid.shelf.copy(where), granted, r.measures(m.refresh[s])})
			}
		}}}})
	})
	return append(all, yielded{where: refused, scopes: newSet(len(p.models[s].scopes))})
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
