package storetest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

func session() store.Session {
	return store.Session{
		ID: unique(), SecretHash: hash(unique()), Customer: customer.ID(unique()), SignedIn: at(1),
		Assurance: "urn:harbourlight:password", Methods: []string{"pwd"}, Created: at(1), Expires: at(600), Agent: "Firefox on Linux",
		Address: "192.0.2.7", Used: at(1),
	}
}

var sessionTests = []test{
	{"a session comes back, and its id is taken", func(b *bench) {
		s := session()
		create := func(tx store.Tx) error { return tx.CreateSession(b.ctx, s) }
		b.write(create)
		b.refused(store.ErrExists, create)
		same(b, read[store.Session](b)(b.Session(b.ctx, b.env, s.ID)), s)
		_, err := b.Session(b.ctx, b.env, unique())
		b.is(err, store.ErrNotFound)
	}},
	{"a refresh replaces what signing in again changes, and only that", func(b *bench) {
		s := session()
		b.write(func(tx store.Tx) error { return tx.CreateSession(b.ctx, s) })
		r := store.Session{
			ID: s.ID, SecretHash: hash(unique()), SignedIn: at(5), Assurance: "two", Methods: []string{"pwd", "otp"}, Expires: at(900),
			Address: "2001:db8::7", Used: at(5),
		}
		b.write(func(tx store.Tx) error { return tx.RefreshSession(b.ctx, r) })
		r.Customer, r.Created, r.Agent = s.Customer, s.Created, s.Agent
		same(b, read[store.Session](b)(b.Session(b.ctx, b.env, s.ID)), r)
	}},
	{"a session was used when it was last, and not before", func(b *bench) {
		s := session()
		b.write(func(tx store.Tx) error { return tx.CreateSession(b.ctx, s) })
		for _, minute := range []int{4, 3} { // a node whose clock is behind
			b.write(func(tx store.Tx) error { return tx.UseSession(b.ctx, s.ID, at(minute)) })
			s.Used = at(4)
			same(b, read[store.Session](b)(b.Session(b.ctx, b.env, s.ID)), s)
		}
		b.write(func(tx store.Tx) error { return tx.EndSession(b.ctx, s.ID, at(7)) })
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.UseSession(b.ctx, s.ID, at(8)) })
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.UseSession(b.ctx, s.ID, at(4)) })
		s.Ended = at(7)
		same(b, read[store.Session](b)(b.Session(b.ctx, b.env, s.ID)), s)
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.UseSession(b.ctx, unique(), at(8)) })
	}},
	{"a session is not used once its customer was cut off or switched off", func(b *bench) {
		p := person(fmt.Sprintf("cut-%x", unique()))
		b.create(p)
		s := session()
		s.Customer = p.Customer.ID
		b.write(func(tx store.Tx) error { return tx.CreateSession(b.ctx, s) })
		use := func(tx store.Tx) error { return tx.UseSession(b.ctx, s.ID, at(9)) }
		for _, test := range []struct {
			state     customer.State
			notBefore time.Time
			lives     bool
		}{
			{customer.Active, s.Created, true},
			{customer.Active, s.Created.Add(time.Microsecond), false},
			{customer.Disabled, time.Time{}, false},
			{customer.Active, time.Time{}, true},
		} {
			c := read[customer.Customer](b)(b.Customer(b.ctx, b.env, s.Customer))
			c.State, c.NotBefore = test.state, test.notBefore
			b.write(func(tx store.Tx) error { return tx.UpdateCustomer(b.ctx, c) })
			for range 2 {
				if test.lives {
					b.write(use)
				} else {
					b.refused(store.ErrNotFound, use)
				}
			}
		}
	}},
	{"a customer's sessions that live come back newest first, page by page", func(b *bench) {
		owner := customer.ID(unique())
		var want []store.Session
		for i := range 7 {
			s := session()
			s.Customer, s.Created = owner, at(20-i/2) // some at the same instant
			want = append(want, s)
		}
		slices.SortFunc(want, func(x, y store.Session) int {
			return cmp.Or(y.Created.Compare(x.Created), bytes.Compare(y.ID[:], x.ID[:]))
		})
		ended, expired, somebody := session(), session(), session()
		ended.Customer, expired.Customer, expired.Expires = owner, owner, at(30)
		b.write(func(tx store.Tx) error {
			for _, s := range append(slices.Clone(want), ended, expired, somebody) {
				if err := tx.CreateSession(b.ctx, s); err != nil {
					return err
				}
			}
			return tx.EndSession(b.ctx, ended.ID, at(25))
		})
		var got []store.Session
		page := store.SessionPage{Customer: owner, At: at(30), Limit: 3}
		for pages := 1; ; pages++ {
			found, next, err := b.SessionsOf(b.ctx, b.env, page)
			b.ok(err)
			got = append(got, found...)
			if next == "" {
				same(b, pages, 3)
				break
			}
			page.After = next
		}
		same(b, got, want)
		_, _, err := b.SessionsOf(b.ctx, b.env, store.SessionPage{Customer: owner, After: "forged!", Limit: 1})
		b.is(err, store.ErrInvalid)
	}},
	{"an ended session stays ended", func(b *bench) {
		s := session()
		b.write(func(tx store.Tx) error { return tx.CreateSession(b.ctx, s) })
		b.write(func(tx store.Tx) error { return tx.EndSession(b.ctx, s.ID, at(7)) })
		b.write(func(tx store.Tx) error { return tx.EndSession(b.ctx, s.ID, at(8)) })
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.RefreshSession(b.ctx, s) })
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.EndSession(b.ctx, unique(), at(8)) })
		s.Ended = at(7)
		same(b, read[store.Session](b)(b.Session(b.ctx, b.env, s.ID)), s)
	}},
	{"what was granted under a session ends with it, and stays ended when its record is gone", func(b *bench) {
		s := session()
		b.write(func(tx store.Tx) error { return tx.CreateSession(b.ctx, s) })
		under := func(g *store.Grant) { g.Customer, g.Session, g.Expires = s.Customer, s.ID, at(50_000) }
		ends, other := b.grant(under), b.grant(func(g *store.Grant) { g.Customer = s.Customer })
		earlier := b.grant(under)
		b.write(func(tx store.Tx) error { return tx.RevokeGrant(b.ctx, earlier.ID, at(2), "by hand") })
		b.write(func(tx store.Tx) error { return tx.EndSession(b.ctx, s.ID, at(7)) })
		b.sweepAll(at(700))
		_, err := b.Session(b.ctx, b.env, s.ID)
		b.is(err, store.ErrNotFound)
		ends.Revoked, ends.Reason = at(7), store.SessionOver
		earlier.Revoked, earlier.Reason = at(2), "by hand"
		for _, want := range []store.Grant{ends, other, earlier} {
			same(b, read[store.Grant](b)(b.Grant(b.ctx, b.env, want.ID)), want)
		}
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.RotateGrant(b.ctx, ends.ID, 0, at(8), at(90)) })
	}},
	{"nothing is granted under a session that was ended", func(b *bench) {
		s := session()
		b.write(func(tx store.Tx) error { return tx.CreateSession(b.ctx, s) })
		b.write(func(tx store.Tx) error { return tx.EndSession(b.ctx, s.ID, at(7)) })
		g := grant()
		g.Session = s.ID
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.CreateGrant(b.ctx, g) })
		_, err := b.Grant(b.ctx, b.env, g.ID)
		b.is(err, store.ErrNotFound)
	}},
	{"of a grant and the end of its session, whichever comes second knows of the first", func(b *bench) {
		for range 20 {
			s := session()
			b.write(func(tx store.Tx) error { return tx.CreateSession(b.ctx, s) })
			g := grant()
			g.Customer, g.Session = s.Customer, s.ID
			parallel(2, func(i int) {
				err := b.Write(b.ctx, b.env, func(tx store.Tx) error {
					if i == 0 {
						return tx.CreateGrant(b.ctx, g)
					}
					return tx.EndSession(b.ctx, s.ID, at(7))
				})
				if err != nil && !errors.Is(err, store.ErrConflict) {
					b.Error(err)
				}
			})
			if got, err := b.Grant(b.ctx, b.env, g.ID); err == nil && got.Revoked.IsZero() {
				b.Fatal("a grant lives under a session that was ended")
			}
		}
	}},
}

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

func grant() store.Grant {
	return store.Grant{
		ID: unique(), Application: "payright", Server: "customers", Customer: customer.ID(unique()),
		Session: unique(), GrantType: "authorization_code", Scopes: []string{"openid", "billing.read.bill"},
		Detail: []byte(`{"nonce":"n"}`), Refreshable: true, Created: at(1), Expires: at(1000), IdleExpires: at(100), Used: at(1),
	}
}

func (b *bench) grant(change func(*store.Grant)) store.Grant {
	b.Helper()
	g := grant()
	if change != nil {
		change(&g)
	}
	b.write(func(tx store.Tx) error { return tx.CreateGrant(b.ctx, g) })
	return g
}

var grantTests = []test{
	{"a grant comes back, and its id is spent", func(b *bench) {
		g := b.grant(nil)
		same(b, read[store.Grant](b)(b.Grant(b.ctx, b.env, g.ID)), g)
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.CreateGrant(b.ctx, g) })
		_, err := b.Grant(b.ctx, b.env, unique())
		b.is(err, store.ErrNotFound)
	}},
	{"a customer's grants that live come back by id, page by page", func(b *bench) {
		owner := customer.ID(unique())
		with := func(change func(*store.Grant)) store.Grant {
			return b.grant(func(g *store.Grant) {
				g.Customer = owner
				change(g)
			})
		}
		want := []store.Grant{
			with(func(*store.Grant) {}), with(func(g *store.Grant) { g.Application = "sunshare" }),
			with(func(g *store.Grant) { g.IdleExpires = time.Time{} }), with(func(g *store.Grant) { g.Refreshable = false }),
		}
		slices.SortFunc(want, func(x, y store.Grant) int { return bytes.Compare(x.ID[:], y.ID[:]) })
		revoked := with(func(*store.Grant) {})
		b.write(func(tx store.Tx) error { return tx.RevokeGrant(b.ctx, revoked.ID, at(2), "by hand") })
		with(func(g *store.Grant) { g.Expires = at(50) })
		with(func(g *store.Grant) { g.IdleExpires = at(50) })
		b.grant(nil) // somebody else's
		page := store.GrantPage{Customer: owner, At: at(50), Limit: 3}
		first := read[[]store.Grant](b)(b.GrantsOf(b.ctx, b.env, page))
		page.After = first[len(first)-1].ID
		same(b, append(first, read[[]store.Grant](b)(b.GrantsOf(b.ctx, b.env, page))...), want)
	}},
	{"detail above the limit is refused", func(b *bench) {
		g := grant()
		g.Detail = make([]byte, 16<<10+1)
		b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.CreateGrant(b.ctx, g) })
	}},
	{"a rotation raises the counter and moves the idle end", func(b *bench) {
		g := b.grant(nil)
		b.write(func(tx store.Tx) error { return tx.RotateGrant(b.ctx, g.ID, 0, at(2), at(102)) })
		b.write(func(tx store.Tx) error { return tx.RotateGrant(b.ctx, g.ID, 1, at(3), time.Time{}) })
		g.Counter, g.IdleExpires, g.Used = 2, time.Time{}, at(3)
		same(b, read[store.Grant](b)(b.Grant(b.ctx, b.env, g.ID)), g)
		b.write(func(tx store.Tx) error { return tx.RotateGrant(b.ctx, g.ID, 2, at(999), at(2000)) }) // no idle end
	}},
	{"a rotation is refused for whatever reason, and changes nothing", func(b *bench) {
		revoked := b.grant(nil)
		b.write(func(tx store.Tx) error { return tx.RevokeGrant(b.ctx, revoked.ID, at(2), "by hand") })
		for _, test := range []struct {
			name    string
			id      store.GrantID
			counter int64
			now     time.Time
		}{
			{"an old counter", b.grant(func(g *store.Grant) { g.Counter = 2 }).ID, 1, at(2)},
			{"a counter of the future", b.grant(nil).ID, 1, at(2)},
			{"no refresh tokens", b.grant(func(g *store.Grant) { g.Refreshable = false }).ID, 0, at(2)},
			{"idle for too long", b.grant(nil).ID, 0, at(100)},
			{"at its absolute end", b.grant(func(g *store.Grant) { g.IdleExpires = time.Time{} }).ID, 0, at(1000)},
			{"revoked", revoked.ID, 0, at(3)},
			{"unknown", unique(), 0, at(2)},
		} {
			before, _ := b.Grant(b.ctx, b.env, test.id)
			err := b.Write(b.ctx, b.env, func(tx store.Tx) error {
				return tx.RotateGrant(b.ctx, test.id, test.counter, test.now, at(500))
			})
			if !errors.Is(err, store.ErrConflict) {
				b.Errorf("%s: error is %v", test.name, err)
			}
			after, _ := b.Grant(b.ctx, b.env, test.id)
			same(b, after, before)
		}
	}},
	{"revoking twice keeps the first reason", func(b *bench) {
		g := b.grant(nil)
		b.write(func(tx store.Tx) error { return tx.RevokeGrant(b.ctx, g.ID, at(2), "first") })
		b.write(func(tx store.Tx) error { return tx.RevokeGrant(b.ctx, g.ID, at(3), "second") })
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.RevokeGrant(b.ctx, unique(), at(3), "x") })
		g.Revoked, g.Reason = at(2), "first"
		same(b, read[store.Grant](b)(b.Grant(b.ctx, b.env, g.ID)), g)
	}},
	{"what one application was granted for one customer is revoked at once, dead or alive", func(b *bench) {
		owner := customer.ID(unique())
		made := func(change func(*store.Grant)) store.Grant {
			return b.grant(func(g *store.Grant) {
				if g.Customer, g.Application = owner, "portal"; change != nil {
					change(g)
				}
			})
		}
		ended := []store.Grant{
			made(nil), made(func(g *store.Grant) { g.Server = "enterprise" }), made(func(g *store.Grant) { g.Expires, g.IdleExpires = at(3), at(2) }),
		}
		earlier := made(nil)
		others := []store.Grant{
			made(func(g *store.Grant) { g.Application = "mobile" }), made(func(g *store.Grant) { g.Customer = customer.ID(unique()) }),
		}
		b.write(func(tx store.Tx) error { return tx.RevokeGrant(b.ctx, earlier.ID, at(2), "by hand") })
		var got, want []store.GrantID
		revoke := func(tx store.Tx) (err error) {
			got, err = tx.RevokeGrantsOf(b.ctx, owner, "portal", at(5), "x")
			return err
		}
		b.write(revoke)
		for i := range ended {
			ended[i].Revoked, ended[i].Reason = at(5), "x"
			want = append(want, ended[i].ID)
		}
		for _, ids := range [][]store.GrantID{got, want} {
			slices.SortFunc(ids, func(x, y store.GrantID) int { return slices.Compare(x[:], y[:]) })
		}
		same(b, got, want)
		earlier.Revoked, earlier.Reason = at(2), "by hand"
		for _, g := range slices.Concat(ended, others, []store.Grant{earlier}) {
			same(b, read[store.Grant](b)(b.Grant(b.ctx, b.env, g.ID)), g)
		}
		b.write(revoke)
		same(b, got, nil)
	}},
	{"of fifty parallel rotations of one counter exactly one wins", func(b *bench) {
		g := b.grant(nil)
		b.onlyOne(50, store.ErrConflict, func(tx store.Tx) error { return tx.RotateGrant(b.ctx, g.ID, 0, at(2), at(102)) })
		if got := read[store.Grant](b)(b.Grant(b.ctx, b.env, g.ID)); got.Counter != 1 {
			b.Fatalf("counter is %d", got.Counter)
		}
	}},
	{"of parallel redemptions of one code exactly one wins", func(b *bench) {
		g := grant()
		b.onlyOne(24, store.ErrExists, func(tx store.Tx) error { return tx.CreateGrant(b.ctx, g) })
	}},
}

// onlyOne runs do n times at once; all but one must fail with lost.
func (b *bench) onlyOne(n int, lost error, do func(store.Tx) error) {
	b.Helper()
	var won atomic.Int64
	parallel(n, func(int) {
		err := b.Write(b.ctx, b.env, do)
		if err == nil {
			won.Add(1)
		} else if !errors.Is(err, lost) {
			b.Error(err)
		}
	})
	if won.Load() != 1 {
		b.Fatalf("%d won", won.Load())
	}
}
