package storetest

import (
	"strings"

	"sallyport/pure/customer"
	"sallyport/store"
)

func walk() store.Walk {
	return store.Walk{ID: "w1", Author: "ada@host", Revision: 3, Started: at(1), Expires: at(16), Detail: []byte(`{"cells":2}`)}
}

// synthetic is a marked customer with everything that a customer can have.
func (b *bench) synthetic(walk string) world {
	b.Helper()
	p := person("synthetic")
	p.Identifiers = p.Identifiers[1:]
	p.Identifiers[0].Value = "synthetic-" + p.Customer.ID.String()
	w := world{person: p, factor: factor(p.Customer.ID, store.FactorTOTP), session: session(), grant: grant(), consent: consent(p.Customer.ID)}
	w.session.Customer, w.grant.Customer = p.Customer.ID, p.Customer.ID
	b.create(p)
	b.write(func(tx store.Tx) error {
		for _, err := range []error{
			tx.MarkSynthetic(b.ctx, p.Customer.ID, walk), tx.PutFactor(b.ctx, w.factor), tx.CreateSession(b.ctx, w.session), tx.CreateGrant(b.ctx, w.grant),
			tx.PutConsent(b.ctx, w.consent), tx.PutLinks(b.ctx, []store.CustomerLink{link(p.Customer.ID, p.Customer.ID.String())}),
			tx.PutPasskeys(b.ctx, []store.Passkey{passkey(p.Customer.ID)}),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

var walkTests = []test{
	{"a walk comes back as it was put last", func(b *bench) {
		w := walk()
		b.write(func(tx store.Tx) error { return tx.PutWalk(b.ctx, w) })
		w.Ended, w.Detail = at(3), []byte(`{}`)
		b.write(func(tx store.Tx) error { return tx.PutWalk(b.ctx, w) })
		same(b, read[store.Walk](b)(b.Store.Walk(b.ctx, b.env, "w1")), w)
		_, err := b.Store.Walk(b.ctx, b.env, "w2")
		b.is(err, store.ErrNotFound)
		w.Detail = []byte(strings.Repeat("x", 4<<20+1))
		b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.PutWalk(b.ctx, w) })
	}},
	{"walks are listed, the newest first", func(b *bench) {
		old, young := walk(), walk()
		young.ID, young.Started = "w0", at(2)
		b.write(func(tx store.Tx) error {
			if err := tx.PutWalk(b.ctx, old); err != nil {
				return err
			}
			return tx.PutWalk(b.ctx, young)
		})
		old.Detail, young.Detail = nil, nil
		same(b, read[[]store.Walk](b)(b.Walks(b.ctx, b.env, 9)), []store.Walk{young, old})
		same(b, read[[]store.Walk](b)(b.Walks(b.ctx, b.env, 1)), []store.Walk{young})
	}},
	{"a marked customer is removed with all that is theirs, and nothing else", func(b *bench) {
		one, other := b.synthetic("w1"), b.synthetic("w1")
		id := one.person.Customer.ID
		same(b, read[[]customer.ID](b)(b.Synthetics(b.ctx, b.env, "w1", 9)), []customer.ID{id, other.person.Customer.ID})
		b.write(func(tx store.Tx) error { return tx.RemoveSynthetic(b.ctx, id) })
		_, err := b.Customer(b.ctx, b.env, id)
		b.is(err, store.ErrNotFound)
		_, err = b.Credential(b.ctx, b.env, id)
		b.is(err, store.ErrNotFound)
		_, err = b.Session(b.ctx, b.env, one.session.ID)
		b.is(err, store.ErrNotFound)
		_, err = b.Grant(b.ctx, b.env, one.grant.ID)
		b.is(err, store.ErrNotFound)
		same(b, read[[]customer.Identifier](b)(b.Identifiers(b.ctx, b.env, id)), nil)
		same(b, read[[]store.Factor](b)(b.Factors(b.ctx, b.env, id)), nil)
		same(b, read[[]store.Passkey](b)(b.Passkeys(b.ctx, b.env, id)), nil)
		same(b, read[[]store.Consent](b)(b.Consents(b.ctx, b.env, id)), nil)
		same(b, read[[]store.CustomerLink](b)(b.Links(b.ctx, b.env, id)), nil)
		_, err = b.Grant(b.ctx, b.env, other.grant.ID)
		b.ok(err)
		same(b, read[[]customer.ID](b)(b.Synthetics(b.ctx, b.env, "w1", 9)), []customer.ID{other.person.Customer.ID})
	}},
	{"nobody who is not marked can be removed", func(b *bench) {
		p := person("real")
		b.create(p)
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.RemoveSynthetic(b.ctx, p.Customer.ID) })
		_, err := b.Customer(b.ctx, b.env, p.Customer.ID)
		b.ok(err)
	}},
	{"a customer is marked once, and only one who is there", func(b *bench) {
		one := b.synthetic("w1")
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.MarkSynthetic(b.ctx, one.person.Customer.ID, "w2") })
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.MarkSynthetic(b.ctx, customer.ID(unique()), "w1") })
	}},
	{"a walk stays while a customer of it is there", func(b *bench) {
		w := walk()
		one := b.synthetic(w.ID)
		b.write(func(tx store.Tx) error { return tx.PutWalk(b.ctx, w) })
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.DeleteWalk(b.ctx, w.ID) })
		b.write(func(tx store.Tx) error { return tx.RemoveSynthetic(b.ctx, one.person.Customer.ID) })
		for range 2 {
			b.write(func(tx store.Tx) error { return tx.DeleteWalk(b.ctx, w.ID) })
		}
		_, err := b.Store.Walk(b.ctx, b.env, w.ID)
		b.is(err, store.ErrNotFound)
	}},
}
