package main

import (
	"context"
	"slices"
	"time"

	"sallyport/protocol/jose"
	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/store"
)

const (
	sweepEvery      = time.Minute
	sweepLimit      = 5000
	checkpointEvery = time.Minute
	keysEvery       = time.Hour
	wrapEvery       = time.Minute
)

// startBackground runs what a server does by itself until n.cancel.
func (n *node) startBackground(parent context.Context) {
	ctx, cancel := context.WithCancel(parent)
	n.cancel = cancel
	n.registry.Subscribe(func(ctx context.Context, e store.FeedEntry) {
		if live, found := n.registry.ByID(e.Env); found && e.Kind == store.RevisionApplied {
			n.maintainKeys(ctx, live)
		}
	})
	n.background.Go(func() { n.registry.Run(ctx) })
	n.every(ctx, sweepEvery, n.sweep)
	n.every(ctx, sweepEvery, n.sweepWalks)
	n.every(ctx, checkpointEvery, n.checkpoint)
	n.every(ctx, keysEvery, n.maintainAllKeys)
	n.every(ctx, wrapEvery, n.wrapWeak)
	n.background.Go(func() { n.runJobs(ctx) })
	n.background.Go(func() { _ = n.messages.Run(ctx) })
	n.background.Go(func() { n.meter.Run(ctx) })
	n.background.Go(func() { n.tally.Run(ctx) })
	n.background.Go(func() { n.footfall.Run(ctx) })
	n.background.Go(func() { n.points.Run(ctx) })
	n.background.Go(func() { n.gateway.Run(ctx) })
	if n.certificates != nil {
		n.background.Go(func() { n.certificates.Run(ctx) })
	}
}

// every calls work each period until ctx ends, beginning after a quarter of it
// so that starting up stays quick.
func (n *node) every(ctx context.Context, period time.Duration, work func(context.Context)) {
	n.background.Go(func() {
		timer := time.NewTimer(period / 4)
		defer timer.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-timer.C:
				work(ctx)
				timer.Reset(period)
			}
		}
	})
}

// sweep deletes what has expired, in bounded steps.
func (n *node) sweep(ctx context.Context) {
	for ctx.Err() == nil {
		deleted, err := n.store.Sweep(ctx, now(), sweepLimit)
		if err != nil {
			n.log.Error("sweeping expired records", "error", err)
		}
		if err != nil || deleted < sweepLimit {
			return
		}
	}
}

// sweepWalks removes what walks left behind whose walker never came back.
func (n *node) sweepWalks(ctx context.Context) {
	for _, env := range n.environmentIDs() {
		if err := n.walks.Sweep(ctx, env); err != nil {
			n.log.Error("sweeping walks", "error", err)
		}
	}
}

// checkpoint signs the heads of the audit chains.
func (n *node) checkpoint(ctx context.Context) {
	if err := n.prover.CheckpointAll(ctx, n.environmentIDs()); err != nil {
		n.log.Error("signing audit checkpoints", "error", err)
	}
}

func (i *installation) environmentIDs() []store.EnvironmentID {
	ids := []store.EnvironmentID{}
	for _, live := range i.registry.Environments() {
		ids = append(ids, live.ID)
	}
	slices.Sort(ids)
	return ids
}

// lastWork is done once everything else has ended.
func (n *node) lastWork(ctx context.Context) error {
	return n.prover.CheckpointAll(ctx, n.environmentIDs())
}

func (n *node) maintainAllKeys(ctx context.Context) {
	for _, live := range n.registry.Environments() {
		n.maintainKeys(ctx, live)
	}
}

// maintainKeys makes, rotates and destroys the signing keys of an environment.
func (n *node) maintainKeys(ctx context.Context, live *environment.Live) {
	snapshot := live.Snapshot()
	if snapshot == nil {
		return
	}
	if err := n.ring.Maintain(ctx, rotations(live.ID, snapshot)); err != nil {
		n.log.Error("maintaining signing keys", "environment", live.Name, "error", err)
	}
}

// rotations says what keys the servers of a snapshot need.
func rotations(env store.EnvironmentID, snapshot *config.Snapshot) []keyring.Rotation {
	var all []keyring.Rotation
	for name, server := range snapshot.Servers {
		algorithms := []jose.Algorithm{jose.Algorithm(server.Signing.Algorithm)}
		for _, application := range snapshot.Applications {
			_, assigned := application.Assigned[name]
			algorithm := jose.Algorithm(application.IDTokenAlgorithm)
			if assigned && algorithm != "" && !slices.Contains(algorithms, algorithm) {
				algorithms = append(algorithms, algorithm)
			}
		}
		if hasOpaque(snapshot, server) {
			algorithms = append(algorithms, keyring.OpaqueAlgorithm)
		}
		all = append(all, keyring.Rotation{Env: env, Server: name, Algorithms: algorithms, Every: server.Signing.RotateEvery.Std()})
	}
	return all
}

// wrapWeak wraps imported weak hashes in Argon2id, a few at a time.
func (n *node) wrapWeak(ctx context.Context) {
	for _, live := range n.registry.Environments() {
		if _, err := n.intake.WrapWeak(ctx, live.ID); err != nil && ctx.Err() == nil {
			n.log.Error("wrapping weak password hashes", "environment", live.Name, "error", err)
		}
	}
}

// hasOpaque tells whether a server makes opaque tokens for anybody.
func hasOpaque(snapshot *config.Snapshot, server *config.LiveServer) bool {
	for _, application := range snapshot.Applications {
		if _, assigned := application.Assigned[server.Name]; assigned && server.TokensOf(application) == config.TokensOpaque {
			return true
		}
	}
	return false
}
