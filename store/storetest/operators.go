package storetest

import (
	"sync/atomic"

	"sallyport/pure/customer"
	"sallyport/store"
)

func operatorRole() store.OperatorRole {
	return store.OperatorRole{
		Operator: customer.ID(unique()), Role: "security", Tenant: "harbourlight", Environment: "preview", Server: "enterprise", Since: at(1),
	}
}

func operatorLink() store.OperatorLink {
	return store.OperatorLink{
		Hash: hash(unique()), Role: store.OperatorRole{Role: "owner"}, By: "root@host", Created: at(1), Expires: at(100_000_000),
	}
}

var operatorTests = []test{
	{"a role comes back with its place, and can be held at several", func(b *bench) {
		here, everywhere, other := operatorRole(), operatorRole(), operatorRole()
		everywhere.Operator, everywhere.Tenant, everywhere.Environment, everywhere.Server = here.Operator, "", "", ""
		b.write(func(tx store.Tx) error {
			b.ok(tx.PutOperatorRole(b.ctx, here))
			b.ok(tx.PutOperatorRole(b.ctx, everywhere))
			return tx.PutOperatorRole(b.ctx, other)
		})
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutOperatorRole(b.ctx, here) })
		roles := read[[]store.OperatorRole](b)
		same(b, roles(b.OperatorRoles(b.ctx, b.env, here.Operator)), []store.OperatorRole{everywhere, here})
		same(b, roles(b.OperatorRoles(b.ctx, b.env, customer.ID{})), []store.OperatorRole{everywhere, here, other})
	}},
	{"a role that is taken leaves the others", func(b *bench) {
		here, everywhere := operatorRole(), operatorRole()
		everywhere.Operator, everywhere.Server = here.Operator, ""
		b.write(func(tx store.Tx) error {
			b.ok(tx.PutOperatorRole(b.ctx, here))
			return tx.PutOperatorRole(b.ctx, everywhere)
		})
		take := func(tx store.Tx) error { return tx.DeleteOperatorRole(b.ctx, here) }
		b.write(take)
		b.refused(store.ErrNotFound, take)
		same(b, read[[]store.OperatorRole](b)(b.OperatorRoles(b.ctx, b.env, here.Operator)), []store.OperatorRole{everywhere})
	}},
	{"a link comes back until it is taken", func(b *bench) {
		l := operatorLink()
		l.Anew = true
		put := func(tx store.Tx) error { return tx.PutOperatorLink(b.ctx, l) }
		b.write(put)
		b.refused(store.ErrExists, put)
		same(b, read[store.OperatorLink](b)(b.OperatorLink(b.ctx, b.env, l.Hash)), l)
		b.write(func(tx store.Tx) error { return tx.TakeOperatorLink(b.ctx, l.Hash) })
		_, err := b.OperatorLink(b.ctx, b.env, l.Hash)
		b.is(err, store.ErrNotFound)
	}},
	{"of many who take a link one succeeds", func(b *bench) {
		l := operatorLink()
		b.write(func(tx store.Tx) error { return tx.PutOperatorLink(b.ctx, l) })
		var won atomic.Int64
		parallel(8, func(int) {
			if b.Write(b.ctx, b.env, func(tx store.Tx) error { return tx.TakeOperatorLink(b.ctx, l.Hash) }) == nil {
				won.Add(1)
			}
		})
		same(b, won.Load(), 1)
	}},
	{"an expired link is swept", func(b *bench) {
		gone, stays := operatorLink(), operatorLink()
		gone.Expires = at(5)
		b.write(func(tx store.Tx) error {
			b.ok(tx.PutOperatorLink(b.ctx, gone))
			return tx.PutOperatorLink(b.ctx, stays)
		})
		b.sweepAll(at(5))
		_, err := b.OperatorLink(b.ctx, b.env, gone.Hash)
		b.is(err, store.ErrNotFound)
		same(b, read[store.OperatorLink](b)(b.OperatorLink(b.ctx, b.env, stays.Hash)), stays)
	}},
}
