package main

import (
	"context"

	"sallyport/pure/customer"
	"sallyport/service/environment"
	"sallyport/service/hook"
	"sallyport/service/notify"
	"sallyport/store"
)

// The directory is made before what it uses now and then, which it finds when it does.

// lateNotify tells customers by the messages of an installation.
type lateNotify struct{ of *installation }

// Queue implements directory.Notifier.
func (l lateNotify) Queue(ctx context.Context, tx store.Tx, live *environment.Live, m notify.Message) error {
	return l.of.messages.Queue(ctx, tx, live, m)
}

// Tell implements directory.Notifier.
func (l lateNotify) Tell(ctx context.Context, tx store.Tx, live *environment.Live, n notify.Notice) error {
	return l.of.messages.Tell(ctx, tx, live, n)
}

// lateRecords leaves tombstones in the ledgers of migrations.
type lateRecords struct{ of *installation }

// Erase implements directory.Records.
func (l lateRecords) Erase(ctx context.Context, env store.EnvironmentID, id customer.ID) (int, error) {
	return l.of.intake.Erase(ctx, env, id)
}

// lateHooks has hooks told of what changes of customers.
type lateHooks struct{ of *installation }

// Prepare implements directory.Hooks.
func (l lateHooks) Prepare(moments ...hook.Moment) ([]store.HookEvent, error) {
	return l.of.points.Prepare(moments...)
}

// erasedName is the keyed digest that the ledger keeps of an identifier.
func (i *installation) erasedName(ctx context.Context, env store.EnvironmentID, text string) ([]byte, error) {
	secret, err := i.ring.Secret(ctx, env, "erasure")
	if err != nil {
		return nil, err
	}
	sum := secret.MAC([]byte(text))
	return sum[:], nil
}
