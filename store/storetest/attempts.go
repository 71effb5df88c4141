package storetest

import (
	"sync/atomic"
	"time"

	"sallyport/store"
)

// reserve spends one try of each and tells how long to wait if it may not.
func (b *bench) reserve(now time.Time, attempts ...store.Attempt) (wait time.Duration) {
	b.Helper()
	b.write(func(tx store.Tx) (err error) {
		wait, err = tx.ReserveAttempts(b.ctx, attempts, now)
		return err
	})
	return wait
}

var attemptTests = []test{
	{"a burst is admitted, then one each interval", func(b *bench) {
		limit := store.Attempt{Key: hash(unique()), Burst: 3, Interval: 10 * time.Second}
		for i := range 3 {
			if wait := b.reserve(at(0), limit); wait != 0 {
				b.Fatalf("try %d waits %v", i, wait)
			}
		}
		if wait := b.reserve(at(0).Add(4*time.Second), limit); wait != 6*time.Second {
			b.Fatalf("waits %v", wait)
		}
		for _, later := range []time.Duration{10 * time.Second, time.Hour, time.Hour, time.Hour} {
			if wait := b.reserve(at(0).Add(later), limit); wait != 0 {
				b.Fatalf("after %v it waits %v", later, wait)
			}
		}
		if wait := b.reserve(at(60), limit); wait != 10*time.Second {
			b.Fatalf("waits %v", wait)
		}
	}},
	{"if one counter is used up none is spent, and the longest wait is told", func(b *bench) {
		wide := store.Attempt{Key: hash(unique()), Burst: 2, Interval: time.Second}
		narrow := store.Attempt{Key: hash(unique()), Burst: 1, Interval: time.Minute}
		narrower := store.Attempt{Key: hash(unique()), Burst: 1, Interval: time.Hour}
		b.reserve(at(0), narrow, narrower)
		for range 5 {
			if wait := b.reserve(at(0), wide, narrower, narrow); wait != time.Hour {
				b.Fatalf("waits %v", wait)
			}
		}
		b.reserve(at(0), wide)
		if wait := b.reserve(at(0), wide); wait != 0 {
			b.Fatalf("the wide counter was spent: %v", wait)
		}
	}},
	{"one counter named twice is spent twice", func(b *bench) {
		limit := store.Attempt{Key: hash(unique()), Burst: 1, Interval: time.Minute}
		if wait := b.reserve(at(0), limit, limit); wait != time.Minute {
			b.Fatalf("waits %v", wait)
		}
	}},
	{"forgetting makes a counter as good as new", func(b *bench) {
		limit := store.Attempt{Key: hash(unique()), Burst: 1, Interval: time.Minute}
		b.reserve(at(0), limit)
		b.write(func(tx store.Tx) error {
			return tx.ForgetAttempts(b.ctx, []store.AttemptKey{limit.Key, hash(unique())})
		})
		if wait := b.reserve(at(0), limit); wait != 0 {
			b.Fatalf("waits %v", wait)
		}
	}},
	{"what is given back can be spent again, and no more than that", func(b *bench) {
		limit := store.Attempt{Key: hash(unique()), Burst: 2, Interval: time.Minute}
		unknown := store.Attempt{Key: hash(unique()), Burst: 2, Interval: time.Minute}
		b.reserve(at(0), limit)
		b.reserve(at(0), limit)
		b.write(func(tx store.Tx) error { return tx.ReturnAttempts(b.ctx, []store.Attempt{unknown, limit}) })
		for _, want := range []time.Duration{0, time.Minute} {
			if wait := b.reserve(at(0), limit); wait != want {
				b.Fatalf("waits %v, want %v", wait, want)
			}
		}
		b.reserve(at(0), unknown)
		b.reserve(at(0), unknown)
		if wait := b.reserve(at(0), unknown); wait != time.Minute {
			b.Fatalf("a counter that nothing was spent from lends more: %v", wait)
		}
	}},
	{"a limit that admits nothing or everything is refused", func(b *bench) {
		for _, limit := range []store.Attempt{{Burst: 0, Interval: time.Second}, {Burst: 1}, {Burst: 1, Interval: -1}} {
			b.refused(store.ErrInvalid, func(tx store.Tx) error {
				_, err := tx.ReserveAttempts(b.ctx, []store.Attempt{limit}, at(0))
				return err
			})
		}
	}},
	{"parallel reservations never admit more than the burst, in whatever order counters are named", func(b *bench) {
		const burst = 5
		one := store.Attempt{Key: hash(unique()), Burst: burst, Interval: time.Hour}
		two := store.Attempt{Key: hash(unique()), Burst: burst + 2, Interval: time.Hour}
		var admitted atomic.Int64
		parallel(24, func(i int) {
			attempts := []store.Attempt{one, two}
			if i%2 == 1 {
				attempts = []store.Attempt{two, one}
			}
			var wait time.Duration
			err := b.Write(b.ctx, b.env, func(tx store.Tx) (err error) {
				wait, err = tx.ReserveAttempts(b.ctx, attempts, at(0))
				return err
			})
			if err != nil {
				b.Error(err)
			} else if wait == 0 {
				admitted.Add(1)
			}
		})
		if admitted.Load() != burst {
			b.Fatalf("%d admitted", admitted.Load())
		}
	}},
}
