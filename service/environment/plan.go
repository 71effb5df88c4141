package environment

import (
	"context"
	"fmt"

	"sallyport/pure/config"
	"sallyport/pure/review"
	"sallyport/store"
)

// Plan is what applying a tree would change.
type Plan struct {
	Base     int64 // the revision it was compared with; 0 for none
	Digest   [32]byte
	Changes  []config.Change
	Warnings []config.Problem
	Review   *review.Review // what it means, widening first
}

// Plan compares tree with the newest revision of env. [InvalidError] if the
// tree cannot become its configuration; [ErrNoEnvironment].
func (r *Registry) Plan(ctx context.Context, env store.EnvironmentID, tree *config.Tree) (Plan, error) {
	live, found := r.ByID(env)
	if !found || live.System() {
		return Plan{}, ErrNoEnvironment
	}
	target, warnings, err := r.governed(ctx, live, tree)
	if err != nil {
		return Plan{}, err
	}
	newest, err := r.newest(ctx, env)
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{Digest: tree.Digest(), Warnings: warnings}
	var base *config.Tree
	var current *config.Snapshot
	if newest != nil {
		plan.Base = newest.Number
		if base, err = config.Decode(newest.Content); err != nil {
			return Plan{}, fmt.Errorf("decoding revision %d: %w", newest.Number, err)
		}
		// One that no longer compiles gives nobody anything: all is new.
		current, _ = config.Compile(base, live.Name, r.cfg.Builtin)
	}
	plan.Changes = config.Diff(base, tree)
	if plan.Review, err = review.Compare(current, target, review.Options{From: r.cfg.Now()}); err != nil {
		return Plan{}, fmt.Errorf("reviewing a plan: %w", err)
	}
	return plan, nil
}

// target compiles tree for live's environment; [InvalidError].
func (r *Registry) target(live *Live, tree *config.Tree) (target *config.Snapshot, warnings []config.Problem, err error) {
	target, problems := config.Compile(tree, live.Name, r.cfg.Builtin)
	if target == nil {
		return nil, nil, &InvalidError{problems}
	}
	if taken := r.occupied(live, target); len(taken) > 0 {
		return nil, nil, &InvalidError{append(problems, taken...)}
	}
	return target, problems, nil
}
