package access

// blockPlaces bounds the contexts of a grid, and so what a proof holds in memory.
const blockPlaces = 1 << 14

// grid is many contexts side by side: a stretch of the places of a space, with a
// bit for each. It is for one goroutine; what it gives holds until the next lay.
type grid struct {
	most  int // places in a stretch
	model *Model
	space *space
	from  int // the first place
	all   set // places that can be
	axes  []axis
	ceils []set // by atom: what its groups are entitled to
	held  map[*rule]set
	ceil  map[int]set // by scope: where a customer is entitled to it
	x     context
	shelf
	parts []set // by axis, while a rule is looked at
	looks []*axis
	level *axis // of assurance; nil if all have the same
	aged  *axis
}

// axis is one direction of a space in which contexts differ.
type axis struct {
	stride, size int
	masks        []set                    // by value: where it is so
	turn         func(x *context, to int) // makes a context so
	matters      func(r *rule) bool       // whether a rule looks
}

// blocks lays the grid over one stretch of a space after the other, until visit
// returns false.
func (g *grid) blocks(m *Model, s *space, visit func() bool) {
	for from, size := 0, s.size(); from < size; from += g.most {
		g.lay(m, s, from, min(g.most, size-from))
		if !visit() {
			return
		}
	}
}

// lay puts the grid over a stretch of a space.
func (g *grid) lay(m *Model, s *space, from, size int) {
	g.model, g.space, g.from = m, s, from
	if g.held == nil {
		g.held, g.ceil = map[*rule]set{}, map[int]set{}
	}
	clear(g.held)
	clear(g.ceil)
	g.clear()
	g.x = context{grant: s.grant, machine: s.machine, groups: s.always.clone(), address: s.addresses[0], at: s.instants[0], age: s.ages[0], assurance: s.levels[0]}
	if !s.machine && len(m.domains) > 0 {
		g.x.cells = make([]int, len(m.domains))
	}
	g.all = newSet(size)
	g.all.addRange(0, size)
	g.align()
	g.level, g.aged = nil, nil
	for i := range g.axes {
		a := &g.axes[i]
		g.mask(a, size)
		switch {
		case len(s.levels) > 1 && a.stride == 1:
			g.level = a
		case len(s.ages) > 1 && a.stride == len(s.levels):
			g.aged = a
		}
	}
	g.exclude(size)
	g.ceils = g.ceils[:0]
	if m.table && !s.machine {
		for _, atom := range s.atoms {
			g.ceils = append(g.ceils, m.entitlement(atom))
		}
	}
}

// align finds the axes, in the order of the digits of a place.
func (g *grid) align() {
	s, stride := g.space, 1
	g.axes = g.axes[:0]
	add := func(size int, turn func(*context, int), matters func(*rule) bool) {
		if size > 1 {
			g.axes = append(g.axes, axis{stride: stride, size: size, turn: turn, matters: matters})
		}
		stride *= size
	}
	add(len(s.levels), func(x *context, to int) { x.assurance = s.levels[to] }, func(r *rule) bool { return r.assurance > NoAssurance })
	add(len(s.ages), func(x *context, to int) { x.age = s.ages[to] }, func(r *rule) bool { return r.maxAge != 0 })
	add(len(s.instants), func(x *context, to int) { x.at = s.instants[to] }, func(r *rule) bool { return r.windows != nil })
	add(len(s.addresses), func(x *context, to int) { x.address = s.addresses[to] }, func(r *rule) bool { return r.networks != nil })
	for _, d := range s.attributes {
		add(len(d.classes), func(x *context, to int) { x.cells[d.domain] = d.classes[to][0] }, func(r *rule) bool { return r.looksAt(d.domain) })
	}
	for _, atom := range s.atoms {
		add(2, func(x *context, to int) {
			if x.groups.without(atom); to == 1 {
				x.groups.or(atom)
			}
		}, func(r *rule) bool { return atom.meets(r.anyOf) || atom.meets(r.noneOf) })
	}
}

func (r *rule) looksAt(domain int) bool {
	for i := range r.attributes {
		if r.attributes[i].domain == domain {
			return true
		}
	}
	return false
}

// mask finds where an axis has which value.
func (g *grid) mask(a *axis, size int) {
	for range a.size {
		a.masks = append(a.masks, g.set())
	}
	for at := 0; at < size; {
		place := g.from + at
		end := min(size, at+a.stride-place%a.stride)
		a.masks[place/a.stride%a.size].addRange(at, end)
		at = end
	}
}

// exclude takes away places that cannot be.
func (g *grid) exclude(size int) {
	if len(g.space.twins) == 0 {
		return
	}
	cells := make([]int, len(g.model.domains))
	for at := range size {
		if !g.space.place(cells, g.space.spot(g.from+at).combination) {
			g.all.remove(at)
		}
	}
}

// set gives an empty set of places.
func (g *grid) set() set { return g.take(len(g.all)) }

// shelf is words to be given out as sets, until they are cleared away together.
type shelf struct{ words []uint64 }

func (s *shelf) clear() { s.words = s.words[:0] }

// take gives an empty set of n words.
func (s *shelf) take(n int) set {
	if len(s.words)+n > cap(s.words) {
		s.words = make([]uint64, 0, max(4096, 2*cap(s.words), n)) // those given out keep the old
	}
	s.words = s.words[:len(s.words)+n]
	t := s.words[len(s.words)-n : len(s.words) : len(s.words)]
	clear(t)
	return t
}

// copy gives a set like another.
func (s *shelf) copy(t set) set {
	c := s.take(len(t))
	copy(c, t)
	return c
}

// hold gives where a rule's conditions hold.
func (g *grid) hold(r *rule) (set, Condition) {
	if r.grants&g.space.grant == 0 {
		return nil, ConditionGrant
	}
	where, known := g.held[r]
	if !known {
		where = g.try(r)
		g.held[r] = where
	}
	if where == nil {
		return nil, nowhere
	}
	return where, holds
}

// try tries a rule in the contexts that differ in what it looks at; nil if it holds
// nowhere.
func (g *grid) try(r *rule) set {
	where, tries := g.set(), 1
	g.looks = g.looks[:0]
	for i := range g.axes {
		if a := &g.axes[i]; a.matters(r) {
			g.looks, tries = append(g.looks, a), tries*a.size
		}
	}
	for len(g.parts) < len(g.looks) {
		g.parts = append(g.parts, nil)
	}
	if tries > 16*len(g.looks)+16 { // a step of a turn goes through all places, 64 at a time
		g.walk(r, where)
	} else {
		g.turn(r, g.looks, g.all, where)
	}
	if where.empty() {
		return nil
	}
	return where
}

// walk tries a rule in one context after the other.
func (g *grid) walk(r *rule, where set) {
	g.all.each(func(at int) {
		for _, a := range g.looks {
			a.turn(&g.x, (g.from+at)/a.stride%a.size)
		}
		if r.failed(&g.x) == holds {
			where.add(at)
		}
	})
	for _, a := range g.looks {
		a.turn(&g.x, 0)
	}
}

// turn goes through the values of some axes, part being where those before have the
// values that the context has.
func (g *grid) turn(r *rule, looks []*axis, part, where set) {
	if len(looks) == 0 {
		if r.failed(&g.x) == holds {
			where.or(part)
		}
		return
	}
	a := looks[0]
	for value, mask := range a.masks {
		if a.turn(&g.x, value); !mask.meets(part) {
			continue
		}
		narrower := append(g.parts[len(looks)-1][:0], part...)
		narrower.and(mask)
		g.parts[len(looks)-1] = narrower
		g.turn(r, looks[1:], narrower, where)
	}
	a.turn(&g.x, 0)
}

// entitled gives where a customer is entitled to a scope.
func (g *grid) entitled(scope int) set {
	if !g.model.table || g.space.machine {
		return g.all
	}
	where, known := g.ceil[scope]
	if known {
		return where
	}
	where = g.set()
	g.ceil[scope] = where
	if g.model.entitlement(g.space.always).has(scope) {
		where.or(g.all)
		return where
	}
	atoms := g.axes[len(g.axes)-len(g.ceils):]
	for i, s := range g.ceils {
		if s.has(scope) {
			where.or(atoms[i].masks[1])
		}
	}
	where.and(g.all)
	return where
}

// below gives where a customer is entitled to all of some scopes.
func (g *grid) below(scopes, into set) {
	copy(into, g.all)
	scopes.each(func(i int) { into.and(g.entitled(i)) })
}

// context is that of a place.
func (s *space) context(place int) *context {
	at := s.spot(place)
	x := &context{
		grant: s.grant, machine: s.machine, groups: s.always.clone(),
		address: s.addresses[at.address], at: s.instants[at.instant], age: s.ages[at.age], assurance: s.levels[at.level],
	}
	for i, atom := range s.atoms {
		if at.vector&(1<<i) != 0 {
			x.groups.or(atom)
		}
	}
	if !s.machine && len(s.model.domains) > 0 {
		x.cells = make([]int, len(s.model.domains))
		s.place(x.cells, at.combination)
	}
	return x
}
