package leave_test

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/store"
)

func called(name string) resident {
	var id customer.ID
	_, _ = rand.Read(id[:]) // never fails
	return resident{NewCustomer: store.NewCustomer{
		Customer:    customer.Customer{ID: id, State: customer.Active, Created: time.UnixMicro(1), Updated: time.UnixMicro(1)},
		Identifiers: []customer.Identifier{{Kind: customer.Username, Value: name}},
	}}
}

// Their own export, made before, brings nobody back: not by the id alone either, whatever
// they were called then.
func TestAnExportFromBeforeBringsNobodyBackWhoWasErased(t *testing.T) {
	p := newPlace(t, "old", onSQLite(t))
	dana, rua := called("dana"), called("rua")
	if err := p.take(t.Context(), []resident{dana, rua}); err != nil {
		t.Fatal(err)
	}
	_, lines := p.export(t, identity(t))
	gone := func(id customer.ID) {
		t.Helper()
		if _, err := p.intake.Erase(t.Context(), env, id); err != nil {
			t.Fatal(err)
		}
		if err := p.Write(t.Context(), env, func(tx store.Tx) error {
			_, err := tx.EraseCustomer(t.Context(), id, 1, time.Now())
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Write(t.Context(), env, func(tx store.Tx) error {
		return errors.Join(
			tx.DeleteIdentifier(t.Context(), dana.Customer.ID, store.IdentifierKey{Kind: customer.Username, Value: "dana"}),
			tx.PutIdentifier(t.Context(), dana.Customer.ID, customer.Identifier{Kind: customer.Username, Value: "another"}),
		)
	}); err != nil {
		t.Fatal(err)
	}
	gone(dana.Customer.ID)
	gone(rua.Customer.ID)
	report, err := p.arrive(believing(t, p), lines)
	if err != nil || report.Ledger[store.RecordHeld] != 2 || report.Summary.Verdicts[migrate.Hold] != 2 {
		t.Fatalf("%+v, %v", report, err)
	}
	line, err := p.intake.LookUp(t.Context(), env, "arrival", dana.Customer.ID.String())
	if err != nil || line.Reason != string(intake.ErasedPerson) {
		t.Errorf("%+v, %v", line, err)
	}
}
