package storetest

import (
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/store"
)

func run(id string, total int64) store.Run {
	return store.Run{
		Migration: "meterman", ID: id, Source: "people.csv", Digest: hash(unique()), Total: total,
		Checkpoint: []byte("0"), State: "running", Started: at(1), Updated: at(1),
	}
}

func move(key string, state store.RecordState) store.RecordMove {
	m := store.RecordMove{Migration: "meterman", Key: key, State: state, Row: 7, Run: "r1", At: at(2)}
	if state != store.RecordPending {
		m.Way = store.WayBulk
	}
	if state != store.RecordImported {
		m.Reason, m.Detail = "duplicate-email", "row 7 has the address of row 3"
	}
	return m
}

func (b *bench) start(total int64) {
	b.Helper()
	b.write(func(tx store.Tx) error { return tx.StartRun(b.ctx, run("r1", total)) })
}

func (b *bench) move(moves ...store.RecordMove) {
	b.Helper()
	b.write(func(tx store.Tx) error { return tx.MoveRecords(b.ctx, moves) })
}

func (b *bench) counted(want map[store.RecordState]int64) {
	b.Helper()
	same(b, read[map[store.RecordState]int64](b)(b.RecordCounts(b.ctx, b.env, "meterman")), want)
}

var migrationTests = []test{
	{"a run comes back, the newest without an id, and adds its total", func(b *bench) {
		first, second := run("r1", 10), run("r2", 5)
		second.Started = at(3)
		for _, r := range []*store.Run{&first, &second} {
			b.write(func(tx store.Tx) error { return tx.StartRun(b.ctx, *r) })
			b.refused(store.ErrExists, func(tx store.Tx) error { return tx.StartRun(b.ctx, *r) })
			r.Version = 1
		}
		same(b, read[store.Run](b)(b.Store.Run(b.ctx, b.env, "meterman", "")), second)
		same(b, read[store.Run](b)(b.Store.Run(b.ctx, b.env, "meterman", "r1")), first)
		_, err := b.Store.Run(b.ctx, b.env, "other", "")
		b.is(err, store.ErrNotFound)
		b.counted(map[store.RecordState]int64{store.RecordPending: 15})
	}},
	{"a run advances only from the version that was read", func(b *bench) {
		b.start(10)
		r := read[store.Run](b)(b.Store.Run(b.ctx, b.env, "meterman", "r1"))
		r.Done, r.Checkpoint, r.State, r.Updated = 4, []byte("row 4"), "paused", at(5)
		b.onlyOne(8, store.ErrConflict, func(tx store.Tx) error { return tx.AdvanceRun(b.ctx, r) })
		r.Version++
		same(b, read[store.Run](b)(b.Store.Run(b.ctx, b.env, "meterman", "")), r)
	}},
	{"records leave pending, then the state of their newest line", func(b *bench) {
		b.start(5)
		b.move(move("a", store.RecordImported), move("b", store.RecordHeld), move("c", store.RecordHeld))
		b.counted(map[store.RecordState]int64{store.RecordPending: 2, store.RecordImported: 1, store.RecordHeld: 2})
		b.move(move("b", store.RecordImported), move("c", store.RecordDropped))
		b.counted(map[store.RecordState]int64{store.RecordPending: 2, store.RecordImported: 2, store.RecordDropped: 1})
		same(b, read[store.RecordMove](b)(b.LedgerRecord(b.ctx, b.env, "meterman", "b")), move("b", store.RecordImported))
		_, err := b.LedgerRecord(b.ctx, b.env, "meterman", "z")
		b.is(err, store.ErrNotFound)
	}},
	{"one call may move a record through several states", func(b *bench) {
		b.start(2)
		b.move(move("a", store.RecordHeld), move("a", store.RecordPending), move("b", store.RecordDropped), move("a", store.RecordImported))
		b.counted(map[store.RecordState]int64{store.RecordImported: 1, store.RecordDropped: 1})
		b.move(move("a", store.RecordImported)) // into the state it is in
		b.counted(map[store.RecordState]int64{store.RecordImported: 1, store.RecordDropped: 1})
	}},
	{"a state that does not exist is refused", func(b *bench) {
		b.refused(store.ErrInvalid, func(tx store.Tx) error {
			return tx.MoveRecords(b.ctx, []store.RecordMove{move("a", "lost")})
		})
	}},
	{"known records are told, however many are asked", func(b *bench) {
		b.start(200)
		var keys []string
		var moves []store.RecordMove
		for i := range 200 {
			keys = append(keys, fmt.Sprint("k", i))
			if i%2 == 0 {
				moves = append(moves, move(keys[i], []store.RecordState{store.RecordImported, store.RecordHeld}[i/2%2]))
				moves[len(moves)-1].Customer = fmt.Sprint("cus_", i)
			}
		}
		b.move(moves...)
		want := map[string]store.KnownRecord{}
		for _, m := range moves {
			want[m.Key] = store.KnownRecord{State: m.State, Way: m.Way, Reason: m.Reason, Customer: m.Customer, Run: m.Run}
		}
		var known map[string]store.KnownRecord
		b.write(func(tx store.Tx) (err error) {
			known, err = tx.KnownRecords(b.ctx, "meterman", keys)
			return err
		})
		same(b, known, want)
		same(b, read[map[string]store.KnownRecord](b)(b.Store.KnownRecords(b.ctx, b.env, "meterman", keys)), want)
	}},
	{"pages of the ledger hold each record once, by key and state", func(b *bench) {
		b.start(30)
		for i := range 30 {
			b.move(move(fmt.Sprintf("k%02d", i), []store.RecordState{store.RecordImported, store.RecordHeld, store.RecordDropped}[i%3]))
		}
		for state, want := range map[store.RecordState]int{"": 30, store.RecordImported: 10, store.RecordHeld: 10, store.RecordPending: 0} {
			page := store.MovePage{Migration: "meterman", State: state, Limit: 4}
			last, seen := "", 0
			for {
				moves, next, err := b.LedgerRecords(b.ctx, b.env, page)
				b.ok(err)
				for _, m := range moves {
					if m.Key <= last || state != "" && m.State != state {
						b.Fatalf("%+v behind %q in %q", m, last, state)
					}
					last = m.Key
					seen++
				}
				if page.After = next; next == "" {
					break
				}
			}
			if seen != want {
				b.Errorf("%d records %q, want %d", seen, state, want)
			}
		}
		_, _, err := b.LedgerRecords(b.ctx, b.env, store.MovePage{Migration: "meterman", After: "%", Limit: 1})
		b.is(err, store.ErrInvalid)
	}},
	{"a write that fails moves neither lines nor counts", func(b *bench) {
		b.start(3)
		b.refused(errOwn, func(tx store.Tx) error {
			b.ok(tx.MoveRecords(b.ctx, []store.RecordMove{move("a", store.RecordImported)}))
			return errOwn
		})
		b.counted(map[store.RecordState]int64{store.RecordPending: 3})
	}},
	{"states sum to the total at every moment while many move the same records", moveTogether},
}

func moveTogether(b *bench) {
	const total, workers = 40, 8
	b.start(total)
	var working atomic.Bool
	working.Store(true)
	var watcher sync.WaitGroup
	watcher.Go(func() {
		for working.Load() {
			counts, err := b.RecordCounts(b.ctx, b.env, "meterman")
			if err != nil {
				b.Error(err)
				return
			}
			var sum int64
			for n := range maps.Values(counts) {
				sum += n
			}
			if sum != total {
				b.Errorf("the states sum to %d: %v", sum, counts)
				return
			}
		}
	})
	states := []store.RecordState{store.RecordHeld, store.RecordDropped, store.RecordPending, store.RecordImported}
	parallel(workers, func(i int) {
		for round := range 10 {
			var moves []store.RecordMove
			for k := range 6 {
				moves = append(moves, move(fmt.Sprintf("k%02d", (i+round*3+k*5)%total), states[(i+round)%4]))
			}
			if err := b.Write(b.ctx, b.env, func(tx store.Tx) error { return tx.MoveRecords(b.ctx, moves) }); err != nil {
				b.Error(err)
			}
		}
	})
	working.Store(false)
	watcher.Wait()
	counts := map[store.RecordState]int64{}
	left := int64(total)
	moves, _, err := b.LedgerRecords(b.ctx, b.env, store.MovePage{Migration: "meterman", Limit: 1000})
	b.ok(err)
	for _, m := range moves {
		counts[m.State]++
		left--
	}
	if counts[store.RecordPending] += left; counts[store.RecordPending] == 0 {
		delete(counts, store.RecordPending)
	}
	b.counted(counts)
}

var usageTests = []test{
	{"usage adds up by subscription, operation and minute", func(b *bench) {
		line := func(operation string, minute int, calls int64) store.Usage {
			return store.Usage{Subscription: "s1", Operation: operation, Minute: at(minute), Calls: calls, Bytes: calls * 100}
		}
		var failed atomic.Value
		parallel(8, func(int) {
			if err := b.Write(b.ctx, b.env, func(tx store.Tx) error {
				return tx.AddUsage(b.ctx, []store.Usage{line("bills/list", 1, 2), line("bills/get", 1, 1), line("bills/list", 2, 1)})
			}); err != nil {
				failed.Store(err)
			}
		})
		if err, _ := failed.Load().(error); err != nil {
			b.Fatal(err)
		}
		q := store.UsageQuery{Subscription: "s1", From: at(1), To: at(3), Limit: 10}
		same(b, read[[]store.Usage](b)(b.Usage(b.ctx, b.env, q)),
			[]store.Usage{line("bills/get", 1, 8), line("bills/list", 1, 16), line("bills/list", 2, 8)})
		q.To = at(2)
		q.Limit = 1
		same(b, read[[]store.Usage](b)(b.Usage(b.ctx, b.env, q)), []store.Usage{line("bills/get", 1, 8)})
		q.Subscription = "s2"
		same(b, read[[]store.Usage](b)(b.Usage(b.ctx, b.env, q)), nil)
	}},
}

var sweepTests = []test{
	{"what has expired is deleted, at most as much as asked, and nothing else", func(b *bench) {
		now := at(100_000)
		b.sweepAll(now)
		var live []store.Grant
		for range 4 {
			b.grant(func(g *store.Grant) { g.Expires = now })
			live = append(live, b.grant(func(g *store.Grant) { g.Expires = now.Add(1000) }), b.grant(func(g *store.Grant) { g.Expires = now.AddDate(1, 0, 0) }))
		}
		s := session()
		s.Expires = now.Add(1000)
		b.write(func(tx store.Tx) error {
			b.ok(tx.CreateSession(b.ctx, s))
			b.ok(tx.Publish(b.ctx, store.FeedEntry{Kind: store.KeysChanged, Subject: "ends", At: at(1), Until: now}))
			b.ok(tx.Publish(b.ctx, store.FeedEntry{Kind: store.KeysChanged, Subject: "stays", At: at(1)}))
			_, err := tx.ReserveAttempts(b.ctx, []store.Attempt{{Key: hash(unique()), Burst: 1, Interval: 1e9}}, now.Add(-1e9))
			return err
		})
		if n := read[int](b)(b.Sweep(b.ctx, now, 3)); n != 3 {
			b.Fatalf("%d deleted, at most 3 were asked", n)
		}
		if n := read[int](b)(b.Sweep(b.ctx, now, 100)); n != 3 { // a grant, an attempt, a feed entry
			b.Fatalf("%d deleted", n)
		}
		for _, g := range live {
			read[store.Grant](b)(b.Grant(b.ctx, b.env, g.ID))
		}
		read[store.Session](b)(b.Session(b.ctx, b.env, s.ID))
		if left := b.feedOf(b.env); len(left) != 1 || left[0].Subject != "stays" {
			b.Fatalf("feed is %+v", left)
		}
	}},
	{"positions go on rising after a sweep", func(b *bench) {
		publish := func() int64 {
			b.write(func(tx store.Tx) error {
				return tx.Publish(b.ctx, store.FeedEntry{Kind: store.KeysChanged, Subject: b.Name(), At: at(1), Until: at(2)})
			})
			entries := read[[]store.FeedEntry](b)(b.FeedAfter(b.ctx, 0, 10_000))
			return entries[len(entries)-1].Position
		}
		last := publish()
		b.sweepAll(at(200_000))
		if next := publish(); next <= last {
			b.Fatalf("position %d behind %d", next, last)
		}
	}},
}

// sweepAll deletes what other tests left to expire.
func (b *bench) sweepAll(now time.Time) {
	b.Helper()
	for read[int](b)(b.Sweep(b.ctx, now, 10_000)) > 0 {
	}
}
