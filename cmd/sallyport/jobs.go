package main

import (
	"context"
	"crypto/rand"
	"errors"

	"sallyport/pure/migrate"
	"sallyport/service/issue"
	"sallyport/service/job"
	"sallyport/service/keyring"
	"sallyport/store"
)

// jobsSuffix is what the directory of kept exports ends in.
const jobsSuffix = ".jobs"

// wireJobs constructs what runs imports in the background of a server. In a command
// it shows and steers what servers run.
func (i *installation) wireJobs(master *keyring.Master) {
	dir, err := i.location.beside(jobsSuffix)
	if err != nil {
		dir = "" // no place of our own: openJobs says so
	}
	i.jobs = job.New(job.Config{
		Store: i.store, Sealer: master, Audit: i.audit, Import: i.intake.Import, Environments: i.environmentIDs, Live: i.liveMigration,
		Dir: dir, Now: now, Rand: rand.Reader, Log: i.log, Crash: crashHook(),
	})
}

// liveMigration is what an import needs of a migration as it is now.
func (i *installation) liveMigration(ctx context.Context, env store.EnvironmentID, name string) (job.Live, error) {
	live, found := i.registry.ByID(env)
	if !found {
		return job.Live{}, job.ErrNoPlan
	}
	view, err := issue.ViewOf(live)
	if err != nil {
		return job.Live{}, err
	}
	m, found := view.Snapshot.Migrations[name]
	if !found {
		return job.Live{}, job.ErrNoPlan
	}
	plan, err := i.unlocked(ctx, env, m.Plan)
	return job.Live{Plan: plan, Stage: m.JIT != nil, Rules: m.Rivals}, err
}

// unlocked gives a plan the secrets of the vault that its format reads by.
func (i *installation) unlocked(ctx context.Context, env store.EnvironmentID, plan *migrate.Plan) (*migrate.Plan, error) {
	if len(plan.Missing()) == 0 {
		return plan, nil
	}
	values := map[string][]byte{}
	for setting, name := range plan.Secrets() {
		value, err := i.vault.Open(ctx, env, name)
		if errors.Is(err, store.ErrNotFound) {
			return nil, errors.Join(migrate.ErrSecret, err)
		}
		if err != nil {
			return nil, err
		}
		values[setting] = value
	}
	return plan.With(values)
}

// openJobs takes the directory of kept exports. A server without one does all else.
func (n *node) openJobs() {
	if err := n.jobs.Open(); err != nil {
		n.log.Error("imports cannot be run in the background: their files have no place", "error", err)
	}
}

// runJobs runs imports until the server begins to stop: then they pause at once,
// while requests are let finish.
func (n *node) runJobs(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-n.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	n.jobs.Run(ctx)
}
