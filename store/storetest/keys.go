package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/store"
)

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
	{"of parallel moves into one state exactly one succeeds", func(b *bench) {
		const n = 12
		for i := range n {
			k := key("customers", fmt.Sprint(i), at(1))
			k.State = store.KeyOld
			b.write(func(tx store.Tx) error { return tx.PutKey(b.ctx, k) })
		}
		var next atomic.Int64
		b.onlyOne(n, store.ErrConflict, func(tx store.Tx) error {
			id := fmt.Sprint(next.Add(1) % n)
			return tx.SetKeyState(b.ctx, "customers", id, store.KeyOld, store.KeyCurrent, at(2), time.Time{})
		})
	}},
	{"deleting a key twice is no error", func(b *bench) {
		b.write(func(tx store.Tx) error { return tx.PutKey(b.ctx, key("o", "k", at(1))) })
		for range 2 {
			b.write(func(tx store.Tx) error { return tx.DeleteKey(b.ctx, "o", "k") })
		}
		same(b, read[[]store.Key](b)(b.Keys(b.ctx, b.env, "")), nil)
	}},
	{"two who hold an application's secrets change them one after the other", func(b *bench) {
		// Each takes one away if there are two. Whoever comes second sees one.
		for _, id := range []string{"1", "2"} {
			b.write(func(tx store.Tx) error { return tx.PutSecret(b.ctx, store.Secret{Application: "payright", ID: id}) })
		}
		var all sync.WaitGroup
		for _, id := range []string{"1", "2"} {
			all.Go(func() {
				err := b.Write(b.ctx, b.env, func(tx store.Tx) error {
					held, err := tx.HoldSecrets(b.ctx, "payright")
					if err != nil || len(held) < 2 {
						return err
					}
					return tx.DeleteSecret(b.ctx, "payright", id)
				})
				if err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
		if left := read[[]store.Secret](b)(b.Secrets(b.ctx, b.env, "payright")); len(left) != 1 {
			b.Errorf("%d secrets are left", len(left))
		}
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
	return store.Subscription{
		ID: id, Application: application, Product: "billing", Primary: hash(unique()),
		Secondary: hash(unique()), State: "active", Created: at(1), Expires: at(99),
	}
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
