package environment_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sallyport/service/environment"
	"sallyport/store"
)

// following runs r until the test ends.
func (w *world) following(r *environment.Registry) {
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Run(ctx)
	}()
	w.Cleanup(func() {
		cancel()
		<-done
	})
}

func TestARevisionIsLiveOnOtherNodesWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a, b := w.nodeAt(time.Now), w.nodeAt(time.Now)
		w.must(a.Start(w.ctx))
		w.must(b.Start(w.ctx))
		w.following(b)
		live := w.production(a)
		w.apply(a, live, w.release(1), 0)
		time.Sleep(time.Second)
		synctest.Wait()
		other, found := b.ByName("harbourlight", "production")
		if !found || releaseOf(t, other) != 1 {
			t.Fatalf("found %v", found)
		}
		w.apply(a, live, w.release(2), 1)
		time.Sleep(time.Second)
		synctest.Wait()
		if n := releaseOf(t, other); n != 2 {
			t.Fatalf("release %d", n)
		}
	})
}

func TestAFeedThatIsSilentMakesTheNodeStaleUntilItComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a, b := w.nodeAt(time.Now), w.nodeAt(time.Now)
		w.is(b.Fresh(), environment.ErrStale) // not started
		w.must(a.Start(w.ctx))
		live := w.production(a)
		w.apply(a, live, w.release(1), 0)
		w.must(b.Start(w.ctx))
		w.following(b)
		time.Sleep(time.Minute)
		synctest.Wait()
		w.must(b.Fresh())

		w.must(b.Hears())

		w.store.away.Store(true)
		time.Sleep(4 * time.Second)
		w.must(b.Fresh())
		w.is(b.Hears(), environment.ErrStale) // whoever balances is told before customers are
		time.Sleep(2 * time.Second)
		w.is(b.Fresh(), environment.ErrStale)
		if n := strings.Count(w.log.String(), "unreachable"); n != 1 {
			t.Errorf("logged %d times", n)
		}

		synctest.Wait() // for the look at the feed that is due at this instant, too
		w.store.away.Store(false)
		w.is(b.Hears(), environment.ErrStale) // back, but not caught up
		w.apply(a, live, w.release(2), 1)
		time.Sleep(time.Second)
		synctest.Wait()
		w.must(b.Fresh())
		w.must(b.Hears())
		if other, _ := b.ByID(live.ID); releaseOf(t, other) != 2 {
			t.Error("what happened meanwhile is not live")
		}
	})
}

func TestNoRequestMeetsAHalfAppliedOrOlderRevision(t *testing.T) {
	w := newWorld(t)
	a, b := w.started(), w.node()
	live := w.production(a)
	w.apply(a, live, w.release(1), 0)
	w.must(b.Start(w.ctx))
	w.following(b)
	far, _ := b.ByID(live.ID)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for i := range 2 {
		seen := []*environment.Live{live, far}[i]
		readers.Go(func() {
			for last := int64(0); ; {
				select {
				case <-stop:
					return
				default:
				}
				s := seen.Snapshot()
				if s == nil || s.Revision < last || s.Tenant.Title != fmt.Sprintf("release %d", s.Revision) ||
					s.Servers["apps"].Audience != fmt.Sprintf("https://api.harbourlight.example/%d", s.Revision) {
					t.Errorf("after revision %d: %+v", last, s)
					return
				}
				last = s.Revision
				if routed, _, found := a.Route(environment.Pages, "id.harbourlight.example", "/apps"); !found || routed != live {
					t.Error("a request found nobody")
					return
				}
			}
		})
	}
	for n := int64(1); n <= 50; n++ {
		w.apply(a, live, w.release(int(n)+1), n)
		b.Wake()
	}
	close(stop)
	readers.Wait()
	if live.Snapshot().Revision != 51 {
		t.Errorf("live is revision %d", live.Snapshot().Revision)
	}
}

func TestARevisionThatCannotBeUsedStopsItsOwnEnvironmentOnly(t *testing.T) {
	for _, test := range []struct{ name, content string }{
		{"junk", "junk"},
		{"a blob of another form", "SPTREE1\nmore junk"},
		{"a tree that does not compile here", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			r := w.started()
			good := w.production(r)
			w.apply(r, good, w.release(1), 0)
			bad, err := r.Create(w.ctx, "orchard", "production", false, "robin")
			w.must(err)
			if test.content == "" {
				tree := w.tree("kind: tenant\nname: orchard\nenvironments: {production: {url: \"https://${elsewhere}.example\"}}\n")
				test.content = string(tree.Encode())
			}
			w.plant(bad.ID, 0, test.content)
			restarted := w.started()
			w.must(restarted.Fresh())
			if live, _ := restarted.ByID(good.ID); releaseOf(t, live) != 1 {
				t.Error("the good one does not serve")
			}
			if live, found := restarted.ByID(bad.ID); !found || live.Snapshot() != nil {
				t.Error("the bad one is gone, or serves")
			}
			if text := w.log.String(); strings.Count(text, "not usable") != 1 || !strings.Contains(text, "orchard") {
				t.Errorf("log is %s", text)
			}
		})
	}
}

func TestAnOlderRevisionIsNotServedWhereTheNewestCannotBeUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		r := w.nodeAt(time.Now)
		w.must(r.Start(w.ctx))
		live := w.production(r)
		w.apply(r, live, w.release(1), 0)
		w.following(r)
		w.plant(live.ID, 1, "written by a later release")
		time.Sleep(time.Second)
		synctest.Wait()
		if _, _, found := r.Route(environment.Pages, "id.harbourlight.example", "/"); found || live.Snapshot() != nil {
			t.Error("what the newest revision forbids is still allowed")
		}
		w.must(r.Fresh())
		_, _, err := r.Apply(w.ctx, live.ID, environment.Change{Tree: w.release(3), Base: 2, Author: "robin", BreakGlass: "repair"})
		w.must(err)
		if releaseOf(t, live) != 3 {
			t.Error("a repair is not live")
		}
	})
}

func TestARevisionThatCannotBeReadIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a, b := w.nodeAt(time.Now), w.nodeAt(time.Now)
		w.must(a.Start(w.ctx))
		live := w.production(a)
		w.must(b.Start(w.ctx))
		w.following(b)
		w.store.unreadable.Store(int64(live.ID))
		w.plant(live.ID, 0, string(w.release(1).Encode()))
		time.Sleep(time.Second)
		synctest.Wait()
		other, _ := b.ByID(live.ID)
		if other.Snapshot() != nil {
			t.Fatal("read what cannot be read")
		}
		w.store.unreadable.Store(0)
		time.Sleep(11 * time.Second)
		synctest.Wait()
		if releaseOf(t, other) != 1 {
			t.Error("not tried again")
		}
	})
}

// A node that was suspended for longer than the feed keeps its entries cannot
// learn from it what it missed.
func TestANodeThatSleptPastTheFeedServesTheNewestRevision(t *testing.T) {
	w := newWorld(t)
	a, b := w.started(), w.started()
	live := w.production(a)
	w.must(b.Start(w.ctx))
	w.apply(a, live, w.release(1), 0)
	w.pass(2 * time.Hour)
	if _, err := w.store.Sweep(w.ctx, w.clock(), 1000); err != nil {
		t.Fatal(err)
	}
	if left, err := w.store.FeedAfter(w.ctx, 0, 10); err != nil || len(left) != 0 {
		t.Fatalf("the feed keeps %v, %v", left, err)
	}
	w.must(b.Start(w.ctx)) // what Run does at its next tick
	if slept, _ := b.ByID(live.ID); releaseOf(t, slept) != 1 {
		t.Error("missed")
	}
}

func TestSubscribersHearEachEntryOnceInOrderAndAfterItIsLive(t *testing.T) {
	w := newWorld(t)
	a, b := w.started(), w.node()
	live := w.production(a)
	told := &heard{each: make(chan store.FeedEntry, 100)}
	b.Subscribe(func(ctx context.Context, e store.FeedEntry) {
		if other, found := b.ByID(e.Env); e.Kind == store.RevisionApplied && (!found || fmt.Sprint(other.Snapshot().Revision) < e.Subject) {
			t.Errorf("told of revision %s before it is live", e.Subject)
		}
		told.hear(ctx, e)
	})
	w.must(b.Start(w.ctx))
	w.following(b)
	for n := range int64(5) {
		w.apply(a, live, w.release(int(n)+1), n)
		b.Wake()
	}
	for range 6 { // the environment's own, and five
		<-told.each
	}
	last := int64(0)
	for _, e := range told.all() {
		if e.Position <= last {
			t.Errorf("position %d behind %d", e.Position, last)
		}
		last = e.Position
	}
	if len(told.all()) != 6 {
		t.Errorf("heard %d entries", len(told.all()))
	}
}

func TestARestartReplaysTheFeedToWhoSubscribedBefore(t *testing.T) {
	w := newWorld(t)
	a := w.started()
	live := w.production(a)
	for n := range int64(20) {
		w.apply(a, live, w.release(int(n)+1), n)
	}
	w.must(w.store.Write(w.ctx, live.ID, func(tx store.Tx) error {
		return tx.Publish(w.ctx, store.FeedEntry{Kind: store.GrantRevoked, Subject: "ab", Until: w.clock().Add(time.Hour)})
	}))
	b, told := w.node(), &heard{}
	b.Subscribe(told.hear)
	w.store.loads.Store(0)
	w.must(b.Start(w.ctx))
	if all := told.all(); len(all) != 22 || all[21].Kind != store.GrantRevoked {
		t.Errorf("heard %+v", all)
	}
	if n := w.store.loads.Load(); n != 1 {
		t.Errorf("read %d revisions, want the newest alone", n)
	}
}

func TestALongFeedIsReadToItsEnd(t *testing.T) {
	w := newWorld(t)
	w.must(w.store.Write(w.ctx, store.System, func(tx store.Tx) error {
		for i := range 1100 {
			if err := tx.Publish(w.ctx, store.FeedEntry{Kind: store.SessionEnded, Subject: fmt.Sprint(i), Until: w.now.Add(time.Hour)}); err != nil {
				return err
			}
		}
		return nil
	}))
	r, told := w.node(), &heard{}
	r.Subscribe(told.hear)
	w.must(r.Start(w.ctx))
	if all := told.all(); len(all) != 1100 || all[1099].Subject != "1099" {
		t.Errorf("heard %d", len(all))
	}
	if n := w.store.asks.Load(); n != 3 {
		t.Errorf("asked %d times", n)
	}
}

func TestStartAndRunAndWakeAtTheSameMoment(t *testing.T) {
	w := newWorld(t)
	a := w.started()
	live := w.production(a)
	b, told := w.node(), &heard{}
	b.Subscribe(told.hear)
	w.following(b)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			b.Wake()
			if err := b.Start(w.ctx); err != nil {
				t.Error(err)
			}
		})
	}
	w.apply(a, live, w.release(1), 0)
	all.Wait()
	w.must(b.Start(w.ctx))
	seen := map[int64]bool{}
	for _, e := range told.all() {
		if seen[e.Position] {
			t.Errorf("entry %d was told twice", e.Position)
		}
		seen[e.Position] = true
	}
	if other, _ := b.ByID(live.ID); releaseOf(t, other) != 1 {
		t.Error("not live")
	}
}

func TestAStartWithoutStoreFails(t *testing.T) {
	w := newWorld(t)
	w.store.away.Store(true)
	w.is(w.node().Start(w.ctx), store.ErrUnavailable)
}
