package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

func session() store.Session {
	return store.Session{ID: unique(), SecretHash: hash(unique()), Customer: customer.ID(unique()), SignedIn: at(1),
		Assurance: "urn:harbourlight:password", Methods: []string{"pwd"}, Created: at(1), Expires: at(600), Agent: "Firefox on Linux"}
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
		r := store.Session{ID: s.ID, SecretHash: hash(unique()), SignedIn: at(5), Assurance: "two", Methods: []string{"pwd", "otp"}, Expires: at(900)}
		b.write(func(tx store.Tx) error { return tx.RefreshSession(b.ctx, r) })
		r.Customer, r.Created, r.Agent = s.Customer, s.Created, s.Agent
		same(b, read[store.Session](b)(b.Session(b.ctx, b.env, s.ID)), r)
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
	return store.Grant{ID: unique(), Application: "payright", Server: "customers", Customer: customer.ID(unique()),
		Session: unique(), GrantType: "authorization_code", Scopes: []string{"openid", "billing.read.bill"},
		Detail: []byte(`{"nonce":"n"}`), Refreshable: true, Created: at(1), Expires: at(1000), IdleExpires: at(100)}
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
	{"detail above the limit is refused", func(b *bench) {
		g := grant()
		g.Detail = make([]byte, 16<<10+1)
		b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.CreateGrant(b.ctx, g) })
	}},
	{"a rotation raises the counter and moves the idle end", func(b *bench) {
		g := b.grant(nil)
		b.write(func(tx store.Tx) error { return tx.RotateGrant(b.ctx, g.ID, 0, at(2), at(102)) })
		b.write(func(tx store.Tx) error { return tx.RotateGrant(b.ctx, g.ID, 1, at(3), time.Time{}) })
		g.Counter, g.IdleExpires = 2, time.Time{}
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

func key(owner, id string, created time.Time) store.Key {
	return store.Key{Owner: owner, ID: id, Algorithm: "ES256", State: store.KeyNext, Sealed: []byte("sealed"), Public: []byte("public"), Created: created}
}

var keyTests = []test{
	{"keys are listed by owner and creation", func(b *bench) {
		all := []store.Key{key("ca/gateway", "z", at(9)), key("customers", "b", at(1)), key("customers", "a", at(2))}
		all[1].State = store.KeyCurrent
		for _, k := range []store.Key{all[2], all[0], all[1]} {
			b.write(func(tx store.Tx) error { return tx.PutKey(b.ctx, k) })
		}
		same(b, read[[]store.Key](b)(b.Keys(b.ctx, b.env, "")), all)
		same(b, read[[]store.Key](b)(b.Keys(b.ctx, b.env, "customers")), all[1:])
		same(b, read[[]store.Key](b)(b.Keys(b.ctx, b.env, "nobody")), nil)
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutKey(b.ctx, all[0]) })
	}},
	{"a key moves from state to state, each time from where it is", func(b *bench) {
		k := key("customers", "k", at(1))
		b.write(func(tx store.Tx) error { return tx.PutKey(b.ctx, k) })
		move := func(from, to store.KeyState, activated, expires time.Time) func(store.Tx) error {
			return func(tx store.Tx) error {
				return tx.SetKeyState(b.ctx, "customers", "k", from, to, activated, expires)
			}
		}
		b.refused(store.ErrConflict, move(store.KeyCurrent, store.KeyOld, at(2), at(3)))
		b.write(move(store.KeyNext, store.KeyCurrent, at(2), time.Time{}))
		b.refused(store.ErrConflict, move(store.KeyNext, store.KeyCurrent, at(3), time.Time{}))
		b.write(move(store.KeyCurrent, store.KeyOld, time.Time{}, at(9))) // keeps when it became current
		k.State, k.Activated, k.Expires = store.KeyOld, at(2), at(9)
		same(b, read[[]store.Key](b)(b.Keys(b.ctx, b.env, "customers")), []store.Key{k})
	}},
	{"an owner has one current and one next key of an algorithm, and any number of old ones", func(b *bench) {
		put := func(id, algorithm string, state store.KeyState) func(store.Tx) error {
			k := key("customers", id, at(1))
			k.Algorithm, k.State = algorithm, state
			return func(tx store.Tx) error { return tx.PutKey(b.ctx, k) }
		}
		for _, state := range []store.KeyState{store.KeyCurrent, store.KeyNext} {
			b.write(put("first "+string(state), "ES256", state))
			b.refused(store.ErrExists, put("second "+string(state), "ES256", state))
			b.write(put("other "+string(state), "RS256", state))
		}
		b.write(put("old 1", "ES256", store.KeyOld))
		b.write(put("old 2", "ES256", store.KeyOld))
		b.refused(store.ErrConflict, func(tx store.Tx) error {
			return tx.SetKeyState(b.ctx, "customers", "first next", store.KeyNext, store.KeyCurrent, at(2), time.Time{})
		})
		b.write(func(tx store.Tx) error { // and the transaction stays usable
			b.is(put("third", "ES256", store.KeyNext)(tx), store.ErrExists)
			b.is(tx.SetKeyState(b.ctx, "customers", "old 1", store.KeyOld, store.KeyNext, at(2), time.Time{}), store.ErrConflict)
			return tx.DeleteKey(b.ctx, "customers", "old 2")
		})
		if keys := read[[]store.Key](b)(b.Keys(b.ctx, b.env, "customers")); len(keys) != 5 {
			b.Fatalf("%d keys: %+v", len(keys), keys)
		}
	}},
	{"of parallel makers of one key exactly one succeeds", func(b *bench) {
		var made atomic.Int64
		b.onlyOne(16, store.ErrExists, func(tx store.Tx) error {
			k := key("customers", fmt.Sprint(made.Add(1)), at(1))
			k.State = store.KeyCurrent
			return tx.PutKey(b.ctx, k)
		})
	}},
	{"deleting a key twice is no error", func(b *bench) {
		b.write(func(tx store.Tx) error { return tx.PutKey(b.ctx, key("o", "k", at(1))) })
		for range 2 {
			b.write(func(tx store.Tx) error { return tx.DeleteKey(b.ctx, "o", "k") })
		}
		same(b, read[[]store.Key](b)(b.Keys(b.ctx, b.env, "")), nil)
	}},
	{"secrets are listed by application, and deleted", func(b *bench) {
		all := []store.Secret{
			{Application: "kiosk", ID: "1", Hash: hash(unique()), Created: at(1), Expires: at(9)},
			{Application: "payright", ID: "1", Hash: hash(unique()), Created: at(1)},
			{Application: "payright", ID: "2", Hash: hash(unique()), Created: at(2)},
		}
		for _, s := range all {
			b.write(func(tx store.Tx) error { return tx.PutSecret(b.ctx, s) })
		}
		same(b, read[[]store.Secret](b)(b.Secrets(b.ctx, b.env, "")), all)
		same(b, read[[]store.Secret](b)(b.Secrets(b.ctx, b.env, "payright")), all[1:])
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutSecret(b.ctx, all[0]) })
		for range 2 {
			b.write(func(tx store.Tx) error { return tx.DeleteSecret(b.ctx, "payright", "1") })
		}
		same(b, read[[]store.Secret](b)(b.Secrets(b.ctx, b.env, "payright")), all[2:])
	}},
}

func subscription(id, application string) store.Subscription {
	return store.Subscription{ID: id, Application: application, Product: "billing", Primary: hash(unique()),
		Secondary: hash(unique()), State: "active", Created: at(1), Expires: at(99)}
}

var subscriptionTests = []test{
	{"a subscription is found by either key and by application", func(b *bench) {
		s, other := subscription("s1", "payright"), subscription("s2", "")
		for _, one := range []*store.Subscription{&other, &s} {
			b.write(func(tx store.Tx) error { return tx.PutSubscription(b.ctx, *one) })
			one.Version = 1
		}
		same(b, read[store.Subscription](b)(b.SubscriptionByKey(b.ctx, b.env, s.Primary)), s)
		same(b, read[store.Subscription](b)(b.SubscriptionByKey(b.ctx, b.env, s.Secondary)), s)
		same(b, read[[]store.Subscription](b)(b.Subscriptions(b.ctx, b.env, "payright")), []store.Subscription{s})
		same(b, read[[]store.Subscription](b)(b.Subscriptions(b.ctx, b.env, "")), []store.Subscription{s, other})
		_, err := b.SubscriptionByKey(b.ctx, b.env, hash(unique()))
		b.is(err, store.ErrNotFound)
	}},
	{"a change needs the version that was read; an old key opens nothing", func(b *bench) {
		s := subscription("s1", "payright")
		put := func(tx store.Tx) error { return tx.PutSubscription(b.ctx, s) }
		b.write(put)
		b.refused(store.ErrConflict, put) // stored already
		old := s.Primary
		s.Version, s.Primary, s.State = 1, hash(unique()), "suspended"
		b.write(put)
		b.refused(store.ErrConflict, put)
		s.Version = 2
		same(b, read[store.Subscription](b)(b.SubscriptionByKey(b.ctx, b.env, s.Primary)), s)
		_, err := b.SubscriptionByKey(b.ctx, b.env, old)
		b.is(err, store.ErrNotFound)
		s = subscription("unknown", "payright")
		s.Version = 1
		b.refused(store.ErrConflict, put)
	}},
	{"a key that is in use is refused, as primary and as secondary", func(b *bench) {
		first, second := subscription("s1", "payright"), subscription("s2", "kiosk")
		b.write(func(tx store.Tx) error { return tx.PutSubscription(b.ctx, first) })
		second.Secondary = first.Primary
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutSubscription(b.ctx, second) })
		same(b, read[[]store.Subscription](b)(b.Subscriptions(b.ctx, b.env, "kiosk")), nil)
		second.Secondary = hash(unique())
		b.write(func(tx store.Tx) error { return tx.PutSubscription(b.ctx, second) })
		second.Version, second.Primary = 1, first.Secondary
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutSubscription(b.ctx, second) })
	}},
	{"the hash that stands for no key opens nothing", func(b *bench) {
		for _, id := range []string{"s1", "s2"} {
			s := subscription(id, "payright")
			s.Secondary = [32]byte{}
			b.write(func(tx store.Tx) error { return tx.PutSubscription(b.ctx, s) })
		}
		_, err := b.SubscriptionByKey(b.ctx, b.env, [32]byte{})
		b.is(err, store.ErrNotFound)
	}},
}
