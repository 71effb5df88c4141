package access

import (
	"net/netip"
	"slices"
	"time"
)

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
	from = beginning(from)
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

// beginning is where contexts begin in time if nobody says.
func beginning(from time.Time) time.Time {
	if from.IsZero() {
		return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return from
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
