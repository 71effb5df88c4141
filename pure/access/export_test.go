package access

// Undone gives the later model with all edits undone that a difference of the two
// knows: it has to mean what the earlier one means.
func Undone(before, after *Model) *Model {
	c, err := newComparison(before, after, DiffOptions{})
	if err != nil {
		panic(err)
	}
	return c.without(c.edits()...)
}

// ProveInStretches proves with so many contexts side by side.
func ProveInStretches(m *Model, o Options, places int) (*Matrix, error) { return prove(m, o, places) }

// BlockPlaces is how many [Prove] has.
const BlockPlaces = blockPlaces
