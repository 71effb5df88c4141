package config

import (
	"cmp"
	"slices"
)

// At is a place in a tree: a value within an object.
type At struct {
	Kind Kind
	Name string
	// Path leads to the value: keys as string, indices as int. Where it ends
	// early, the place is what should have the rest.
	Path []any
	// Key, if given, is a key of that value: the place is the key itself.
	Key string
}

// Problem puts a problem at a place, for judgements that are made of a snapshot and
// told of the tree that it was compiled from. Where the tree has no such object
// the problem is the tree's as a whole.
func (t *Tree) Problem(at At, p Problem) Problem {
	for _, o := range t.objects {
		if o.kind != at.Kind || o.name != at.Name {
			continue
		}
		place := o.spot().at(at.Path...)
		if at.Key != "" {
			place = place.key(at.Key)
		}
		p.File = place.file
		if place.node != nil {
			p.Line, p.Column = place.node.Line, place.node.Column
		}
		return p
	}
	return p
}

// Sort puts problems in the order in which they are shown: by place, then code.
func Sort(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.What, b.What))
	})
}
