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
// three kinds for that.
func (r *reading) tell(key []byte, lacking side, kind ChangeKind) []finding {
	p, places := r.pairing, r.pairing.space.size()
	had, rest, weak, both := make([]bool, places), make([]bool, places), make([]bool, places), make([]bool, places)
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
	anyWeak, anyRest := false, false
	for at := range rest {
		if !rest[at] {
			continue
		}
		top := at - at%len(p.space.levels) + len(p.space.levels)
		if slices.Contains(had[at:top], true) {
			weak[at], rest[at], anyWeak = true, false, true
		}
		anyRest = anyRest || rest[at]
	}
	var found []finding
	if anyRest {
		found = append(found, finding{kind + 1, p.cover(rest, both), p.fewest(rest)})
	}
	if anyWeak {
		found = append(found, finding{kind + 2, p.cover(weak, both), p.fewest(weak)})
	}
	return found
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

// last compares how long a pair can have what.
func (r *reading) last(m *pair) {
	if !m.uses[was] || !m.uses[is] {
		return
	}
	for t, stretches := range r.pairing.outlast(m) {
		for _, s := range stretches {
			kind := ShorterAccess
			if s.longer {
				kind = LongerAccess
			}
			f := finding{kind + ChangeKind(s.life), r.who(s.behaviours), r.pairing.behaviours[s.at].cells[0]}
			r.emit(m, f, s.asked, Change{Scopes: r.pairing.models[is].scopeNames(t.asked(r.pairing)), From: s.from, To: s.to})
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
	vector, address, instant, level := s.split(at)
	r := Request{Grant: grantNames(s.grant)[0], Address: s.addresses[address], At: s.instants[instant], Assurance: s.levels[level]}
	if !s.machine {
		r.Subject = &Subject{}
		for v := vector; v != 0; v &= v - 1 {
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
func (p *pairing) yield(b *behaviour, s side, m *pair) (set, lives) {
	scopes := m.assigned[s].clone()
	scopes.and(p.models[s].defaults)
	scopes.and(b.entitled[s])
	if scopes.empty() {
		return scopes, lives{}
	}
	q := batch{columns: []column{{scopes: scopes, defaults: true}}}
	evaluate(b.held[s], &b.context, &q)
	r := q.columns[0].decider
	if r == nil || r.effect == Deny {
		clear(scopes)
		return scopes, lives{}
	}
	scopes.and(r.scopes)
	return scopes, r.lasting(m.refresh[s])
}

// limit is the life that a change of life is about, of a decision.
func (k ChangeKind) limit(d Decision, refresh bool) time.Duration {
	l := (&rule{lifetimes: d.Lifetimes}).lasting(refresh)
	switch k {
	case LongerAccess, ShorterAccess:
		return l[0]
	case LongerRefresh, ShorterRefresh:
		return l[1]
	}
	return l[2]
}
