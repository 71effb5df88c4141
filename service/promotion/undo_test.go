package promotion_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/review"
	"sallyport/service/audit"
	"sallyport/service/promotion"
	"sallyport/store"
)

// heard collects the recalls that another node hears.
func (w *world) heard(since int64) (all []store.Recall) {
	w.Helper()
	entries, err := w.store.FeedAfter(w.Context(), since, 1000)
	w.must(err)
	for _, e := range entries {
		if e.Kind == store.CellsRecalled {
			r, err := store.RecallOf(e)
			w.must(err)
			if e.Until.Before(e.At.Add(24 * time.Hour)) {
				w.Errorf("it is forgotten at %v, while tokens live", e.Until)
			}
			all = append(all, r)
		}
	}
	return all
}

func TestAnUndoGoesBackAndRecalls(t *testing.T) {
	w := newWorld(t)
	applied := w.applied(widerPeople)
	w.pass(time.Hour)
	undone, err := w.service.Undo(t.Context(), w.live, applied.Change.Number, "complaints", kim)
	w.must(err)
	if undone.Waits() || undone.Revision != 3 || w.live.Snapshot().Digest != w.tree().Digest() {
		t.Fatalf("undone: %+v", undone)
	}
	first := w.change(applied.Change.Number)
	if undo := w.change(undone.Change.Number); undo.Undoes != first.Number || first.UndoneBy != undo.Number || undo.State != store.ChangeApplied || undo.AuthorName != "kim" {
		t.Errorf("%+v was undone by %+v", first, undo)
	}
	want := []store.Recall{{
		Change: undone.Change.Number, Server: "apps", Application: "my-account", From: 2, To: 2,
		Scopes: []string{"billing.read.bill", "billing.write.payment", store.SignInAlone},
	}}
	ignored := cmpopts.IgnoreFields(store.Recall{}, "Since", "At", "Until")
	stored, err := w.store.Recalls(t.Context(), w.live.ID, undone.Change.Number)
	w.must(err)
	if diff := cmp.Diff(want, stored, ignored); diff != "" {
		t.Error(diff)
	}
	if life := stored[0].Until.Sub(stored[0].At); life < 5*365*24*time.Hour || stored[0].At.Sub(stored[0].Since) != time.Hour {
		t.Errorf("it is kept for %v", life)
	}
	want[0].Change = 0
	if diff := cmp.Diff(want, w.heard(0), ignored); diff != "" {
		t.Error(diff)
	}
	shown, err := w.service.Show(t.Context(), w.live, undone.Change.Number)
	w.must(err)
	if len(shown.Recalls) != 1 {
		t.Errorf("shown are %d recalls", len(shown.Recalls))
	}
	events := w.events(audit.ChangeUndone)
	if len(events) != 1 || !strings.Contains(string(events[0].Body), `"recalled":1`) {
		t.Errorf("%d events", len(events))
	}
	_, err = w.service.Undo(t.Context(), w.live, applied.Change.Number, "", kim)
	w.is(err, promotion.ErrUndone)
}

// What a token says, or how long it lives, tells nothing of its scopes: all are recalled.
func TestAnUndoOfAnotherWideningRecallsWhateverWasIssued(t *testing.T) {
	for name, change := range map[string][2]string{"a longer life": longerLife, "a new redirect": newRedirect} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			applied := w.applied(change)
			undone, err := w.service.Undo(t.Context(), w.live, applied.Change.Number, "", kim)
			w.must(err)
			want := []store.Recall{{Change: undone.Change.Number, Server: "apps", Application: "payright", From: 2, To: 2}}
			if diff := cmp.Diff(want, undone.Recalls, cmpopts.IgnoreFields(store.Recall{}, "Since", "At", "Until")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnUndoRecallsWhatAScopeThatNobodyIsAskedForWasIssuedWith(t *testing.T) {
	w := newWorld(t)
	asks := [2]string{"{name: billing.write.payment, kind: customer-write}", "{name: billing.write.payment, kind: customer-write, consent: required}"}
	w.force(w.live, w.tree(asks))
	number := w.applied().Change.Number
	undone, err := w.service.Undo(t.Context(), w.live, number, "", kim)
	w.must(err)
	var cells []string
	for _, r := range undone.Recalls {
		cells = append(cells, r.Server+"/"+r.Application+" "+strings.Join(r.Scopes, " "))
	}
	if diff := cmp.Diff([]string{"apps/my-account billing.write.payment", "apps/payright billing.write.payment"}, cells); diff != "" {
		t.Error(diff)
	}
}

func TestAnUndoLeavesLaterRevisionsThatDoNotTouchIt(t *testing.T) {
	w := newWorld(t)
	number := w.applied(widerPeople).Change.Number
	w.force(w.live, w.tree(widerPeople, longerLife))
	w.force(w.live, w.tree(widerPeople, longerLife, neutral))
	undone, err := w.service.Undo(t.Context(), w.live, number, "", kim)
	w.must(err)
	if w.live.Snapshot().Digest != w.tree(longerLife, neutral).Digest() {
		t.Errorf("the result is %v", config.Diff(w.tree(longerLife, neutral), w.tree()))
	}
	// Every revision that allowed it is covered, and no application that it did not concern.
	if len(undone.Recalls) != 1 || undone.Recalls[0].From != 2 || undone.Recalls[0].To != 4 || undone.Recalls[0].Application != "my-account" {
		t.Errorf("recalled: %+v", undone.Recalls)
	}
}

func TestAnUndoRecallsWhatLaterRevisionsSpread(t *testing.T) {
	w := newWorld(t)
	everybody := [2]string{"applications: [payright]", "applications: [\"*\"]"}
	number := w.applied(everybody).Change.Number
	third := [2]string{"kind: application\nname: payright", "kind: application\nname: later\ntype: web\nredirects: [https://later.harbourlight.example/cb]\n" +
		"assigned: {apps: [billing.write.payment]}\n---\nkind: application\nname: payright"}
	w.force(w.live, w.tree(everybody, third))
	undone, err := w.service.Undo(t.Context(), w.live, number, "", kim)
	w.must(err)
	if !slices.ContainsFunc(undone.Recalls, func(r store.Recall) bool {
		return r.Application == "later" && slices.Contains(r.Scopes, "billing.write.payment")
	}) {
		t.Errorf("recalled: %+v", undone.Recalls)
	}
}

func TestAnUndoRefusesWhatWasChangedSince(t *testing.T) {
	w := newWorld(t)
	number := w.applied(longerLife).Change.Number
	w.force(w.live, w.tree([2]string{longerLife[0], "lifetimes: {access: 2m}"}))
	var conflict *promotion.ConflictError
	if _, err := w.service.Undo(t.Context(), w.live, number, "", kim); !errors.As(err, &conflict) || !strings.Contains(err.Error(), "lifetimes.access") {
		t.Errorf("error is %v", err)
	}
}

// Taking back what narrowed gives more again: that needs a second person.
func TestAnUndoThatWidensWaitsForApproval(t *testing.T) {
	w := newWorld(t)
	number := w.applied(narrower).Change.Number
	undone, err := w.service.Undo(t.Context(), w.live, number, "", kim)
	w.must(err)
	if !undone.Waits() || undone.Change.State != store.ChangeOpen || undone.Shown.Needed != 1 || w.head(w.live) != 2 {
		t.Fatalf("undone: %+v", undone)
	}
	if _, err := w.apply(undone.Change.Number); !slices.Equal(failed(err), []string{promotion.GateApprovals}) {
		t.Errorf("error is %v", err)
	}
	w.is(w.approve(undone.Change.Number, kim), promotion.ErrAuthor)
	w.must(w.approve(undone.Change.Number, sam))
	applied, err := w.apply(undone.Change.Number)
	w.must(err)
	if applied.Revision != 3 || w.change(number).UndoneBy != applied.Change.Number || len(applied.Recalls) != 0 {
		t.Errorf("applied: %+v", applied)
	}
}

func TestWhatCannotBeUndone(t *testing.T) {
	w := newWorld(t)
	number := w.propose(robin, widerPeople).Change.Number
	var stop *promotion.StateError
	if _, err := w.service.Undo(t.Context(), w.live, number, "", kim); !errors.As(err, &stop) {
		t.Errorf("not applied: %v", err)
	}
	_, err := w.service.Undo(t.Context(), w.live, 99, "", kim)
	w.is(err, store.ErrNotFound)
}

// Somebody went back in a hurry, and what was issued meanwhile still works.
func TestAnUndoRecallsAlthoughSomebodyWentBackAlready(t *testing.T) {
	w := newWorld(t)
	number := w.applied(widerPeople).Change.Number
	w.force(w.live, w.tree())
	undone, err := w.service.Undo(t.Context(), w.live, number, "", kim)
	w.must(err)
	if undone.Revision != 4 || w.live.Snapshot().Digest != w.tree().Digest() || len(undone.Recalls) != 1 || undone.Recalls[0].To != 3 {
		t.Errorf("undone: %+v", undone)
	}
}

// Whatever people write fits: a title that grows by the undo is cut between letters,
// and what the ledger keeps of many widenings is bounded.
func TestLongTextsDoNotHoldUpAnUndo(t *testing.T) {
	w := newWorld(t)
	shown, err := w.service.Propose(t.Context(), w.live, promotion.Proposal{
		Tree: w.tree(widerPeople), Base: 1, Title: strings.Repeat("ü", promotion.MaxTitle/2), Reason: strings.Repeat("<", promotion.MaxText),
	}, robin)
	w.must(err)
	w.must(w.approve(shown.Change.Number, sam))
	_, err = w.apply(shown.Change.Number)
	w.must(err)
	undone, err := w.service.Undo(t.Context(), w.live, shown.Change.Number, strings.Repeat("<", promotion.MaxText), kim)
	w.must(err)
	if title := undone.Change.Title; !strings.HasPrefix(title, "undo change 1: ü") || !strings.HasSuffix(title, "ü") {
		t.Errorf("its title is %q", title)
	}
}

// A gate that fails does not hold up going back.
func TestAnUndoIsNotHeldUpByExpectations(t *testing.T) {
	w := newWorld(t)
	number := w.applied(widerPeople).Change.Number
	strict := w.config
	strict.Gates = []promotion.Gate{refuses}
	undone, err := promotion.New(strict).Undo(t.Context(), w.live, number, "", kim)
	w.must(err)
	if undone.Revision != 3 {
		t.Errorf("undone: %+v", undone)
	}
}

func TestPopulationsAreCounted(t *testing.T) {
	w := newWorld(t)
	groups := [][]string{{"solar"}, {"solar", "residents"}, {"landlords"}, {}, {"solar"}}
	var people []store.NewCustomer
	for i, g := range groups {
		state := customer.Active
		if i == 4 {
			state = customer.Disabled
		}
		people = append(people, store.NewCustomer{Customer: customer.Customer{ID: customer.ID{byte(i + 1)}, State: state, Groups: g}})
	}
	create := func(people ...store.NewCustomer) {
		w.must(w.store.Write(t.Context(), w.live.ID, func(tx store.Tx) error { return tx.CreateCustomers(t.Context(), people) }))
	}
	create(people...)
	count := func() (payments int64) {
		shown, err := w.service.Preview(t.Context(), w.live, promotion.Proposal{Tree: w.tree(widerPeople), Base: 1, Title: "x"}, robin)
		w.must(err)
		for _, l := range shown.Review.Lines {
			for _, p := range l.Who {
				if l.Section == review.Widening && slices.Contains(l.Scopes, "billing.write.payment") && p.Customers != nil {
					payments += *p.Customers
				}
			}
		}
		if shown.Counts.At.IsZero() || shown.Counts.Partial {
			t.Errorf("counts: %+v", shown.Counts)
		}
		return payments
	}
	if n := count(); n != 2 {
		t.Errorf("%d customers gain", n)
	}
	create(store.NewCustomer{Customer: customer.Customer{ID: customer.ID{9}, State: customer.Active, Groups: []string{"solar"}}})
	if n := count(); n != 2 {
		t.Errorf("%d are counted within a minute", n)
	}
	w.pass(2 * time.Minute)
	if n := count(); n != 3 {
		t.Errorf("%d customers gain later", n)
	}
}

// A node that hears of a recall is another one than that which wrote it.
func TestTheRevisionReachesTheOtherNode(t *testing.T) {
	w := newWorld(t)
	other := w.node()
	number := w.applied(widerPeople).Change.Number
	_, err := w.service.Undo(t.Context(), w.live, number, "", kim)
	w.must(err)
	var told []store.Recall
	other.Subscribe(func(_ context.Context, e store.FeedEntry) {
		if e.Kind == store.CellsRecalled {
			r, err := store.RecallOf(e)
			w.must(err)
			told = append(told, r)
		}
	})
	w.must(other.Start(t.Context()))
	live, _ := other.ByID(w.live.ID)
	if live.Snapshot().Revision != 3 || len(told) != 1 {
		t.Errorf("revision %d, %d recalls", live.Snapshot().Revision, len(told))
	}
}
