package environment

import (
	"fmt"
	"slices"

	"sallyport/pure/config"
	"sallyport/pure/review"
	"sallyport/store"
)

// asksFor tells whether an environment that is not protected has approvals asked for
// target nevertheless: its newest revision does of whatever widens, and of what
// cannot be compared. Otherwise whoever skips the change would skip the approvals.
func (r *Registry) asksFor(live *Live, newest *store.Revision, target *config.Snapshot) (bool, error) {
	if newest == nil {
		return false, nil
	}
	base, err := config.Decode(newest.Content)
	if err != nil {
		return true, nil // nobody can see that it does not
	}
	if spec, _ := base.Environment(live.Name); spec.Approvals == 0 {
		return false, nil
	}
	current, _ := config.Compile(base, live.Name, r.cfg.Builtin) // of none, everything is new
	compared, err := review.Compare(current, target, review.Options{From: r.cfg.Now()})
	if err != nil {
		return false, fmt.Errorf("comparing with revision %d: %w", newest.Number, err)
	}
	unseen := slices.ContainsFunc(compared.Gates, func(g review.Gate) bool { return !g.Passed })
	return unseen || compared.Widens(), nil
}
