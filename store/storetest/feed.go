package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"

	"sallyport/store"
)

// feedOf gives the entries of one environment, without their positions.
func (b *bench) feedOf(env store.EnvironmentID) (own []store.FeedEntry) {
	b.Helper()
	var position int64
	for {
		entries := read[[]store.FeedEntry](b)(b.FeedAfter(b.ctx, position, 100))
		if len(entries) == 0 {
			return own
		}
		for _, e := range entries {
			if e.Position <= position {
				b.Fatalf("position %d behind %d", e.Position, position)
			}
			position = e.Position
			if e.Env == env {
				e.Position = 0
				own = append(own, e)
			}
		}
	}
}

var feedTests = []test{
	{"entries appear in the order of their publication, with their environment", func(b *bench) {
		first := store.FeedEntry{Kind: store.KeysChanged, Subject: "customers", At: at(1), Until: at(60)}
		second := store.FeedEntry{Kind: store.RevisionApplied, Subject: "7", At: at(2)}
		third := store.FeedEntry{Kind: store.SessionEnded, Subject: "ab", At: at(1)}
		b.write(func(tx store.Tx) error {
			b.ok(tx.Publish(b.ctx, first))
			return tx.Publish(b.ctx, second)
		})
		b.write(func(tx store.Tx) error { return tx.Publish(b.ctx, third) })
		first.Env, second.Env, third.Env = b.env, b.env, b.env
		same(b, b.feedOf(b.env), []store.FeedEntry{first, second, third})
	}},
	{"an entry without a time is dated", func(b *bench) {
		b.write(func(tx store.Tx) error { return tx.Publish(b.ctx, store.FeedEntry{Kind: store.KeysChanged}) })
		if got := b.feedOf(b.env); len(got) != 1 || got[0].At.IsZero() {
			b.Fatalf("feed is %+v", got)
		}
	}},
	{"no entry ever appears behind one that was read, and none is missed", followFeed},
}

// followFeed reads the feed while sixteen writers publish at various points of
// transactions of various lengths.
func followFeed(b *bench) {
	const writers, rounds = 16, 15
	var writing atomic.Bool
	writing.Store(true)
	var followers sync.WaitGroup
	for range 2 {
		followers.Go(func() {
			seen := map[string]bool{}
			for last, position := false, int64(0); ; {
				entries, err := b.FeedAfter(b.ctx, position, 7)
				if err != nil {
					b.Error(err)
					return
				}
				for _, e := range entries {
					if e.Position <= position {
						b.Errorf("position %d behind %d", e.Position, position)
					}
					position = e.Position
					if e.Env == b.env {
						seen[e.Subject] = true
					}
				}
				if len(entries) > 0 {
					continue
				}
				if last {
					break
				}
				last = !writing.Load() // once more after the last commit
			}
			if len(seen) != writers*rounds {
				b.Errorf("a follower saw %d entries of %d", len(seen), writers*rounds)
			}
		})
	}
	parallel(writers, func(i int) {
		for round := range rounds {
			err := b.Write(b.ctx, b.env, func(tx store.Tx) error {
				entry := store.FeedEntry{Kind: store.GrantRevoked, Subject: fmt.Sprint(i, ".", round), At: at(1)}
				if err := tx.Publish(b.ctx, entry); err != nil {
					return err
				}
				for range i % 4 {
					if err := tx.CreateGrant(b.ctx, grant()); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
	writing.Store(false)
	followers.Wait()
}
