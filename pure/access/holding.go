package access

import (
	"fmt"
	"slices"
	"strings"
)

// Holding is what customers of a [Population] have as one attribute: any of what its
// fields say.
type Holding struct {
	Name Attribute     `json:"name"`
	Type AttributeType `json:"type"`
	// Is are values, of texts and booleans.
	Is []string `json:"is,omitempty"`
	// Other is any text but those of Not.
	Other bool     `json:"other,omitempty"`
	Not   []string `json:"not,omitempty"`
	// Ranges are spans of numbers or dates, ascending.
	Ranges []Range `json:"ranges,omitempty"`
	// Lacking is no value, or one that is not of the type.
	Lacking bool `json:"lacking,omitempty"`
}

// Range is the numbers or dates from AtLeast to before Below; empty for no bound.
type Range struct {
	AtLeast string `json:"at_least,omitempty"`
	Below   string `json:"below,omitempty"`
}

// Contains reports whether a value is among them; empty for none.
func (h Holding) Contains(value string) bool {
	if !h.Type.Valid(value) {
		return h.Lacking
	}
	if slices.Contains(h.Is, value) || (h.Other && !slices.Contains(h.Not, value)) {
		return true
	}
	return slices.ContainsFunc(h.Ranges, func(r Range) bool {
		return (&AttributeCond{AtLeast: r.AtLeast, Below: r.Below}).meets(h.Type, value)
	})
}

// String says it after "whose", as "tariff is green or eco, or is not known".
func (h Holding) String() string {
	var parts []string
	switch {
	case h.Other && len(h.Not) == 0:
		parts = append(parts, "is known")
	case h.Other:
		parts = append(parts, "is not "+either(h.Not))
	case len(h.Is) > 0:
		parts = append(parts, "is "+either(h.Is))
	}
	for _, r := range h.Ranges {
		parts = append(parts, r.text(h.Type))
	}
	if h.Lacking {
		parts = append(parts, "is not known")
	}
	return fmt.Sprintf("%s %s", h.Name, strings.Join(parts, " or "))
}

func (r Range) text(t AttributeType) string {
	least, from := t.rank(r.AtLeast)
	below, until := t.rank(r.Below)
	switch {
	case from && until && least+1 == below:
		return "is " + r.AtLeast
	case from && until:
		return "is at least " + r.AtLeast + " and below " + r.Below
	case from:
		return "is at least " + r.AtLeast
	case until:
		return "is below " + r.Below
	}
	return "is known"
}

// holding describes some classes of an attribute; nil for all of them.
func (s *space) holding(d dimension, classes []bool) *Holding {
	if !slices.Contains(classes, false) {
		return nil
	}
	domain := &s.model.domains[d.domain]
	in := newSet(domain.cells())
	for i, class := range d.classes {
		for _, cell := range class {
			if classes[i] {
				in.add(cell)
			}
		}
	}
	h := &Holding{Name: domain.Name, Type: domain.Type, Lacking: in.has(lacking)}
	if domain.Type.ordered() {
		h.Ranges = domain.ranges(in)
		return h
	}
	h.Other = in.has(other)
	for i, text := range domain.texts {
		switch has := in.has(i + 2); {
		case has && !h.Other:
			h.Is = append(h.Is, text)
		case !has && h.Other:
			h.Not = append(h.Not, text)
		}
	}
	return h
}

// ranges joins cells of numbers or dates that follow each other.
func (d *domain) ranges(in set) []Range {
	var all []Range
	open := false
	for cell := other; cell < d.cells(); cell++ {
		begins := ""
		if cell > other {
			begins, _ = d.value(cell)
		}
		switch _, some := d.value(cell); {
		case !some:
		case in.has(cell) && !open:
			all, open = append(all, Range{AtLeast: begins}), true
		case !in.has(cell) && open:
			all[len(all)-1].Below, open = begins, false
		}
	}
	return all
}
