package access

import (
	"math/bits"
	"slices"
)

// cover tells contexts in the fewest conditions: prime implicants, none of which
// could be left out. It covers every place of need, and nothing but places of need
// and of may, which it uses where that makes a condition unnecessary.
func (p *pairing) cover(need, may []bool) []Population {
	c := &covering{pairing: p, need: need, may: may, rest: slices.Clone(need)}
	c.prepare()
	var cubes []cube
	for _, at := range c.order() {
		if c.rest[at] {
			k := c.widen(c.point(at))
			c.each(k, func(i int) bool { c.rest[i] = false; return true })
			cubes = append(cubes, k)
		}
	}
	var all []Population
	for _, k := range c.irredundant(cubes) {
		all = append(all, c.population(k))
	}
	return all
}

// cube is a product of conditions over a space.
type cube struct {
	in, out    uint32   // of atoms
	attributes [][]bool // classes, by dimension
	addresses  []bool
	// Of the lists of windows; an instant is in all of the one and none of the other.
	inside, outside uint64
	first, last     int // places of ages, both included
	least, most     int // places of levels, likewise
}

type covering struct {
	pairing         *pairing
	need, may, rest []bool
	lists           [][]Window // distinct
	signatures      []uint64   // by instant: the lists that it is in
}

func (c *covering) prepare() {
	for _, rules := range c.pairing.rules {
		for _, r := range rules {
			if r.windows != nil && r.grants&c.pairing.grant != 0 && len(c.lists) < 64 &&
				!slices.ContainsFunc(c.lists, func(l []Window) bool { return sameWindows(l, r.windows) }) {
				c.lists = append(c.lists, r.windows)
			}
		}
	}
	for _, at := range c.pairing.space.instants {
		var s uint64
		for i, l := range c.lists {
			if slices.ContainsFunc(l, func(w Window) bool { return w.contains(at) }) {
				s |= 1 << i
			}
		}
		c.signatures = append(c.signatures, s)
	}
}

// order puts customers of the fewest groups first, so that conditions say who is
// in a group rather than who is not.
func (c *covering) order() []int {
	var order []int
	block := len(c.need) >> len(c.pairing.space.atoms)
	for n := range len(c.pairing.space.atoms) + 1 {
		for at := range c.need {
			if c.need[at] && bits.OnesCount(uint(at/block)) == n {
				order = append(order, at)
			}
		}
	}
	return order
}

func (c *covering) point(at int) cube {
	s := c.pairing.space
	x := s.spot(at)
	k := cube{in: uint32(x.vector), out: uint32(1<<len(s.atoms)-1) &^ uint32(x.vector), addresses: make([]bool, len(s.addresses))}
	for i, digit := range s.digits(x.combination) {
		k.attributes = append(k.attributes, make([]bool, len(s.attributes[i].classes)))
		k.attributes[i][digit] = true
	}
	k.addresses[x.address] = true
	k.inside, k.outside = c.signatures[x.instant], (1<<len(c.lists)-1)&^c.signatures[x.instant]
	k.first, k.last, k.least, k.most = x.age, x.age, x.level, x.level
	return k
}

// widen drops one condition after the other as long as nothing else gets in.
func (c *covering) widen(k cube) cube {
	try := func(change func(*cube)) {
		wider := k
		wider.addresses = slices.Clone(k.addresses)
		wider.attributes = slices.Clone(k.attributes)
		change(&wider)
		if c.each(wider, func(i int) bool { return c.need[i] || c.may[i] || c.impossible(i) }) {
			k = wider
		}
	}
	for i := range c.pairing.space.atoms {
		try(func(w *cube) { w.out &^= 1 << i })
	}
	for i := range k.attributes {
		c.loosen(i, try)
	}
	try(func(w *cube) { w.inside, w.outside = 0, 0 })
	for i := range c.lists {
		try(func(w *cube) { w.outside &^= 1 << i })
		try(func(w *cube) { w.inside &^= 1 << i })
	}
	for i := range k.addresses {
		try(func(w *cube) { w.addresses[i] = true })
	}
	for range c.pairing.space.ages {
		try(func(w *cube) { w.first = max(0, w.first-1) })
		try(func(w *cube) { w.last = min(w.last+1, len(c.pairing.space.ages)-1) })
	}
	for range c.pairing.space.levels {
		try(func(w *cube) { w.least = max(0, w.least-1) })
		try(func(w *cube) { w.most = min(w.most+1, len(c.pairing.space.levels)-1) })
	}
	for i := range c.pairing.space.atoms {
		try(func(w *cube) { w.in &^= 1 << i })
	}
	return k
}

// loosen tries to ask nothing of an attribute, and else for as little as can be.
func (c *covering) loosen(i int, try func(func(*cube))) {
	classes := c.pairing.space.attributes[i].classes
	try(func(w *cube) { w.attributes[i] = slices.Repeat([]bool{true}, len(classes)) })
	for class := range classes {
		try(func(w *cube) {
			w.attributes[i] = slices.Clone(w.attributes[i])
			w.attributes[i][class] = true
		})
	}
}

// impossible reports whether a place has an attribute of two types that no value
// is of.
func (c *covering) impossible(at int) bool {
	s := c.pairing.space
	return len(s.twins) > 0 && !s.place(make([]int, len(s.model.domains)), s.spot(at).combination)
}

// each visits the places of a cube until visit says no, and reports whether it
// never did.
func (c *covering) each(k cube, visit func(int) bool) bool {
	s := c.pairing.space
	combinations := s.chosen(k.attributes)
	free := uint32(1<<len(s.atoms)-1) &^ (k.in | k.out)
	for sub := free; ; sub = (sub - 1) & free {
		for _, combination := range combinations {
			if !c.around(k, spot{vector: int(k.in | sub), combination: combination}, visit) {
				return false
			}
		}
		if sub == 0 {
			return true
		}
	}
}

// around visits what differs in where, when and how well.
func (c *covering) around(k cube, at spot, visit func(int) bool) bool {
	s := c.pairing.space
	for address, has := range k.addresses {
		if !has {
			continue
		}
		for instant, signature := range c.signatures {
			if signature&k.inside != k.inside || signature&k.outside != 0 {
				continue
			}
			for age := k.first; age <= k.last; age++ {
				at.address, at.instant, at.age = address, instant, age
				place := s.number(at)
				for level := k.least; level <= k.most; level++ {
					if !visit(place + level) {
						return false
					}
				}
			}
		}
	}
	return true
}

// chosen are the combinations of some classes of each attribute.
func (s *space) chosen(attributes [][]bool) []int {
	all := []int{0}
	size := 1
	for i, d := range s.attributes {
		var next []int
		for _, c := range all {
			for class := range d.classes {
				if attributes[i][class] {
					next = append(next, c+class*size)
				}
			}
		}
		all, size = next, size*len(d.classes)
	}
	return all
}

// irredundant leaves out cubes that the others make unnecessary, the earliest
// found first.
func (c *covering) irredundant(cubes []cube) []cube {
	if len(cubes) < 2 {
		return cubes
	}
	times := make([]int, len(c.need))
	for _, k := range cubes {
		c.each(k, func(i int) bool { times[i]++; return true })
	}
	return slices.DeleteFunc(cubes, func(k cube) bool {
		if !c.each(k, func(i int) bool { return !c.need[i] || times[i] > 1 }) {
			return false
		}
		c.each(k, func(i int) bool { times[i]--; return true })
		return true
	})
}

// population puts a cube into words.
func (c *covering) population(k cube) Population {
	s, m := c.pairing.space, c.pairing.models[is]
	p := Population{Machine: s.machine, Most: PhishingResistant}
	for i, atom := range s.atoms {
		var names []Group
		atom.each(func(g int) { names = append(names, m.groups[g]) })
		switch {
		case k.in&(1<<i) != 0:
			p.In = append(p.In, names)
		case k.out&(1<<i) != 0:
			p.NotIn = append(p.NotIn, names...)
		}
	}
	slices.Sort(p.NotIn)
	for i, d := range s.attributes {
		if h := s.holding(d, k.attributes[i]); h != nil {
			p.Has = append(p.Has, *h)
		}
	}
	p.From = c.whence(k.addresses)
	for i, l := range c.lists {
		if (k.inside|k.outside)&(1<<i) != 0 {
			p.When = append(p.When, Times{Inside: k.inside&(1<<i) != 0, Windows: l})
		}
	}
	if !p.Machine {
		p.Least = s.levels[k.least]
		if k.most+1 < len(s.levels) {
			p.Most = s.levels[k.most+1] - 1
		}
	}
	if k.first > 0 {
		p.NoOlderThan = s.ages[k.first]
	}
	if k.last+1 < len(s.ages) {
		p.OlderThan = s.ages[k.last+1]
	}
	return p
}
