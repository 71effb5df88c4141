package main

import (
	"context"

	"sallyport/pure/customer"
	"sallyport/store"
)

// awaited lets whoever waits for groups hear that an import gave them.
func (i *installation) awaited(ctx context.Context, env store.EnvironmentID, was, is customer.Customer) (func(context.Context, store.Tx) error, error) {
	live, found := i.registry.ByID(env)
	if !found || i.directory == nil {
		return nil, nil
	}
	return i.directory.Awaited(ctx, live, was, is)
}
