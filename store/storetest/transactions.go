package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"sallyport/pure/customer"
	"sallyport/store"
)

var errOwn = errors.New("the caller's own")

var transactionTests = []test{
	{"the function's error is returned unchanged, and nothing is left of what it wrote", func(b *bench) {
		p := person(b.Name())
		err := b.Write(b.ctx, b.env, func(tx store.Tx) error {
			b.ok(tx.CreateCustomers(b.ctx, []store.NewCustomer{p}))
			b.ok(tx.Audit(b.ctx, event("customer.created")))
			b.ok(tx.Publish(b.ctx, store.FeedEntry{Kind: store.GrantRevoked, Subject: p.Customer.ID.String()}))
			return errOwn
		})
		if err != errOwn { //nolint:errorlint // unchanged means identical
			b.Fatalf("error is %v", err)
		}
		_, err = b.Customer(b.ctx, b.env, p.Customer.ID)
		b.is(err, store.ErrNotFound)
		same(b, read[[]store.Head](b)(b.AuditHeads(b.ctx, b.env)), nil)
		same(b, b.feedOf(b.env), nil)
		b.create(p) // nor is anything taken
	}},
	{"a panic reaches the caller and leaves nothing", func(b *bench) {
		p := person(b.Name())
		func() {
			defer func() {
				if got := recover(); got != "own" {
					b.Errorf("recovered %v", got)
				}
			}()
			_ = b.Write(b.ctx, b.env, func(tx store.Tx) error {
				b.ok(tx.CreateCustomers(b.ctx, []store.NewCustomer{p}))
				panic("own")
			})
		}()
		b.create(p)
	}},
	{"a transaction reads its own writes", func(b *bench) {
		p := person(b.Name())
		b.write(func(tx store.Tx) error {
			b.ok(tx.CreateCustomers(b.ctx, []store.NewCustomer{p}))
			taken, err := tx.TakenIdentifiers(b.ctx, p.Identifiers)
			if len(taken) != len(p.Identifiers) {
				b.Errorf("taken are %v", taken)
			}
			return err
		})
	}},
	{"a transaction goes on after an error of the store", func(b *bench) {
		first, second := person(b.Name()+"a"), person(b.Name()+"b")
		g := grant()
		b.create(first)
		b.write(func(tx store.Tx) error {
			b.ok(tx.CreateGrant(b.ctx, g))
			b.is(tx.CreateGrant(b.ctx, g), store.ErrExists)
			clash := second
			clash.Identifiers = append(clash.Identifiers[:1:1], first.Identifiers[0])
			b.is(tx.CreateCustomers(b.ctx, []store.NewCustomer{clash}), store.ErrExists)
			b.is(tx.UpdateCustomer(b.ctx, customer.Customer{ID: customer.ID(unique()), Version: 1}), store.ErrNotFound)
			b.ok(tx.RevokeGrant(b.ctx, g.ID, at(3), "code used twice"))
			return tx.CreateCustomers(b.ctx, []store.NewCustomer{second}) // nothing of clash is in the way
		})
		if got := read[store.Grant](b)(b.Grant(b.ctx, b.env, g.ID)); got.Reason != "code used twice" {
			b.Fatalf("grant is %+v", got)
		}
	}},
	{"a transaction is dead once its function has returned", func(b *bench) {
		var kept store.Tx
		b.write(func(tx store.Tx) error { kept = tx; return nil })
		if err := kept.CreateGrant(b.ctx, grant()); err == nil {
			b.Fatal("it still writes")
		}
	}},
	{"a caller that has gone before its turn writes nothing", func(b *bench) {
		ctx, cancel := context.WithCancel(b.ctx)
		cancel()
		err := b.Write(ctx, b.env, func(tx store.Tx) error { return tx.CreateGrant(ctx, grant()) })
		b.is(err, context.Canceled)
		b.is(b.Record(ctx, b.env, event("token.issued")), context.Canceled)
		same(b, read[[]store.Head](b)(b.AuditHeads(b.ctx, b.env)), nil)
	}},
	{"text that is not UTF-8 or holds a NUL is refused and found nowhere", func(b *bench) {
		for _, text := range []string{"a\xffb", "a\x00b"} {
			b.refused(store.ErrInvalid, func(tx store.Tx) error {
				g := grant()
				g.Application = text
				err := tx.CreateGrant(b.ctx, g)
				b.ok(tx.CreateGrant(b.ctx, grant())) // and the transaction goes on
				return err
			})
			e := event("token.issued")
			e.Application = text
			b.is(b.Record(b.ctx, b.env, e), store.ErrInvalid)
			_, err := b.PersonByIdentifier(b.ctx, b.env, customer.Email, text)
			b.is(err, store.ErrInvalid)
		}
	}},
	{"a failing write does not hurt those that are committed with it", func(b *bench) {
		const callers = 16
		kept := make([]store.NewCustomer, callers)
		parallel(callers, func(i int) {
			kept[i] = person(fmt.Sprintf("%s-%d", b.Name(), i))
			for round := range 8 {
				err := b.Write(b.ctx, b.env, func(tx store.Tx) error {
					if round < 7 || i%2 == 1 {
						_ = tx.CreateCustomers(b.ctx, []store.NewCustomer{kept[i]})
						_ = tx.Audit(b.ctx, event("customer.created"))
						return errOwn
					}
					_ = tx.Audit(b.ctx, event("customer.created"))
					return tx.CreateCustomers(b.ctx, []store.NewCustomer{kept[i]})
				})
				if round == 7 && i%2 == 0 {
					if err != nil {
						b.Error(err)
					}
				} else if !errors.Is(err, errOwn) {
					b.Errorf("error is %v", err)
				}
			}
		})
		for i, p := range kept {
			_, err := b.Customer(b.ctx, b.env, p.Customer.ID)
			if i%2 == 0 && err != nil || i%2 == 1 && !errors.Is(err, store.ErrNotFound) {
				b.Errorf("customer %d: %v", i, err)
			}
		}
		if n := len(b.verified(b.env)); n != callers/2 {
			b.Errorf("%d events, want %d", n, callers/2)
		}
	}},
	{"sixteen writers at once lose nothing", func(b *bench) {
		var written atomic.Int64
		parallel(16, func(i int) {
			for range 20 {
				g := grant()
				err := b.Write(b.ctx, b.env, func(tx store.Tx) error {
					if err := tx.CreateGrant(b.ctx, g); err != nil {
						return err
					}
					return tx.Audit(b.ctx, event("grant.created"))
				})
				if err != nil {
					b.Error(err)
					return
				}
				if _, err := b.Grant(b.ctx, b.env, g.ID); err != nil {
					b.Errorf("an acknowledged grant: %v", err)
				}
				written.Add(1)
			}
		})
		if n := len(b.verified(b.env)); int64(n) != written.Load() || n != 320 {
			b.Fatalf("%d events of %d grants", n, written.Load())
		}
	}},
}
