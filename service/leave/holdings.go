package leave

import (
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/sallyport"
	"sallyport/store"
)

// takers writes people by the given functions, and accounts as they are.
func (w *writer) takers(begin func(int64) error, person func(store.Whole) error) store.Takers {
	put := func(h legacy.Holding) error { return w.signed(sallyport.HoldingOf(h)) }
	return store.Takers{
		Begin: begin, Person: person,
		Account:  func(a customer.Account) error { return put(legacy.Holding{Account: &a}) },
		Premises: func(p customer.Premises) error { return put(legacy.Holding{Premises: &p}) },
		Member:   func(m customer.Member) error { return put(legacy.Holding{Member: &m}) },
		Claim:    func(c store.Claim) error { return put(legacy.Holding{Claim: claimOf(&c)}) },
	}
}

func claimOf(c *store.Claim) *legacy.Claim {
	return &legacy.Claim{
		ID: c.ID, Customer: c.Customer, Place: c.Place, Number: c.Number, State: string(c.State), Reason: c.Reason, Evidence: c.Evidence,
		By: c.By, Note: c.Note, Created: c.Created, Updated: c.Updated,
	}
}
