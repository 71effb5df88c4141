package route

import "math"

// A body's author does not write the schema, but chooses how deep the schema is
// walked, and a recursive schema with alternatives doubles the work with every
// level. The schema library knows no budget, so the work is bounded beforehand:
//
//	A(S, 0)   = what is applied to the value itself: S and, through $ref,
//	            allOf, anyOf and so on, every schema T in place
//	A(S, d+1) = the most that T's schemas for one child apply to a value d
//	            levels below that child
//
// ValidateBody multiplies A with the number of values at each depth before it
// evaluates anything.

const (
	// maxInPlace is how many schemas may apply to one value.
	maxInPlace = 500
	// maxLinks bounds the measuring itself: pairs of a schema and one applied
	// with it, or to its children, over the whole document.
	maxLinks = 500_000
)

// measure computes the effort of every root, and refuses schemas that apply to
// themselves without descending, or that combine too many others.
func (s *schemaSet) measure() {
	m := &measurement{
		set: s, index: make(map[*part]int, len(s.all)),
		inPlace: make([]map[int]uint64, len(s.all)), open: make(map[*part]bool),
	}
	for i, p := range s.all {
		m.index[p] = i
	}
	for _, p := range s.all {
		if m.closure(p) == nil {
			return
		}
	}
	m.levels()
}

type measurement struct {
	set     *schemaSet
	index   map[*part]int
	inPlace []map[int]uint64 // multiplicity of each part applied to the same value
	open    map[*part]bool   // on the way, to notice cycles
	links   int
}

// closure counts the parts applied to the same value; nil if it was refused.
func (m *measurement) closure(p *part) map[int]uint64 {
	i := m.index[p]
	if m.inPlace[i] != nil {
		return m.inPlace[i]
	}
	if m.open[p] {
		m.set.fail(p.at, "the schema applies to itself without descending into the value")
		return nil
	}
	m.open[p] = true
	defer delete(m.open, p)
	counts, total := map[int]uint64{i: 1}, uint64(1)
	for _, inner := range p.same {
		innerCounts := m.closure(inner)
		if innerCounts == nil {
			return nil
		}
		for j, count := range innerCounts {
			counts[j] += count
			total += count
		}
		if total > maxInPlace {
			m.set.fail(p.at, "the schema applies more than %d schemas to one value", maxInPlace)
			return nil
		}
	}
	for j := range counts {
		m.links += 1 + len(m.set.all[j].named) + len(m.set.all[j].below)
	}
	if m.links > maxLinks {
		m.set.fail(p.at, "the schemas of the document are too entangled to bound their cost")
		return nil
	}
	m.inPlace[i] = counts
	return counts
}

// levels computes A level by level until nothing changes.
func (m *measurement) levels() {
	current := make([]uint64, len(m.set.all))
	for i := range current {
		for j, count := range m.inPlace[i] {
			current[i] = add(current[i], times(count, m.set.all[j].weight))
		}
	}
	for depth := 0; ; depth++ {
		for _, root := range m.set.roots {
			root.effort = append(root.effort, current[m.index[root.part]])
		}
		next, changed := m.level(current)
		if !changed || depth == maxNesting {
			return
		}
		current = next
	}
}

func (m *measurement) level(previous []uint64) (next []uint64, changed bool) {
	next = make([]uint64, len(previous))
	for i := range next {
		var anywhere, most uint64
		named := make(map[string]uint64)
		for j, count := range m.inPlace[i] {
			p := m.set.all[j]
			for _, child := range p.below {
				anywhere = add(anywhere, times(count, previous[m.index[child]]))
			}
			for name, child := range p.named {
				named[name] = add(named[name], times(count, previous[m.index[child]]))
			}
		}
		for _, cost := range named {
			most = max(most, cost)
		}
		next[i] = add(anywhere, most)
		changed = changed || next[i] != previous[i]
	}
	return next, changed
}

// cost predicts how many schemas are applied to an instance that has counts[d]
// values at depth d, long text counting for several.
func (s *schema) cost(counts []uint64) uint64 {
	var total uint64
	for depth, count := range counts {
		each := s.effort[min(depth, len(s.effort)-1)]
		total = add(total, times(count, add(each, 1)))
	}
	return total
}

// add and times stop at the largest number instead of wrapping.
func add(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}

func times(a, b uint64) uint64 {
	if a != 0 && b > math.MaxUint64/a {
		return math.MaxUint64
	}
	return a * b
}
