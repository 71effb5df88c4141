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
	c.timed("households", c.size, func(from, to int) error {
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
	if other := i + 1; err == nil && i%10 == 0 && other < c.size {
		member.Customer, member.Role = customer.ID(idOf("customer", other)), customer.Occupier
		err = tx.PutMember(ctx, member)
	}
	if err == nil && i%(c.size/500+1) == 2 && i != known {
		member.Customer, member.Role = customer.ID(idOf("customer", known)), customer.Agent
		err = tx.PutMember(ctx, member)
	}
	return err
}
