package storetest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
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
		b.refused(store.ErrConflict, func(tx store.Tx) error {
			return tx.RotateGrant(b.ctx, store.Rotation{Grant: ends.ID, Counter: 0, At: at(8), IdleExpires: at(90), Revision: 7})
		})
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
