package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/store"
)

func consent(owner customer.ID) store.Consent {
	return store.Consent{
		Customer: owner, Application: "sunshare", Server: "customers", Scopes: []string{"billing.read.bill", "openid"},
		Given: at(1), Updated: at(1), Revision: 3,
	}
}

// consented is a customer's consent, as it is stored.
func (b *bench) consented() store.Consent {
	b.Helper()
	p := person(fmt.Sprintf("mere-%x", unique()))
	b.create(p)
	c := consent(p.Customer.ID)
	b.write(func(tx store.Tx) error { return tx.PutConsent(b.ctx, c) })
	c.Version = 1
	return c
}

func (b *bench) consent(c store.Consent) (store.Consent, error) {
	return b.Consent(b.ctx, b.env, c.Customer, c.Application, c.Server)
}

// withdraw deletes a consent and gives the grants that ended with it.
func (b *bench) withdraw(c store.Consent, minutes int) (ended []store.GrantID) {
	b.Helper()
	b.write(func(tx store.Tx) (err error) {
		ended, err = tx.DeleteConsent(b.ctx, c.Customer, c.Application, c.Server, at(minutes))
		return err
	})
	slices.SortFunc(ended, func(x, y store.GrantID) int { return slices.Compare(x[:], y[:]) })
	return ended
}

var consentTests = []test{
	{"consents that name a scope are counted among so many", func(b *bench) {
		count := func(server, scope string, limit int) (int64, bool) {
			n, part, err := b.CountConsents(b.ctx, b.env, store.ConsentsTo{Server: server, Scope: scope}, limit)
			b.ok(err)
			return n, part
		}
		b.consented()
		b.consented()
		other := b.consented()
		b.write(func(tx store.Tx) error {
			other.Scopes = []string{"billing.read.bills", "openid"}
			return tx.PutConsent(b.ctx, other)
		})
		for _, one := range []struct {
			server, scope string
			want          int64
		}{
			{"customers", "billing.read.bill", 2},
			{"customers", "openid", 3},
			{"enterprise", "openid", 0},
			{"customers", "billing.read", 0},
			{"customers", "billing_read_bill", 0},
			{"customers", "%", 0},
			{"customers", "!", 0},
		} {
			n, part := count(one.server, one.scope, 3)
			same(b, n, one.want)
			same(b, part, false)
		}
		n, part := count("customers", "openid", 2)
		same(b, n <= 3, true)
		same(b, part, true)
	}},
	{"consents come back by application and server, those of one customer", func(b *bench) {
		here := b.consented()
		enterprise, earlier, somebody := here, here, b.consented()
		enterprise.Server, enterprise.Version = "enterprise", 0
		earlier.Application, earlier.Scopes, earlier.Version = "outage", nil, 0
		b.write(func(tx store.Tx) error {
			return errors.Join(tx.PutConsent(b.ctx, enterprise), tx.PutConsent(b.ctx, earlier))
		})
		enterprise.Version, earlier.Version = 1, 1
		same(b, read[[]store.Consent](b)(b.Consents(b.ctx, b.env, here.Customer)), []store.Consent{earlier, here, enterprise})
		same(b, read[store.Consent](b)(b.consent(enterprise)), enterprise)
		same(b, read[[]store.Consent](b)(b.Consents(b.ctx, b.env, somebody.Customer)), []store.Consent{somebody})
		same(b, read[[]store.Consent](b)(b.Consents(b.ctx, b.env, customer.ID(unique()))), nil)
		somebody.Application = "nobody"
		_, err := b.consent(somebody)
		b.is(err, store.ErrNotFound)
	}},
	{"nobody's consent is not stored, nor one above the limit", func(b *bench) {
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.PutConsent(b.ctx, consent(customer.ID(unique()))) })
		long := b.consented()
		long.Scopes = []string{strings.Repeat("x", 16<<10)}
		b.refused(store.ErrInvalid, func(tx store.Tx) error { return tx.PutConsent(b.ctx, long) })
	}},
	{"a consent grows by who read it last, and stays as old as it is", func(b *bench) {
		c := b.consented()
		again := c
		again.Version = 0
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.PutConsent(b.ctx, again) })
		more := c
		more.Scopes, more.Given, more.Updated, more.Revision = []string{"openid", "outage.read.area"}, at(9), at(5), 4
		put := func(tx store.Tx) error { return tx.PutConsent(b.ctx, more) }
		b.write(put)
		b.refused(store.ErrConflict, put)
		more.Given, more.Version = c.Given, 2
		same(b, read[store.Consent](b)(b.consent(c)), more)
	}},
	{"of many who allow more one succeeds, also the first time", func(b *bench) {
		c := b.consented()
		same(b, b.won(8, func(tx store.Tx, _ int) error { return tx.PutConsent(b.ctx, c) }), 1)
		c.Server, c.Version = "enterprise", 0
		same(b, b.won(8, func(tx store.Tx, _ int) error { return tx.PutConsent(b.ctx, c) }), 1)
	}},
	{"a consent does not end by itself", func(b *bench) {
		c := b.consented()
		b.sweepAll(at(100_000_000))
		same(b, read[store.Consent](b)(b.consent(c)), c)
	}},
	{"a consent that is withdrawn is gone, and cannot be put back by who read it before", func(b *bench) {
		c := b.consented()
		other := c
		other.Server, other.Version = "enterprise", 0
		b.write(func(tx store.Tx) error { return tx.PutConsent(b.ctx, other) })
		other.Version = 1
		b.withdraw(c, 5)
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.PutConsent(b.ctx, c) })
		b.refused(store.ErrNotFound, func(tx store.Tx) error {
			_, err := tx.DeleteConsent(b.ctx, c.Customer, c.Application, c.Server, at(6))
			return err
		})
		b.refused(store.ErrNotFound, func(tx store.Tx) error {
			_, err := tx.HoldConsent(b.ctx, c.Customer, c.Application, c.Server)
			return err
		})
		same(b, read[[]store.Consent](b)(b.Consents(b.ctx, b.env, c.Customer)), []store.Consent{other})
	}},
	{"what was granted under a consent ends with it, and nothing else", func(b *bench) {
		c := b.consented()
		under := func(g *store.Grant) { g.Customer, g.Application, g.Server = c.Customer, c.Application, c.Server }
		changed := func(change func(*store.Grant)) store.Grant {
			return b.grant(func(g *store.Grant) { under(g); change(g) })
		}
		one, two, earlier := b.grant(under), b.grant(under), b.grant(under)
		others := []store.Grant{
			changed(func(g *store.Grant) { g.Customer = customer.ID(unique()) }),
			changed(func(g *store.Grant) { g.Application = "payright" }),
			changed(func(g *store.Grant) { g.Server = "enterprise" }),
		}
		b.write(func(tx store.Tx) error { return tx.RevokeGrant(b.ctx, earlier.ID, at(2), "by hand") })
		same(b, b.withdraw(c, 5), []store.GrantID{one.ID, two.ID})
		one.Revoked, one.Reason = at(5), store.ConsentWithdrawn
		two.Revoked, two.Reason = at(5), store.ConsentWithdrawn
		earlier.Revoked, earlier.Reason = at(2), "by hand"
		for _, want := range append(others, one, two, earlier) {
			same(b, read[store.Grant](b)(b.Grant(b.ctx, b.env, want.ID)), want)
		}
	}},
	{"of a grant and the withdrawal of its consent, whichever comes second knows of the first", func(b *bench) {
		for range 20 {
			c := b.consented()
			g := grant()
			g.Customer, g.Application, g.Server = c.Customer, c.Application, c.Server
			parallel(2, func(i int) {
				err := b.Write(b.ctx, b.env, func(tx store.Tx) error {
					if i == 0 {
						_, err := tx.DeleteConsent(b.ctx, c.Customer, c.Application, c.Server, at(7))
						return err
					}
					if _, err := tx.HoldConsent(b.ctx, c.Customer, c.Application, c.Server); err != nil {
						return err
					}
					return tx.CreateGrant(b.ctx, g)
				})
				if err != nil && !errors.Is(err, store.ErrNotFound) {
					b.Error(err)
				}
			})
			if got, err := b.Grant(b.ctx, b.env, g.ID); err == nil && got.Revoked.IsZero() {
				b.Fatal("a grant lives under a consent that was withdrawn")
			}
		}
	}},
}
