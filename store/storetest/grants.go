package storetest

import (
	"bytes"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

func grant() store.Grant {
	return store.Grant{
		ID: unique(), Application: "payright", Server: "customers", Customer: customer.ID(unique()),
		Session: unique(), GrantType: "authorization_code", Scopes: []string{"openid", "billing.read.bill"},
		Detail: []byte(`{"nonce":"n"}`), Refreshable: true, Created: at(1), Expires: at(1000), IdleExpires: at(100), Used: at(1), Revision: 3,
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
		b.write(func(tx store.Tx) error {
			return tx.RotateGrant(b.ctx, store.Rotation{Grant: g.ID, Counter: 0, At: at(2), IdleExpires: at(102), Revision: 7})
		})
		b.write(func(tx store.Tx) error {
			return tx.RotateGrant(b.ctx, store.Rotation{Grant: g.ID, Counter: 1, At: at(3), Revision: 7})
		})
		g.Counter, g.IdleExpires, g.Used, g.Revision = 2, time.Time{}, at(3), 7
		same(b, read[store.Grant](b)(b.Grant(b.ctx, b.env, g.ID)), g)
		b.write(func(tx store.Tx) error {
			return tx.RotateGrant(b.ctx, store.Rotation{Grant: g.ID, Counter: 2, At: at(999), IdleExpires: at(2000), Revision: 7})
		}) // no idle end
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
				return tx.RotateGrant(b.ctx, store.Rotation{Grant: test.id, Counter: test.counter, At: test.now, IdleExpires: at(500), Revision: 7})
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
		b.onlyOne(50, store.ErrConflict, func(tx store.Tx) error {
			return tx.RotateGrant(b.ctx, store.Rotation{Grant: g.ID, Counter: 0, At: at(2), IdleExpires: at(102), Revision: 7})
		})
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
