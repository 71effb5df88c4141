package route

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Join makes one table of several APIs, so that one match finds any of them.
// Templates of different APIs that claim the same paths are errors, since the
// order of tables must not decide; the table is nil then.
func Join(tables ...*Table) (*Table, []Problem) {
	var operations []*Operation
	declared := make(map[Scope]Declaration)
	for _, t := range tables {
		operations = append(operations, t.operations...)
		maps.Copy(declared, t.declared)
	}
	problems := checkOverlaps(operations)
	problems = slices.DeleteFunc(problems, func(p Problem) bool { return p.Severity != Error })
	seen := make(map[operationKey]bool)
	for _, o := range operations {
		key := operationKey{o.API, o.ID}
		if seen[key] {
			problems = append(problems, Problem{
				Error, OperationRepeated, o.Where,
				fmt.Sprintf("%s %s stands in two tables", o.API, o.ID), "give each API its own name",
			})
		}
		seen[key] = true
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return build(operations, declared), nil
}

// build makes the table of operations that are known not to conflict.
func build(operations []*Operation, declared map[Scope]Declaration) *Table {
	t := &Table{
		root: newBranch(), operations: slices.Clone(operations), declared: declared,
		byID: make(map[operationKey]*Operation, len(operations)), reach: make(map[Scope][]*Operation),
	}
	slices.SortFunc(t.operations, func(a, b *Operation) int {
		return cmp.Or(cmp.Compare(a.Template, b.Template), cmp.Compare(a.Method, b.Method))
	})
	known := make(map[Scope]bool)
	for scope := range declared {
		known[scope] = true
	}
	for _, o := range t.operations {
		t.root.insert(o)
		t.byID[operationKey{o.API, o.ID}] = o
		reached := o.Security.Scopes()
		for _, scope := range reached {
			known[scope] = true
			reached = append(reached, o.Security.Above[scope]...)
		}
		slices.Sort(reached)
		for _, scope := range slices.Compact(reached) {
			t.reach[scope] = append(t.reach[scope], o)
		}
	}
	t.scopes = sorted(known)
	return t
}

func newBranch() *branch { return &branch{static: make(map[string]*branch)} }

func (b *branch) insert(o *Operation) {
	for _, s := range o.segments {
		b = b.child(s)
	}
	if b.leaf == nil {
		b.leaf = &leaf{operations: make(map[string]*Operation)}
	}
	b.leaf.operations[o.Method] = o
	b.leaf.allowed = slices.Sorted(maps.Keys(b.leaf.operations))
}

func (b *branch) child(s segment) *branch {
	if s.parameter {
		if b.parameter == nil {
			b.parameter = newBranch()
		}
		return b.parameter
	}
	if b.static[s.text] == nil {
		b.static[s.text] = newBranch()
	}
	return b.static[s.text]
}

// checkOverlaps finds templates that some path fits equally well. Two templates
// overlap if no segment tells them apart; one of them is plainly the more
// exact if it is static wherever they differ. Otherwise (/a/{x}/c and /{y}/b/c)
// the choice would be ours and not the author's: an error if the operations ask
// for different things or belong to different APIs, else a warning.
func checkOverlaps(operations []*Operation) []Problem {
	var problems []Problem
	byTemplate := groups(operations)
	for i, group := range byTemplate {
		for _, other := range byTemplate[i+1:] {
			switch relate(group[0].segments, other[0].segments) {
			case same:
				problems = append(problems, conflict(PathConflict, Error, group[0], other[0],
					"match exactly the same paths", "keep one of them"))
			case crossing:
				severity := Warning
				if !agree(group, other) {
					severity = Error
				}
				problems = append(problems, conflict(PathOverlap, severity, group[0], other[0],
					"both match some paths, and neither is the more exact", "change a segment so that no path fits both"))
			}
		}
	}
	return problems
}

func conflict(code Code, severity Severity, a, b *Operation, what, fix string) Problem {
	return Problem{severity, code, b.Where, fmt.Sprintf("%s and %s %s", a.Template, b.Template, what), fix}
}

// groups gathers operations by API and template, in order of first appearance.
func groups(operations []*Operation) [][]*Operation {
	type owner struct {
		api      API
		template string
	}
	index := make(map[owner]int)
	var all [][]*Operation
	for _, o := range operations {
		key := owner{o.API, o.Template}
		i, ok := index[key]
		if !ok {
			i = len(all)
			index[key] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], o)
	}
	return all
}

// agree reports whether it makes no difference to a caller's rights which of
// two templates is taken.
func agree(a, b []*Operation) bool {
	if a[0].API != b[0].API || len(a) != len(b) {
		return false
	}
	for _, one := range a {
		if !slices.ContainsFunc(b, func(other *Operation) bool {
			return one.Method == other.Method && one.Security.equal(other.Security)
		}) {
			return false
		}
	}
	return true
}

// relation is how the path sets of two templates lie to each other.
type relation uint8

const (
	apart    relation = iota // no path fits both
	nested                   // one is the more exact
	same                     // the same paths
	crossing                 // some paths fit both, and each has others
)

func relate(a, b []segment) relation {
	if len(a) != len(b) {
		return apart
	}
	aExact, bExact := false, false
	for i := range a {
		switch {
		case a[i].parameter && b[i].parameter:
		case a[i].parameter:
			if b[i].text == "" {
				return apart // a parameter is never empty
			}
			bExact = true
		case b[i].parameter:
			if a[i].text == "" {
				return apart
			}
			aExact = true
		case a[i].text != b[i].text:
			return apart
		}
	}
	switch {
	case aExact && bExact:
		return crossing
	case aExact || bExact:
		return nested
	}
	return same
}
