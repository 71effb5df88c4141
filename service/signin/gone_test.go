package signin_test

import (
	"errors"
	"testing"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/store"
)

// An address that was taken away while its code was on its way stays away.
func TestACodeDoesNotPutAnAddressBack(t *testing.T) {
	w := world(t, nil)
	w.AllJourneysAsking("  - {name: yours, ask: verify}\n")
	dana := w.Customer("dana", w.Hash("tractor"))
	address := customer.Identifier{Kind: customer.Email, Value: "dana@mail.test", Display: "dana@mail.test", Source: "customer"}
	key := store.IdentifierKey{Kind: address.Kind, Value: address.Value}
	put := func(do func(tx store.Tx) error) {
		t.Helper()
		if err := w.Store.Write(t.Context(), w.Live.ID, do); err != nil {
			t.Fatal(err)
		}
	}
	put(func(tx store.Tx) error { return tx.PutIdentifier(t.Context(), dana, address) })

	b := w.Browser()
	ticket := b.Ticket()
	shows(t, b.Open(ticket), journey.IdentifierPage, "")
	b.Name(ticket, "dana")
	shows(t, b.Password(ticket, "dana", "tractor"), journey.VerifyPage, "")
	put(func(tx store.Tx) error { return tx.DeleteIdentifier(t.Context(), dana, key) })
	if a := b.Answer(ticket, "yours", map[string]string{"code": w.Outbox.Last().Code}); a.Next == "" {
		t.Errorf("they are asked for a code to an address that they have not: %+v", a.Page)
	}
	if who, err := w.Store.PersonByIdentifier(t.Context(), w.Live.ID, address.Kind, address.Value); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the address is %v's again, %v", who.Customer.ID, err)
	}
}
