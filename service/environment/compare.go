package environment

import "sallyport/pure/config"

// Compare tells which cells of the access matrix differ between two trees of
// live, widening first, and of what it cannot tell. A base of nil gives nobody
// anything. [InvalidError] if one of them does not compile with this release.
func (r *Registry) Compare(live *Live, base, tree *config.Tree) (changes []AccessChange, doubts []config.Problem, err error) {
	var was *config.Snapshot
	if base != nil {
		var problems []config.Problem
		if was, problems = config.Compile(base, live.Name, r.cfg.Builtin); was == nil {
			return nil, nil, &InvalidError{problems}
		}
	}
	is, problems := config.Compile(tree, live.Name, r.cfg.Builtin)
	if is == nil {
		return nil, nil, &InvalidError{problems}
	}
	changes, doubts = compareAccess(was, is, r.cfg.Now())
	return changes, doubts, nil
}
