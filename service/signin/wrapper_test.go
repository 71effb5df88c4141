package signin_test

import (
	"context"

	"sallyport/service/signin"
	"sallyport/store"
)

// findWrapper calls f before each look-up.
type findWrapper struct {
	signin.Directory
	f func(typed string)
}

func (w findWrapper) Find(ctx context.Context, env store.EnvironmentID, typed, region string) (store.Person, error) {
	w.f(typed)
	return w.Directory.Find(ctx, env, typed, region)
}
