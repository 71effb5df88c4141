package access

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// space is every context that the rules of one line can tell apart, for one
// grant. Where rules cannot tell two contexts apart, one stands for both. It is a
// product, so that each context has a place: a number in the order of each.
type space struct {
	model      *Model
	grant      grants
	machine    bool
	atoms      []set // of groups that act alike; a context has all or none of each
	always     set   // groups that every context has, and then no others
	ruleGroups set   // groups that some rule looks at
	attributes []dimension
	twins      []twin
	addresses  []netip.Addr
	instants   []time.Time
	timeless   bool            // no rule asks for the instant
	ages       []time.Duration // the oldest first, which is unknown
	levels     []Assurance     // the weakest first
}

// spot is where a place lies in each direction of a space.
type spot struct {
	vector                       int // of atoms, as bits
	combination                  int // of attributes; see digits
	address, instant, age, level int
}

// newSpace cuts at the constants of the rules. Below, assigned is all that any
// application of the line is assigned.
func newSpace(m *Model, rules []*rule, grant grants, assigned set, o Options) *space {
	s, relevant := cut(m, rules, grant, o.From)
	switch {
	case s.machine:
	case o.Groups == nil:
		s.findAtoms(relevant, assigned)
	default:
		for _, g := range o.Groups {
			if i, known := m.groupPosition[g]; known {
				s.always.add(i)
			}
		}
	}
	return s
}

// cut makes a space of all but groups, and gives the rules that are for the grant.
func cut(m *Model, rules []*rule, grant grants, from time.Time) (s *space, relevant []*rule) {
	s = &space{model: m, grant: grant, machine: grant == grantBit(ClientCredentials), always: newSet(len(m.groups))}
	var networks, windows []*rule
	s.levels, s.ages = []Assurance{NoAssurance}, []time.Duration{unknownAge}
	for _, r := range rules {
		if r.grants&grant == 0 {
			continue
		}
		relevant = append(relevant, r)
		if r.networks != nil {
			networks = append(networks, r)
		}
		if r.windows != nil {
			windows = append(windows, r)
		}
		if !s.machine && !slices.Contains(s.levels, r.assurance) {
			s.levels = append(s.levels, r.assurance)
		}
		if !s.machine && r.maxAge > 0 && !slices.Contains(s.ages, r.maxAge) {
			s.ages = append(s.ages, r.maxAge)
		}
	}
	slices.Sort(s.levels)
	slices.SortFunc(s.ages, func(a, b time.Duration) int { return cmp.Compare(b, a) })
	s.addresses, s.instants = addressCells(networks), instantCells(windows, from)
	if s.timeless = windows == nil; s.timeless && len(s.ages) > 1 {
		s.instants[0] = beginning(from) // to which ages can be counted
	}
	if !s.machine {
		s.attributes = dimensions(m, relevant)
		s.twins = s.findTwins()
	}
	s.ruleGroups = newSet(len(m.groups))
	return s, relevant
}

// findAtoms merges groups that act alike: those that the same lists of rules
// hold, those in no list included. What they entitle to only raises the ceiling:
// what can be had shows with all of them, and nothing can be had always where a
// customer in no group is entitled to nothing. But the empty request can be
// refused for a default too many, so groups of different defaults stay apart.
func (s *space) findAtoms(rules []*rule, assigned set) {
	m := s.model
	for _, r := range rules {
		s.ruleGroups.or(r.anyOf)
		s.ruleGroups.or(r.noneOf)
	}
	alike := map[string]int{}
	for g := range m.groups {
		entitled := newSet(len(m.scopes))
		if m.table {
			entitled.or(m.entitled[g])
			entitled.and(assigned)
		}
		if entitled.empty() && !s.ruleGroups.has(g) {
			continue
		}
		entitled.and(m.defaults)
		key := roles(rules, g) + entitled.key()
		if _, known := alike[key]; !known {
			alike[key] = len(s.atoms)
			s.atoms = append(s.atoms, newSet(len(m.groups)))
		}
		s.atoms[alike[key]].add(g)
	}
}

// roles is which lists of the rules hold a group.
func roles(rules []*rule, group int) string {
	var b strings.Builder
	for _, r := range rules {
		role := byte('0')
		if r.anyOf.has(group) {
			role++
		}
		if r.noneOf.has(group) {
			role += 2
		}
		b.WriteByte(role)
	}
	return b.String()
}

// block is how many places there are for each vector of atoms; of more than can be
// counted, the largest number.
func (s *space) block() int {
	n := 1
	for _, d := range s.attributes {
		n = times(n, len(d.classes))
	}
	for _, more := range [...]int{len(s.addresses), len(s.instants), len(s.ages), len(s.levels)} {
		n = times(n, more)
	}
	return n
}

// size is the number of places, or the largest number.
func (s *space) size() int {
	if len(s.atoms) > 40 {
		return math.MaxInt
	}
	return times(s.block(), 1<<len(s.atoms))
}

func times(n, more int) int {
	if n > math.MaxInt/more {
		return math.MaxInt
	}
	return n * more
}

// each visits every context, with what the customer is entitled to and where it
// lies; contexts with fewer groups, fewer attributes, and an older and weaker
// sign-in tend to come first. None of it may be kept. It ends early when visit
// returns false.
func (s *space) each(visit func(c *context, entitled set, at spot) bool) {
	c := &context{grant: s.grant, machine: s.machine, groups: newSet(len(s.model.groups))}
	if !s.machine && len(s.model.domains) > 0 {
		c.cells = make([]int, len(s.model.domains))
	}
	var at spot
	for at.vector = range 1 << len(s.atoms) {
		copy(c.groups, s.always)
		for i, atom := range s.atoms {
			if at.vector&(1<<i) != 0 {
				c.groups.or(atom)
			}
		}
		entitled := s.model.all
		if s.model.table && !s.machine {
			entitled = s.model.entitlement(c.groups)
		}
		for at.combination = range s.combinations() {
			if !s.place(c.cells, at.combination) {
				continue
			}
			if !s.around(c, entitled, at, visit) {
				return
			}
		}
	}
}

// around visits what differs in where, when and how well.
func (s *space) around(c *context, entitled set, at spot, visit func(c *context, entitled set, at spot) bool) bool {
	for at.address, c.address = range s.addresses {
		for at.instant, c.at = range s.instants {
			for at.age, c.age = range s.ages {
				for at.level, c.assurance = range s.levels {
					if !visit(c, entitled, at) {
						return false
					}
				}
			}
		}
	}
	return true
}

// number is the place of a spot, and spot turns it back.
func (s *space) number(at spot) int {
	n := at.vector*s.combinations() + at.combination
	n = n*len(s.addresses) + at.address
	n = n*len(s.instants) + at.instant
	n = n*len(s.ages) + at.age
	return n*len(s.levels) + at.level
}

func (s *space) spot(n int) spot {
	var at spot
	next := func(size int) int {
		rest := n % size
		n /= size
		return rest
	}
	at.level, at.age, at.instant, at.address = next(len(s.levels)), next(len(s.ages)), next(len(s.instants)), next(len(s.addresses))
	at.combination = next(s.combinations())
	at.vector = n
	return at
}

// few gives one group for each atom that rules look at, and those that every
// context has.
func (s *space) few(groups set) set {
	few := s.always.clone()
	for _, atom := range s.atoms {
		if atom.meets(groups) && atom.within(s.ruleGroups) {
			few.add(atom.first())
		}
	}
	return few
}
