package access

import (
	"slices"
	"strconv"
	"time"
)

// dimension is an attribute in a space: the cells of its domain that the rules of
// a line meet alike, taken together.
type dimension struct {
	domain  int
	classes [][]int // ascending; the first has what is lacking
}

// dimensions gives one to each attribute that some of the rules looks at.
func dimensions(m *Model, rules []*rule) []dimension {
	var all []dimension
	for i := range m.domains {
		var conditions []set
		for _, r := range rules {
			for _, a := range r.attributes {
				if a.domain == i {
					conditions = append(conditions, a.holds)
				}
			}
		}
		if conditions != nil {
			all = append(all, dimension{i, classes(&m.domains[i], conditions)})
		}
	}
	return all
}

// classes puts cells together that meet the same conditions. A cell without any
// value is in none.
func classes(d *domain, conditions []set) [][]int {
	var all [][]int
	known := map[string]int{}
	key := make([]byte, len(conditions))
	for cell := range d.cells() {
		if _, some := d.value(cell); !some {
			continue
		}
		for i, holds := range conditions {
			key[i] = 0
			if holds.has(cell) {
				key[i] = 1
			}
		}
		at, twice := known[string(key)]
		if !twice {
			at = len(all)
			known[string(key)], all = at, append(all, nil)
		}
		all[at] = append(all[at], cell)
	}
	return all
}

func (d dimension) class(cell int) int {
	return slices.IndexFunc(d.classes, func(class []int) bool { return slices.Contains(class, cell) })
}

// combinations counts the ways in which classes of all attributes can be had.
func (s *space) combinations() int {
	n := 1
	for _, d := range s.attributes {
		n *= len(d.classes)
	}
	return n
}

// digits are the classes of a combination, by dimension.
func (s *space) digits(combination int) []int {
	digits := make([]int, len(s.attributes))
	for i, d := range s.attributes {
		digits[i] = combination % len(d.classes)
		combination /= len(d.classes)
	}
	return digits
}

// place gives one cell of each class of a combination, and reports whether it can
// be had.
func (s *space) place(cells []int, combination int) bool {
	for _, d := range s.attributes {
		cells[d.domain] = d.classes[combination%len(d.classes)][0]
		combination /= len(d.classes)
	}
	for _, t := range s.twins {
		one, other := s.attributes[t.one], s.attributes[t.other]
		value, some := t.values[[2]int{one.class(cells[one.domain]), other.class(cells[other.domain])}]
		if !some {
			return false
		}
		cells[one.domain], cells[other.domain] = s.model.domains[one.domain].cell(value), s.model.domains[other.domain].cell(value)
	}
	return true
}

// values writes a combination as a customer's attributes.
func (s *space) values(combination int) map[Attribute]string {
	cells := make([]int, len(s.model.domains))
	s.place(cells, combination)
	values := s.model.values(cells)
	for _, t := range s.twins {
		one, other := s.attributes[t.one], s.attributes[t.other]
		if value := t.values[[2]int{one.class(cells[one.domain]), other.class(cells[other.domain])}]; value != "" {
			values[s.model.domains[one.domain].Name] = value
		}
	}
	return values
}

// values writes cells as a customer's attributes, those that are lacking left out.
func (m *Model) values(cells []int) map[Attribute]string {
	var values map[Attribute]string
	for i, cell := range cells {
		if value, some := m.domains[i].value(cell); some && cell != lacking {
			if values == nil {
				values = map[Attribute]string{}
			}
			values[m.domains[i].Name] = value
		}
	}
	return values
}

// twin is an attribute that two compared models give different types: it has two
// dimensions, and not every pair of their classes has a value.
type twin struct {
	one, other int // dimensions
	values     map[[2]int]string
}

func (s *space) findTwins() []twin {
	var all []twin
	for i, one := range s.attributes {
		for j := i + 1; j < len(s.attributes); j++ {
			a, b := &s.model.domains[one.domain], &s.model.domains[s.attributes[j].domain]
			if a.Name != b.Name {
				continue
			}
			t := twin{i, j, map[[2]int]string{}}
			for _, value := range slices.Concat(a.samples(b), b.samples(a)) {
				pair := [2]int{one.class(a.cell(value)), s.attributes[j].class(b.cell(value))}
				if _, known := t.values[pair]; !known {
					t.values[pair] = value
				}
			}
			all = append(all, t)
		}
	}
	return all
}

// samples are values of each cell, and so many of each span of numbers or dates
// that one of them is none of the other domain's constants.
func (d *domain) samples(than *domain) []string {
	var all []string
	for cell := range d.cells() {
		value, some := d.value(cell)
		if !some {
			continue
		}
		all = append(all, value)
		rank, ordered := d.Type.rank(value)
		for i := range len(than.texts) + 1 {
			if !ordered {
				break
			}
			step := int64(i)
			if cell == other {
				step = -step
			}
			if next, some := d.Type.write(rank + step); some && d.cell(next) == cell {
				all = append(all, next)
			}
		}
	}
	return append(all, "true", "false", strconv.Itoa(0), time.Unix(0, 0).UTC().Format(time.DateOnly), "neither")
}
