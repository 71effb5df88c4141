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
	w := &widening{c, k}
	s := c.pairing.space
	for i := range s.atoms {
		w.try(func(k *cube) { k.out &^= 1 << i })
	}
	for i := range k.attributes {
		w.attribute(i)
	}
	w.try(func(k *cube) { k.inside, k.outside = 0, 0 })
	for i := range c.lists {
		w.try(func(k *cube) { k.outside &^= 1 << i })
		w.try(func(k *cube) { k.inside &^= 1 << i })
	}
	for i := range k.addresses {
		w.try(func(k *cube) { k.addresses[i] = true })
	}
	w.ages()
	for range s.levels {
		w.try(func(k *cube) { k.least = max(0, k.least-1) })
		w.try(func(k *cube) { k.most = min(k.most+1, len(s.levels)-1) })
	}
	for i := range s.atoms {
		w.try(func(k *cube) { k.in &^= 1 << i })
	}
	return w.cube
}

// widening is a cube that grows.
type widening struct {
	*covering
	cube cube
}

// try makes a change if only what is needed or may be gets in.
func (w *widening) try(change func(*cube)) {
	wider := w.cube
	wider.addresses = slices.Clone(wider.addresses)
	wider.attributes = slices.Clone(wider.attributes)
	change(&wider)
	if w.each(wider, func(i int) bool { return w.need[i] || w.may[i] || w.impossible(i) }) {
		w.cube = wider
	}
}

// more tries a change that makes nothing simpler, if some of what it adds is
// needed. Alone leaves of a cube what is added.
func (w *widening) more(change, alone func(*cube)) {
	added := w.cube
	added.attributes = slices.Clone(added.attributes)
	if alone(&added); !w.each(added, func(i int) bool { return !w.need[i] }) {
		w.try(change)
	}
}

// attribute tries to ask nothing of an attribute, and else for as little as can be.
func (w *widening) attribute(i int) {
	d := w.pairing.space.attributes[i]
	classes := len(d.classes)
	w.try(func(k *cube) { k.attributes[i] = slices.Repeat([]bool{true}, classes) })
	for class := range classes {
		with := func(has []bool) func(*cube) {
			return func(k *cube) {
				has[class] = true
				k.attributes[i] = has
			}
		}
		if rest := d.class(other); !w.pairing.space.model.domains[d.domain].Type.ordered() && rest >= 0 && w.cube.attributes[i][rest] {
			w.try(with(slices.Clone(w.cube.attributes[i]))) // an exception less
			continue
		}
		w.more(with(slices.Clone(w.cube.attributes[i])), with(make([]bool, classes)))
	}
}

// ages tries to bound the age on one side only, and else as little as can be.
func (w *widening) ages() {
	last := len(w.pairing.space.ages) - 1
	w.try(func(k *cube) { k.first = 0 })
	w.try(func(k *cube) { k.last = last })
	for w.cube.first > 0 {
		before := w.cube.first - 1
		if w.more(func(k *cube) { k.first = before }, func(k *cube) { k.first, k.last = before, before }); w.cube.first > before {
			break
		}
	}
	for w.cube.last < last {
		after := w.cube.last + 1
		if w.more(func(k *cube) { k.last = after }, func(k *cube) { k.first, k.last = after, after }); w.cube.last < after {
			break
		}
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
