package main

import (
	"context"

	"sallyport/pure/config"
)

// withTree reads a tree and opens a session about the environment that it is
// for: the tree's tenant decides between environments of the same name.
func (f *stateFlags) withTree(ctx context.Context, s streams, dir string, do func(*session, *config.Tree) error) error {
	tree, err := loadTree(dir)
	if err != nil {
		return err
	}
	return f.within(ctx, s, tree.TenantName(), func(talk *session) error { return do(talk, tree) })
}
