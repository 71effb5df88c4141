package migrate

import (
	"maps"
	"slices"
)

// Marks gives the marks of what an outcome holds, by the name of the migration
// alone: nothing says which columns it came from. Of an outcome that was made of a
// customer as they are now, marks that a record has as well are values that still
// are as they were brought.
func Marks(migration string, o Outcome) []Mark {
	o.Rejection, o.Dropped = nil, ""
	p := &Plan{name: migration}
	for _, name := range slices.Sorted(maps.Keys(o.Customer.Attributes)) {
		p.fields = append(p.fields, field{Field: Field{To: "attribute." + name}, target: toAttribute, attribute: name})
	}
	p.mark(&Record{}, &o)
	return o.Marks
}
