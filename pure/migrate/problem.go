package migrate

import "fmt"

// Problem is a mistake in a migration, with the way out. Any problem refuses
// the plan.
type Problem struct {
	Path string // where in the document, e.g. "map[2].to"
	What string
	Fix  string
}

// String gives the problem in one line.
func (p Problem) String() string { return fmt.Sprintf("%s: %s; %s", p.Path, p.What, p.Fix) }

// problems gathers them.
type problems []Problem

func (p *problems) add(path, fix, what string, args ...any) {
	*p = append(*p, Problem{Path: path, Fix: fix, What: fmt.Sprintf(what, args...)})
}
