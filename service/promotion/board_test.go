package promotion_test

import (
	"errors"
	"testing"

	"sallyport/pure/board"
	"sallyport/pure/customer"
	"sallyport/service/promotion"
	"sallyport/store"
)

// consenting creates customers with groups, each of whom allowed payright a scope.
func (w *world) consenting(scope string, groups ...string) {
	w.Helper()
	w.must(w.store.Write(w.Context(), w.live.ID, func(tx store.Tx) error {
		for i := range 3 {
			c := customer.Customer{ID: customer.ID{9, byte(i)}, State: customer.Active, Name: "Some Body", Groups: groups, Created: w.clock(), Updated: w.clock()}
			consent := store.Consent{Customer: c.ID, Application: "payright", Server: "apps", Scopes: []string{scope}, Given: w.clock(), Updated: w.clock(), Revision: 1}
			if err := errors.Join(tx.CreateCustomers(w.Context(), []store.NewCustomer{{Customer: c}}), tx.PutConsent(w.Context(), consent)); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestAChangeOfScopesShowsWhatABoardMustSee(t *testing.T) {
	w := newWorld(t)
	w.consenting("billing.read.bill", "residents")
	shown := w.propose(robin,
		[2]string{"  - {name: billing.read.bill, kind: customer-read}\n", "  - {name: billing.read.bill, kind: customer-read, maturity: deprecated}\n  - {name: billing.read.usage, kind: customer-read}\n"},
		[2]string{"residents]}, scopes: [billing.read.bill]}", "residents]}, scopes: [billing.read.bill, billing.read.usage]}"},
		[2]string{"apps: [billing.read.bill, billing.write.payment]", "apps: [billing.read.bill, billing.read.usage, billing.write.payment]"})
	if shown.Board == nil {
		t.Fatal("there is no board")
	}
	fresh := shown.Board.Scope("apps", "billing.read.usage")
	if fresh == nil || fresh.Affected != nil || len(fresh.Gains) != 1 || *fresh.Gains[0].Who[0].Customers != 3 {
		t.Errorf("%+v", fresh)
	}
	old := shown.Board.Scope("apps", "billing.read.bill")
	if old == nil || old.Affected == nil || *old.Affected.Consents != (board.Consents{Count: 3}) {
		t.Errorf("%+v", old)
	}
	if again, err := w.service.Show(t.Context(), w.live, shown.Change.Number); err != nil || again.Board == nil {
		t.Error(again, err)
	}
}

func TestWithoutAScopeThereIsNoBoard(t *testing.T) {
	w := newWorld(t)
	if shown := w.propose(robin, longerLife); shown.Board != nil {
		t.Errorf("%+v", shown.Board)
	}
	preview, err := w.service.Preview(t.Context(), w.live, promotion.Proposal{Tree: w.tree([2]string{"assigned: {apps: [billing.write.payment]}", "assigned: {nowhere: []}"}), Base: w.head(w.live), Title: "wrong"}, robin)
	if err != nil || preview.Board != nil {
		t.Error(preview, err)
	}
}
