package environment

import (
	"context"
	"fmt"
	"slices"

	"sallyport/pure/config"
	"sallyport/store"
)

// governed is target, held to governance too. What the environment has run before
// may come back whatever is asked since.
func (r *Registry) governed(ctx context.Context, live *Live, tree *config.Tree) (target *config.Snapshot, warnings []config.Problem, err error) {
	target, problems, err := r.target(live, tree)
	if err != nil {
		return nil, nil, err
	}
	problems = append(problems, r.walked.judge(tree, target)...)
	config.Sort(problems)
	if !config.Refused(problems) {
		return target, problems, nil
	}
	ran, err := r.ran(ctx, live, tree.Digest())
	switch {
	case err != nil:
		return nil, nil, err
	case !ran:
		return nil, nil, &InvalidError{problems}
	}
	for i := range problems {
		problems[i].Severity = config.Warning
	}
	return target, problems, nil
}

// ran tells whether one of the newest revisions, as far back as anybody goes, had
// this meaning.
func (r *Registry) ran(ctx context.Context, live *Live, digest [32]byte) (bool, error) {
	const back = 1000
	revisions, err := r.cfg.Store.RevisionList(ctx, live.ID, 0, back)
	if err != nil {
		return false, fmt.Errorf("listing revisions: %w", err)
	}
	return slices.ContainsFunc(revisions, func(one store.Revision) bool { return one.Digest == digest }), nil
}
