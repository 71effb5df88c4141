package access

import (
	"cmp"
	"net/netip"
	"slices"
)

// Whence is a set of addresses. Of all the prefixes below that hold an address the
// longest decides; where none does, Elsewhere says.
type Whence struct {
	Networks  []netip.Prefix `json:"networks,omitempty"` // that belong to it
	Except    []netip.Prefix `json:"except,omitempty"`   // that do not
	Elsewhere bool           `json:"elsewhere,omitempty"`
	Unknown   bool           `json:"unknown,omitempty"` // the address that is not known
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

// whence describes some address cells of a space by the prefixes that rules use;
// nil for all of them.
func (c *covering) whence(cells []bool) *Whence {
	if !slices.Contains(cells, false) {
		return nil
	}
	var rules []*rule
	var prefixes []netip.Prefix
	for _, list := range c.pairing.rules {
		for _, r := range list {
			if r.networks != nil && r.grants&c.pairing.grant != 0 {
				rules, prefixes = append(rules, r), append(prefixes, r.networks...)
			}
		}
	}
	slices.SortFunc(prefixes, func(a, b netip.Prefix) int { return cmp.Or(a.Bits()-b.Bits(), a.Addr().Compare(b.Addr())) })
	prefixes = slices.Compact(prefixes)
	w := &Whence{}
	cell := func(a netip.Addr) bool { return cells[c.pairing.space.cellOf(rules, a)] }
	// Outside of every prefix there is at least one address, unless they leave
	// nothing; then what is elsewhere does not matter.
	if a, some := outside(prefixes, netip.Prefix{}); some {
		w.Elsewhere = cell(a)
	}
	w.Unknown = cell(netip.Addr{})
	for _, p := range prefixes {
		a, some := outside(prefixes, p)
		if !some {
			continue
		}
		switch has := cell(a); {
		case has == w.Contains(a): // as the prefix around it says
		case has:
			w.Networks = append(w.Networks, p)
		default:
			w.Except = append(w.Except, p)
		}
	}
	return w
}

// outside finds an address of a prefix that is in none of the longer ones; of the
// zero prefix, one that is in none at all.
func outside(prefixes []netip.Prefix, p netip.Prefix) (netip.Addr, bool) {
	candidates := []netip.Addr{p.Addr()}
	if !p.IsValid() {
		candidates = []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified(), netip.MustParseAddr("0:0:0:0:1::")}
	}
	for _, q := range prefixes {
		if next := last(q).Next(); next.IsValid() && !next.Is4In6() {
			candidates = append(candidates, next)
		}
	}
	for _, a := range candidates {
		if (p.IsValid() && !p.Contains(a)) || a.Is4In6() {
			continue
		}
		if !slices.ContainsFunc(prefixes, func(q netip.Prefix) bool { return q != p && q.Bits() >= p.Bits() && q.Contains(a) }) {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// cellOf finds the cell of an address: the one whose address the same rules reach.
func (s *space) cellOf(rules []*rule, a netip.Addr) int {
	return slices.IndexFunc(s.addresses, func(b netip.Addr) bool {
		return !slices.ContainsFunc(rules, func(r *rule) bool { return r.reaches(a) != r.reaches(b) })
	})
}

func sameWindows(a, b []Window) bool {
	return slices.EqualFunc(a, b, func(a, b Window) bool {
		return a.From == b.From && a.To == b.To && slices.Equal(a.Days, b.Days) && a.Zone.String() == b.Zone.String()
	})
}
