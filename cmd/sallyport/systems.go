package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"sallyport/pure/migrate"
	"sallyport/pure/quota"
	"sallyport/service/environment"
	"sallyport/service/issue"
	"sallyport/service/jit"
	"sallyport/service/limit"
	"sallyport/service/source"
	"sallyport/service/source/kinds"
	"sallyport/store"
)

// newJIT wires who asks running earlier systems.
func (i *installation) newJIT(o installationOptions) *jit.Service {
	return jit.New(jit.Config{
		Intake: i.intake, Directory: i.directory, Keys: i.ring, Secrets: i.vault, Limiter: limit.New(shared{i}),
		Audit: i.audit, Events: i.store, Log: i.log, Now: now, Region: defaultRegion,
		Open: i.openSystem(o),
	})
}

// openSystem opens running systems with what they need of the installation.
func (i *installation) openSystem(o installationOptions) func(context.Context, *environment.Live, *source.Spec, *migrate.Plan) (*source.System, error) {
	return func(ctx context.Context, live *environment.Live, spec *source.Spec, plan *migrate.Plan) (*source.System, error) {
		deps := i.sourceDeps(live)
		deps.Plan, deps.Work, deps.Files = plan, i.signin.Work, o.sourceFiles
		return kinds.Open(ctx, spec, deps)
	}
}

// shared are the rate counters of all nodes, which are known once a server starts.
type shared struct{ of *installation }

var errAlone = errors.New("no shared counters")

// Spend implements limit.Counters.
func (s shared) Spend(ctx context.Context, name string, rate quota.Limit, at time.Time, cost int) (quota.Verdict, error) {
	if s.of.sharing == nil {
		return quota.Verdict{}, errAlone
	}
	return s.of.sharing.Spend(ctx, name, rate, at, cost)
}

// Refund implements limit.Counters.
func (s shared) Refund(ctx context.Context, name string, rate quota.Limit, at time.Time) error {
	if s.of.sharing == nil {
		return errAlone
	}
	return s.of.sharing.Refund(ctx, name, rate, at)
}

// sourceDeps are what the systems of an environment need besides their connection.
func (i *installation) sourceDeps(live *environment.Live) source.Deps {
	return source.Deps{
		Secret: func(ctx context.Context, name string) ([]byte, error) { return i.vault.Open(ctx, live.ID, name) },
		Now:    now, Rand: rand.Reader, Private: i.private,
		Issuer: func(server string) string {
			if s := live.Snapshot().Servers[server]; s != nil {
				return s.Issuer
			}
			return ""
		},
		Sign: func(ctx context.Context, server string, payload []byte) (string, error) {
			return i.signForSource(ctx, live, server, payload)
		},
	}
}

// signForSource signs a question by the key that signs a server's tokens.
func (i *installation) signForSource(ctx context.Context, live *environment.Live, name string, payload []byte) (string, error) {
	view, err := issue.ViewOf(live)
	if err != nil {
		return "", err
	}
	server := view.Snapshot.Servers[name]
	if server == nil {
		return "", fmt.Errorf("there is no authorization server %q: %w", name, store.ErrNotFound)
	}
	signing, err := i.issue.Signing(ctx, view, server)
	if err != nil {
		return "", err
	}
	signer, err := signing.SourceSigner(issue.Algorithm(server))
	if err != nil {
		return "", err
	}
	return signer.Sign(rand.Reader, payload)
}
