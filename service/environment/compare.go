package environment

import (
	"fmt"

	"sallyport/pure/config"
	"sallyport/pure/review"
)

// Compare says what leads from one tree of live to another. A base of nil gives
// nobody anything. [InvalidError] if one of them does not compile with this release.
func (r *Registry) Compare(live *Live, base, tree *config.Tree) (*review.Review, error) {
	var was *config.Snapshot
	if base != nil {
		var problems []config.Problem
		if was, problems = config.Compile(base, live.Name, r.cfg.Builtin); was == nil {
			return nil, &InvalidError{problems}
		}
	}
	is, problems := config.Compile(tree, live.Name, r.cfg.Builtin)
	if is == nil {
		return nil, &InvalidError{problems}
	}
	compared, err := review.Compare(was, is, review.Options{From: r.cfg.Now()})
	if err != nil {
		return nil, fmt.Errorf("comparing two revisions: %w", err)
	}
	return compared, nil
}
