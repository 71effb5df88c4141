package main

import (
	"context"
	"crypto/rand"

	"sallyport/pure/config"
	"sallyport/service/footfall"
	"sallyport/service/hook"
	"sallyport/service/issue"
)

// wirePoints constructs what asks and tells services of the tenants' own at points of
// journeys, and what counts how customers walk through them.
func (i *installation) wirePoints(o installationOptions) {
	i.hooks = hook.New(hook.Config{Audit: i.audit, Now: now, Rand: rand.Reader, Log: i.log, Private: i.private})
	i.points = hook.NewPoints(hook.PointsConfig{
		Service: i.hooks, Store: i.store, Places: i.places, Signer: i.hookSigner, Now: now, Rand: rand.Reader, Log: i.log,
	})
	i.footfall = footfall.New(footfall.Config{Store: i.store, Now: now, Log: i.log})
}

// places lists the environments with what is live in them.
func (i *installation) places() []hook.Place {
	var all []hook.Place
	for _, live := range i.registry.Environments() {
		all = append(all, hook.Place{Env: live.ID, Snapshot: live.Snapshot()})
	}
	return all
}

// hookSigner lends the key of a server for what a hook is asked and told.
func (i *installation) hookSigner(ctx context.Context, p hook.Place, server *config.LiveServer) (hook.Signer, error) {
	signing, err := i.issue.Signing(ctx, issue.View{Env: p.Env, Snapshot: p.Snapshot}, server)
	if err != nil {
		return nil, err
	}
	return signing.HookSigner(issue.Algorithm(server))
}
