package storetest

import (
	"errors"
	"sync/atomic"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

func factor(owner customer.ID, kind store.FactorKind) store.Factor {
	return store.Factor{ID: unique(), Customer: owner, Kind: kind, Sealed: []byte("sealed\x00" + kind), Used: 7, Confirmed: at(2), Created: at(1)}
}

func journey() store.Journey {
	return store.Journey{ID: unique(), Customer: customer.ID(unique()), Digest: [8]byte{1, 0, 0xff}, State: []byte("state\x00"), Created: at(1), Expires: at(30)}
}

// won counts how many of n parallel writes succeed; the others must conflict.
func (b *bench) won(n int, do func(tx store.Tx, i int) error) int64 {
	b.Helper()
	var won atomic.Int64
	parallel(n, func(i int) {
		err := b.Write(b.ctx, b.env, func(tx store.Tx) error { return do(tx, i) })
		if err == nil {
			won.Add(1)
		} else if !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrExists) {
			b.Error(err)
		}
	})
	return won.Load()
}

// enrolled is a customer with one factor, as it is stored.
func (b *bench) enrolled() store.Factor {
	b.Helper()
	p := person("tama")
	b.create(p)
	f := factor(p.Customer.ID, store.FactorTOTP)
	b.write(func(tx store.Tx) error { return tx.PutFactor(b.ctx, f) })
	f.Version = 1
	return f
}

var factorTests = []test{
	{"factors come back by kind, one of each", func(b *bench) {
		totp := b.enrolled()
		recovery := factor(totp.Customer, store.FactorRecovery)
		recovery.Confirmed, recovery.Used = time.Time{}, 0
		b.write(func(tx store.Tx) error { return tx.PutFactor(b.ctx, recovery) })
		recovery.Version = 1
		same(b, read[[]store.Factor](b)(b.Factors(b.ctx, b.env, totp.Customer)), []store.Factor{recovery, totp})
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.PutFactor(b.ctx, factor(totp.Customer, store.FactorTOTP)) })
		same(b, read[[]store.Factor](b)(b.Factors(b.ctx, b.env, customer.ID(unique()))), nil)
	}},
	{"several of a kind stand in slots, and keep who brought them", func(b *bench) {
		app := b.enrolled()
		second := factor(app.Customer, store.FactorTOTP)
		second.Slot, second.Label, second.Source = 3, "Work phone", "migration/orchard"
		b.write(func(tx store.Tx) error { return tx.PutFactor(b.ctx, second) })
		second.Version = 1
		same(b, read[[]store.Factor](b)(b.Factors(b.ctx, b.env, app.Customer)), []store.Factor{app, second})
		again := factor(app.Customer, store.FactorTOTP)
		again.Slot = 3
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.PutFactor(b.ctx, again) })
		for _, slot := range []int{-1, store.MaxFactorSlots} {
			again.Slot = slot
			b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.PutFactor(b.ctx, again) })
		}
		b.write(func(tx store.Tx) error { return tx.DeleteFactor(b.ctx, app.ID) })
		same(b, read[[]store.Factor](b)(b.Factors(b.ctx, b.env, app.Customer)), []store.Factor{second})
	}},
	{"nobody's factor is not stored", func(b *bench) {
		b.refused(store.ErrNotFound, func(tx store.Tx) error {
			return tx.PutFactor(b.ctx, factor(customer.ID(unique()), store.FactorTOTP))
		})
	}},
	{"a factor is replaced by who read it last, and only what may change", func(b *bench) {
		f := b.enrolled()
		update := f
		update.Sealed, update.Used, update.Confirmed = []byte("new"), 0, at(5)
		update.Kind, update.Created = "other", at(9)
		put := func(tx store.Tx) error { return tx.PutFactor(b.ctx, update) }
		b.write(put)
		b.refused(store.ErrConflict, put)
		f.Sealed, f.Used, f.Confirmed, f.Version = []byte("new"), 0, at(5), 2
		same(b, read[[]store.Factor](b)(b.Factors(b.ctx, b.env, f.Customer)), []store.Factor{f})
	}},
	{"a step is taken once, and none before it", func(b *bench) {
		f := b.enrolled()
		use := func(step int64) func(store.Tx) error {
			return func(tx store.Tx) error { return tx.UseFactor(b.ctx, f.ID, step) }
		}
		b.write(use(8))
		b.refused(store.ErrConflict, use(8))
		b.refused(store.ErrConflict, use(7))
		b.write(use(10))
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.UseFactor(b.ctx, unique(), 11) })
		f.Used, f.Version = 10, 3
		same(b, read[[]store.Factor](b)(b.Factors(b.ctx, b.env, f.Customer)), []store.Factor{f})
		f.Version = 1 // as it was read before
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.PutFactor(b.ctx, f) })
	}},
	{"of many who bring one step one is let through", func(b *bench) {
		f := b.enrolled()
		if won := b.won(24, func(tx store.Tx, _ int) error { return tx.UseFactor(b.ctx, f.ID, 100) }); won != 1 {
			b.Fatalf("%d were let through", won)
		}
	}},
	{"of parallel replacements of one version exactly one wins", func(b *bench) {
		f := b.enrolled()
		if won := b.won(16, func(tx store.Tx, _ int) error { return tx.PutFactor(b.ctx, f) }); won != 1 {
			b.Fatalf("%d won", won)
		}
	}},
	{"of parallel enrolments exactly one wins", func(b *bench) {
		p := person("rua")
		b.create(p)
		if won := b.won(16, func(tx store.Tx, _ int) error { return tx.PutFactor(b.ctx, factor(p.Customer.ID, store.FactorTOTP)) }); won != 1 {
			b.Fatalf("%d won", won)
		}
	}},
	{"a deleted factor is gone, and another may come", func(b *bench) {
		f := b.enrolled()
		drop := func(tx store.Tx) error { return tx.DeleteFactor(b.ctx, f.ID) }
		b.write(drop)
		b.write(drop)
		same(b, read[[]store.Factor](b)(b.Factors(b.ctx, b.env, f.Customer)), nil)
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.UseFactor(b.ctx, f.ID, 99) })
		b.write(func(tx store.Tx) error { return tx.PutFactor(b.ctx, factor(f.Customer, store.FactorTOTP)) })
	}},
}

var journeyTests = []test{
	{"a journey comes back, moves on, and ends once", func(b *bench) {
		j := journey()
		put := func(tx store.Tx) error { return tx.PutJourney(b.ctx, j) }
		end := func(tx store.Tx) error { return tx.EndJourney(b.ctx, j.ID, j.Version) }
		b.write(put)
		b.refused(store.ErrConflict, put)
		j.Version = 1
		same(b, read[store.Journey](b)(b.Journey(b.ctx, b.env, j.ID)), j)
		j.State = []byte("further")
		update := j
		update.Customer, update.Expires = customer.ID(unique()), at(999)
		b.write(func(tx store.Tx) error { return tx.PutJourney(b.ctx, update) })
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.PutJourney(b.ctx, update) })
		b.refused(store.ErrConflict, end)
		j.Version = 2
		same(b, read[store.Journey](b)(b.Journey(b.ctx, b.env, j.ID)), j)
		b.write(end)
		b.refused(store.ErrConflict, end)
		b.refused(store.ErrConflict, put)
		_, err := b.Journey(b.ctx, b.env, j.ID)
		b.is(err, store.ErrNotFound)
	}},
	{"of parallel ways to go on exactly one is gone", func(b *bench) {
		j := journey()
		b.write(func(tx store.Tx) error { return tx.PutJourney(b.ctx, j) })
		j.Version = 1
		won := b.won(24, func(tx store.Tx, i int) error {
			if i%2 == 0 {
				return tx.EndJourney(b.ctx, j.ID, 1)
			}
			return tx.PutJourney(b.ctx, j)
		})
		if won != 1 {
			b.Fatalf("%d won", won)
		}
	}},
	{"an expired journey is swept", func(b *bench) {
		now := at(300_000)
		b.sweepAll(now)
		ends, stays := journey(), journey()
		ends.Expires, stays.Expires = now, now.Add(1000)
		b.write(func(tx store.Tx) error { return errors.Join(tx.PutJourney(b.ctx, ends), tx.PutJourney(b.ctx, stays)) })
		if n := read[int](b)(b.Sweep(b.ctx, now, 100)); n != 1 {
			b.Fatalf("%d deleted", n)
		}
		read[store.Journey](b)(b.Journey(b.ctx, b.env, stays.ID))
	}},
}
