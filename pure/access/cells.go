package access

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// space is every context that the rules of one line can tell apart, for one
// grant. Where rules cannot tell two contexts apart, one stands for both.
type space struct {
	model      *Model
	grant      grants
	machine    bool
	atoms      []set // of groups that act alike; a context has all or none of each
	always     set   // groups that every context has, and then no others
	ruleGroups set   // groups that some rule looks at
	addresses  []netip.Addr
	instants   []time.Time
	levels     []Assurance
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
	s.levels = []Assurance{NoAssurance}
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
	}
	slices.Sort(s.levels)
	s.addresses, s.instants = addressCells(networks), instantCells(windows, from)
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

func (s *space) size() int {
	return len(s.addresses) * len(s.instants) * len(s.levels) << len(s.atoms)
}

// each visits every context, with what the customer is entitled to; contexts
// with fewer groups tend to come first. Neither may be kept. It ends early when
// visit returns false.
func (s *space) each(visit func(c *context, entitled set) bool) {
	c := &context{grant: s.grant, machine: s.machine, groups: newSet(len(s.model.groups))}
	for vector := range 1 << len(s.atoms) {
		copy(c.groups, s.always)
		for i, atom := range s.atoms {
			if vector&(1<<i) != 0 {
				c.groups.or(atom)
			}
		}
		entitled := s.model.all
		if s.model.table && !s.machine {
			entitled = s.model.entitlement(c.groups)
		}
		for _, c.address = range s.addresses {
			for _, c.at = range s.instants {
				for _, c.assurance = range s.levels {
					if !visit(c, entitled) {
						return
					}
				}
			}
		}
	}
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

// addressCells gives one address for each set of networks that an address can be
// in, and the unknown one.
func addressCells(rules []*rule) []netip.Addr {
	if len(rules) == 0 {
		return []netip.Addr{{}}
	}
	// After the IPv4 addresses mapped into IPv6, which count as IPv4.
	candidates := []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified(), netip.MustParseAddr("0:0:0:0:1::")}
	for _, r := range rules {
		for _, network := range r.networks {
			candidates = append(candidates, network.Addr())
			if next := last(network).Next(); next.IsValid() {
				candidates = append(candidates, next)
			}
		}
	}
	candidates = slices.DeleteFunc(candidates, netip.Addr.Is4In6)
	slices.SortFunc(candidates, netip.Addr.Compare)
	candidates = append(candidates, netip.Addr{})
	return distinct(rules, candidates, (*rule).reaches)
}

// last is the highest address of a network.
func last(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	address, _ := netip.AddrFromSlice(bytes)
	return address
}

// distinct keeps the first candidate for each combination of rules that hold.
func distinct[T any](rules []*rule, candidates []T, holds func(*rule, T) bool) []T {
	var kept []T
	known := map[string]bool{}
	key := make([]byte, len(rules))
	for _, candidate := range candidates {
		for i, r := range rules {
			key[i] = 0
			if holds(r, candidate) {
				key[i] = 1
			}
		}
		if !known[string(key)] {
			known[string(key)] = true
			kept = append(kept, candidate)
		}
	}
	return kept
}

// instantCells gives one instant for each set of windows that an instant can be
// in. Windows return each week as long as no zone changes its offset, so a week
// of each combination of offsets is enough.
func instantCells(rules []*rule, from time.Time) []time.Time {
	if len(rules) == 0 {
		return []time.Time{{}}
	}
	if from.IsZero() {
		from = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	var windows []Window
	var zones []*time.Location
	for _, r := range rules {
		for _, w := range r.windows {
			windows = append(windows, w)
			if !slices.Contains(zones, w.Zone) {
				zones = append(zones, w.Zone)
			}
		}
	}
	var candidates []time.Time
	for _, week := range weeks(zones, from) {
		candidates = append(candidates, week.start)
		for _, w := range windows {
			candidates = append(candidates, week.edges(w)...)
		}
	}
	return distinct(rules, candidates, (*rule).open)
}

// week is a span of at most seven days in which no zone changes its offset.
type week struct{ start, end time.Time }

// weeks finds the longest such span for each combination of offsets in twenty
// years.
func weeks(zones []*time.Location, from time.Time) []week {
	longest := map[string]int{}
	var found []week
	for at, until := from, from.AddDate(20, 0, 0); at.Before(until); {
		end, offsets := until, ""
		for _, zone := range zones {
			local := at.In(zone)
			offsets += local.Format("-070000 ")
			if _, change := local.ZoneBounds(); !change.IsZero() && change.Before(end) {
				end = change
			}
			// The last day of a leap year can come with bounds that end before it.
			if !end.After(at) {
				end = at.Add(day)
			}
		}
		span := week{at, end}
		if full := at.Add(7 * day); full.Before(end) {
			span.end = full
		}
		i, known := longest[offsets]
		switch {
		case !known:
			longest[offsets] = len(found)
			found = append(found, span)
		case span.end.Sub(span.start) > found[i].end.Sub(found[i].start):
			found[i] = span
		}
		at = end
	}
	return found
}

// edges are the instants in the week at which the window opens or closes.
func (k week) edges(w Window) []time.Time {
	var edges []time.Time
	local := k.start.In(w.Zone)
	year, month, first := local.Date()
	_, offset := local.Zone()
	midnight := time.Date(year, month, first, 0, 0, 0, 0, time.UTC).Add(-time.Duration(offset) * time.Second)
	for d := range 9 {
		for _, clock := range [...]time.Duration{0, w.From, w.To} {
			if edge := midnight.Add(time.Duration(d)*day + clock); !edge.Before(k.start) && edge.Before(k.end) {
				edges = append(edges, edge)
			}
		}
	}
	return edges
}
