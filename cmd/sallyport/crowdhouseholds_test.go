package main

import (
	"context"
	"errors"
	"fmt"

	"sallyport/pure/customer"
	"sallyport/store"
)

// households stores an account, premises, a member and an agreement for each customer of
// the crowd. Every tenth account is of two, one customer has very many, and one customer
// in fifty wears a tag.
func (c crowd) households(ctx context.Context) {
	c.Helper()
	n := c.size
	if c.direct != "" {
		n = min(n, crowdBatch)
		defer c.copied(ctx, n)
	}
	c.timed("households", n, func(from, to int) error {
		return c.store.Write(ctx, c.live.ID, func(tx store.Tx) error {
			for i := from; i < to; i++ {
				if err := c.household(ctx, tx, i); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func (c crowd) household(ctx context.Context, tx store.Tx, i int) error {
	account, who := customer.AccountID(idOf("account", i)), customer.ID(idOf("customer", i))
	member := customer.Member{Account: account, Customer: who, Role: customer.Owner, Since: c.until, By: "migration/meterman"}
	err := errors.Join(
		tx.PutAccount(ctx, customer.Account{
			ID: account, Number: fmt.Sprintf("HL-%09d", i), Name: lastNames[i%len(lastNames)] + " Lane", State: customer.AccountOpen, Source: "migration/meterman", Created: c.until, Updated: c.until,
		}),
		tx.PutPremises(ctx, customer.Premises{
			ID: customer.PremisesID(idOf("premises", i)), Account: account, Address: customer.Address{Lines: []string{fmt.Sprintf("%d Wharf Lane", i)}, Town: "Harbour"}, Created: c.until, Updated: c.until,
		}),
		tx.PutMember(ctx, member),
		tx.PutAgreement(ctx, store.Agreement{Customer: who, Kind: store.AgreedDocument, Document: "terms", Version: "1", Given: c.until}))
	if err == nil && i%50 == 1 {
		err = tx.PutTags(ctx, who, []string{"hardship"})
	}
	for _, m := range c.others(i) {
		if err == nil {
			member.Customer, member.Role = customer.ID(idOf("customer", m.who)), m.role
			err = tx.PutMember(ctx, member)
		}
	}
	return err
}

// sharer is a member of an account besides its owner.
type sharer struct {
	who  int
	role customer.Role
}

func (c crowd) others(i int) (all []sharer) {
	if other := i + 1; i%10 == 0 && other < c.size {
		all = append(all, sharer{other, customer.Occupier})
	}
	if i%(c.size/500+1) == 2 && i != known {
		all = append(all, sharer{known, customer.Agent})
	}
	return all
}
