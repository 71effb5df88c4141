package storetest

import (
	"context"
	"sync/atomic"
	"testing"

	"sallyport/store"
)

// Reopen checks that a store keeps what was written when it is closed and
// opened again. Each call of open opens the same store.
func Reopen(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	b := newBench(t, s)
	w := b.world()
	b.write(func(tx store.Tx) error {
		return tx.Publish(b.ctx, store.FeedEntry{Kind: store.KeysChanged, Subject: "k", At: at(1)})
	})
	state, feed := w.snapshot(b, b.env), b.feedOf(b.env)
	b.ok(s.Close())
	b.is(s.Write(b.ctx, b.env, func(store.Tx) error { return nil }), store.ErrUnavailable)
	b.is(s.Record(b.ctx, b.env, event("late")), store.ErrUnavailable)

	b.Store = open(t)
	defer func() { b.ok(b.Close()) }()
	same(b, w.snapshot(b, b.env), state)
	same(b, b.feedOf(b.env), feed)
	b.record(event("after")) // and the chain goes on
	if n := len(b.verified(b.env)); n != 2 {
		b.Fatalf("%d events", n)
	}
}

// Share checks two nodes on one store that write at the same time: whatever
// tests of concurrency there are, with the work spread over both.
func Share(t *testing.T, one, two store.Store) {
	s := &pair{Store: one, other: two}
	for _, tests := range [][]test{
		revisionTests, transactionTests, feedTests, customerTests, attemptTests, grantTests, auditTests, migrationTests, usageTests,
		changeTests,
	} {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) { test.run(newBench(t, s)) })
		}
	}
}

// pair writes and reads through two nodes in turn.
type pair struct {
	store.Store
	other store.Store
	turn  atomic.Int64
}

func (p *pair) node() store.Store {
	if p.turn.Add(1)%2 == 0 {
		return p.other
	}
	return p.Store
}

func (p *pair) Write(ctx context.Context, env store.EnvironmentID, do func(store.Tx) error) error {
	return p.node().Write(ctx, env, do)
}

func (p *pair) Record(ctx context.Context, env store.EnvironmentID, events ...store.Event) error {
	return p.node().Record(ctx, env, events...)
}

func (p *pair) FeedAfter(ctx context.Context, position int64, limit int) ([]store.FeedEntry, error) {
	return p.node().FeedAfter(ctx, position, limit)
}
