package access

import (
	"math/bits"
	"net/netip"
	"slices"
	"strings"
)

// Population is some of the contexts in which something can be had, as conditions
// that must all hold.
type Population struct {
	// Machine is the application itself, by client credentials; then nothing is
	// said of groups and assurance.
	Machine bool `json:"machine,omitempty"`
	// In has lists of groups; the customer is in some group of each.
	In [][]Group `json:"in,omitempty"`
	// NotIn has groups that the customer is in none of.
	NotIn []Group `json:"not_in,omitempty"`
	// From says where from; nil for anywhere, known or not.
	From *Whence `json:"from,omitempty"`
	// When says at which times; nil for any.
	When []Times `json:"when,omitempty"`
	// Least and Most bound the assurance, both included.
	Least Assurance `json:"least"`
	Most  Assurance `json:"most"`
}

// Whence is a set of addresses. Of all the prefixes below that hold an address the
// longest decides; where none does, Elsewhere says.
type Whence struct {
	Networks  []netip.Prefix `json:"networks,omitempty"` // that belong to it
	Except    []netip.Prefix `json:"except,omitempty"`   // that do not
	Elsewhere bool           `json:"elsewhere,omitempty"`
	Unknown   bool           `json:"unknown,omitempty"` // the address that is not known
}

// Times are instants inside or outside of all windows of a list.
type Times struct {
	Inside  bool     `json:"inside"`
	Windows []Window `json:"windows"`
}

// Contains reports whether a request is made in one of the contexts, whatever its
// application and scopes.
func (p Population) Contains(r Request) bool {
	if p.Machine != (r.Subject == nil) {
		return false
	}
	if p.From != nil && !p.From.Contains(r.Address) {
		return false
	}
	for _, t := range p.When {
		if slices.ContainsFunc(t.Windows, func(w Window) bool { return w.contains(r.At) }) != t.Inside {
			return false
		}
	}
	return p.Machine || p.fits(r.Subject.Groups, r.Assurance)
}

func (p Population) fits(groups []Group, level Assurance) bool {
	member := func(g Group) bool { return slices.Contains(groups, g) }
	for _, list := range p.In {
		if !slices.ContainsFunc(list, member) {
			return false
		}
	}
	return !slices.ContainsFunc(p.NotIn, member) && p.Least <= level && level <= p.Most
}

// Contains reports whether an address belongs to the set.
func (w *Whence) Contains(a netip.Addr) bool {
	if a = a.Unmap().WithZone(""); !a.IsValid() {
		return w.Unknown
	}
	length, within := -1, w.Elsewhere
	for _, list := range [...]struct {
		prefixes []netip.Prefix
		within   bool
	}{{w.Networks, true}, {w.Except, false}} {
		for _, p := range list.prefixes {
			if p.Contains(a) && p.Bits() > length {
				length, within = p.Bits(), list.within
			}
		}
	}
	return within
}

// String says who, as "any customer in landlords, from anywhere".
func (p Population) String() string {
	who := []string{"any customer"}
	if p.Machine {
		who[0] = "the application itself"
	}
	for i, list := range p.In {
		who[0] += map[bool]string{true: " in ", false: " and in "}[i == 0] + either(list)
	}
	if len(p.NotIn) > 0 {
		who[0] += " and not in "
		if len(p.In) == 0 {
			who[0] = "any customer not in "
		}
		who[0] += either(p.NotIn)
	}
	who = append(who, p.From.String())
	for _, t := range p.When {
		where := map[bool]string{true: "within ", false: "outside "}[t.Inside]
		who = append(who, where+joined(t.Windows))
	}
	switch {
	case p.Machine:
	case p.Most < PhishingResistant && p.Least == p.Most:
		who = append(who, "with assurance "+p.Least.String()+" only")
	case p.Most < PhishingResistant:
		who = append(who, "with assurance up to "+p.Most.String())
		if p.Least > NoAssurance {
			who[len(who)-1] = "with assurance from " + p.Least.String() + " to " + p.Most.String()
		}
	case p.Least > NoAssurance:
		who = append(who, "with "+p.Least.String()+" or better")
	}
	return strings.Join(who, ", ")
}

// String says where from, as "from 192.0.2.0/24".
func (w *Whence) String() string {
	switch {
	case w == nil:
		return "from anywhere"
	case w.Elsewhere && len(w.Except) == 0:
		return "from any known address"
	}
	text := "from " + joined(w.Networks)
	if w.Elsewhere {
		text = "from outside " + joined(w.Except)
		if len(w.Networks) > 0 {
			text += " but within " + joined(w.Networks)
		}
	} else if len(w.Except) > 0 {
		text += " outside " + joined(w.Except)
	}
	switch {
	case w.Unknown && !w.Elsewhere && len(w.Networks) == 0:
		return "from an unknown address"
	case w.Unknown:
		return text + " or an unknown address"
	}
	return text
}

// either lists groups of which one is meant.
func either[T ~string](groups []T) string {
	if len(groups) < 2 {
		return list(groups, "no group")
	}
	return list(groups[:len(groups)-1], "") + " or " + string(groups[len(groups)-1])
}

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
	in, out   uint32 // of atoms
	addresses []bool
	// Of the lists of windows; an instant is in all of the one and none of the other.
	inside, outside uint64
	least, most     int // places of levels, both included
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

// split gives the coordinates of a place.
func (s *space) split(at int) (vector, address, instant, level int) {
	level, at = at%len(s.levels), at/len(s.levels)
	instant, at = at%len(s.instants), at/len(s.instants)
	return at / len(s.addresses), at % len(s.addresses), instant, level
}

func (c *covering) point(at int) cube {
	s := c.pairing.space
	vector, address, instant, level := s.split(at)
	k := cube{in: uint32(vector), out: uint32(1<<len(s.atoms)-1) &^ uint32(vector), addresses: make([]bool, len(s.addresses)), least: level, most: level}
	k.addresses[address] = true
	k.inside, k.outside = c.signatures[instant], (1<<len(c.lists)-1)&^c.signatures[instant]
	return k
}

// widen drops one condition after the other as long as nothing else gets in.
func (c *covering) widen(k cube) cube {
	try := func(change func(*cube)) {
		wider := k
		wider.addresses = slices.Clone(k.addresses)
		change(&wider)
		if c.each(wider, func(i int) bool { return c.need[i] || c.may[i] }) {
			k = wider
		}
	}
	for i := range c.pairing.space.atoms {
		try(func(w *cube) { w.out &^= 1 << i })
	}
	try(func(w *cube) { w.inside, w.outside = 0, 0 })
	for i := range c.lists {
		try(func(w *cube) { w.outside &^= 1 << i })
		try(func(w *cube) { w.inside &^= 1 << i })
	}
	for i := range k.addresses {
		try(func(w *cube) { w.addresses[i] = true })
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

// each visits the places of a cube until visit says no, and reports whether it
// never did.
func (c *covering) each(k cube, visit func(int) bool) bool {
	s := c.pairing.space
	free := uint32(1<<len(s.atoms)-1) &^ (k.in | k.out)
	for sub := free; ; sub = (sub - 1) & free {
		for address, has := range k.addresses {
			if !has {
				continue
			}
			for instant, signature := range c.signatures {
				if signature&k.inside != k.inside || signature&k.outside != 0 {
					continue
				}
				place := ((int(k.in|sub)*len(s.addresses)+address)*len(s.instants) + instant) * len(s.levels)
				for level := k.least; level <= k.most; level++ {
					if !visit(place + level) {
						return false
					}
				}
			}
		}
		if sub == 0 {
			return true
		}
	}
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
	return p
}
