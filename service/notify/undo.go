package notify

import (
	"context"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/environment"
	"sallyport/store"
)

// Change is something risky that a customer, or somebody in their name, just did: what an
// address that they had before may take back. What is zero was not changed.
type Change struct {
	Customer customer.ID
	What     message.Name
	Factor   store.FactorID  // that was added
	Passkey  store.PasskeyID // that was added
	Removed  store.IdentifierKey
	First    store.IdentifierKey // came first before, of its kind
	// Second tells whether something was asked for behind the first factor before.
	Second bool
}

// Undo makes links by which a change is taken back: undo.Service does.
type Undo interface {
	// Links gives the link for each of the addresses that there were before; empty for one
	// that has no say. It is called before the transaction of the change.
	Links(ctx context.Context, live *environment.Live, c Change, before []customer.Identifier) (func(customer.Identifier) string, error)
}
