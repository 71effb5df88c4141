package storetest

import (
	"errors"

	"sallyport/pure/customer"
	"sallyport/store"
)

func claim(who customer.ID, number string, second int) store.Claim {
	return store.Claim{
		ID: store.ClaimID(unique()), Customer: who, Place: "billing", Number: number, State: store.ClaimWaits, Reason: "owned",
		Evidence: []byte(`{"right":["postcode"]}`), Created: at(second), Updated: at(second), Version: 1,
	}
}

func raised(c store.Claim) store.Claim {
	c.Version = 0
	return c
}

var claimTests = []test{
	{"a claim comes back with everything, and moves on by the version that was read", func(b *bench) {
		p := person("aroha")
		b.create(p)
		c := claim(p.Customer.ID, "HL-1", 1)
		b.write(func(tx store.Tx) error { return tx.PutClaim(b.ctx, raised(c)) })
		same(b, read[store.Claim](b)(b.Claim(b.ctx, b.env, c.ID)), c)
		c.State, c.Reason, c.Evidence, c.Updated, c.By, c.Note = store.ClaimGranted, "letter", nil, at(5), "operator/rita", "wrote to us"
		b.write(func(tx store.Tx) error { return tx.PutClaim(b.ctx, c) })
		b.refused(store.ErrConflict, func(tx store.Tx) error { return tx.PutClaim(b.ctx, c) })
		c.Version = 2
		same(b, read[store.Claim](b)(b.Claim(b.ctx, b.env, c.ID)), c)
	}},
	{"a customer has one claim that waits for each number, and nobody who is not there has any", func(b *bench) {
		p, q := person("aroha"), person("otis")
		b.create(p, q)
		one := claim(p.Customer.ID, "HL-1", 1)
		b.write(func(tx store.Tx) error {
			return errors.Join(tx.PutClaim(b.ctx, raised(one)), tx.PutClaim(b.ctx, raised(claim(p.Customer.ID, "HL-2", 1))), tx.PutClaim(b.ctx, raised(claim(q.Customer.ID, "HL-1", 1))))
		})
		b.refused(store.ErrExists, func(tx store.Tx) error { return tx.PutClaim(b.ctx, raised(claim(p.Customer.ID, "HL-1", 2))) })
		one.State = store.ClaimRefused
		b.write(func(tx store.Tx) error { return tx.PutClaim(b.ctx, one) })
		b.write(func(tx store.Tx) error { return tx.PutClaim(b.ctx, raised(claim(p.Customer.ID, "HL-1", 2))) })
		b.refused(store.ErrNotFound, func(tx store.Tx) error { return tx.PutClaim(b.ctx, raised(claim(customer.ID(unique()), "HL-1", 2))) })
	}},
	{"claims are listed oldest first, page by page, by whatever is asked", func(b *bench) {
		p, q := person("aroha"), person("otis")
		b.create(p, q)
		var all []store.Claim
		for i, who := range []customer.ID{p.Customer.ID, q.Customer.ID, p.Customer.ID, p.Customer.ID, q.Customer.ID} {
			c := claim(who, []string{"HL-1", "HL-1", "HL-2", "HL-3", "HL-3"}[i], 1+i/2)
			if i == 3 {
				c.State = store.ClaimRefused
			}
			c.ID[0] = byte(i) // of one moment, by id
			all = append(all, c)
			b.write(func(tx store.Tx) error { return tx.PutClaim(b.ctx, raised(c)) })
		}
		for name, test := range map[string]struct {
			page store.ClaimPage
			want []int
		}{
			"all":         {store.ClaimPage{}, []int{0, 1, 2, 3, 4}},
			"waiting":     {store.ClaimPage{State: store.ClaimWaits}, []int{0, 1, 2, 4}},
			"somebody's":  {store.ClaimPage{Customer: p.Customer.ID}, []int{0, 2, 3}},
			"an account":  {store.ClaimPage{Number: "HL-3"}, []int{3, 4}},
			"theirs open": {store.ClaimPage{Customer: p.Customer.ID, State: store.ClaimWaits}, []int{0, 2}},
		} {
			for limit := 1; limit < 7; limit++ {
				page := test.page
				page.Limit = limit
				var got []store.Claim
				for {
					some := read[[]store.Claim](b)(b.ClaimList(b.ctx, b.env, page))
					got = append(got, some...)
					if len(some) < limit {
						break
					}
					page.After = some[limit-1].ID
				}
				var want []store.Claim
				for _, i := range test.want {
					want = append(want, all[i])
				}
				if len(got) != len(want) {
					b.Errorf("%s by %d: %d claims, want %d", name, limit, len(got), len(want))
				}
				same(b, got, want)
			}
		}
		_, err := b.ClaimList(b.ctx, b.env, store.ClaimPage{After: store.ClaimID(unique()), Limit: 1})
		if !errors.Is(err, store.ErrInvalid) {
			b.Errorf("a cursor that nobody gave: %v", err)
		}
	}},
}
