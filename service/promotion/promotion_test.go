package promotion_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/config"
	"sallyport/pure/review"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/promotion"
	"sallyport/store"
)

func TestAChangeGoesFromProposalToRevision(t *testing.T) {
	w := newWorld(t)
	shown := w.propose(robin, widerPeople)
	c := shown.Change
	if c.Number != 1 || c.State != store.ChangeOpen || c.Base != 1 || shown.Needed != 1 || shown.Ready() {
		t.Fatalf("proposed: %+v", c)
	}
	if len(shown.Review.Lines) == 0 || shown.Review.Lines[0].Section != review.Widening || len(shown.Edits) != 1 {
		t.Fatalf("review is %+v", shown.Review)
	}
	if w.must(w.approve(1, sam)); w.change(1).State != store.ChangeApproved {
		t.Errorf("approved: %+v", w.change(1))
	}
	if shown, _ = w.service.Show(t.Context(), w.live, 1); !shown.Ready() || shown.Approvals[0].Name != "sam" || !shown.Approvals[0].Counts {
		t.Errorf("shown: %+v", shown.Approvals)
	}
	applied, err := w.apply(1)
	w.must(err)
	want := c
	want.State, want.Revision, want.Ended, want.EndedBy = store.ChangeApplied, 2, w.change(1).Ended, "robin"
	got := w.change(1)
	want.Target, want.Approvals, want.Version = got.Target, 1, got.Version
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if applied.Revision != 2 || w.live.Snapshot().Revision != 2 || w.live.Snapshot().Digest != c.Digest {
		t.Errorf("revision %d is live, applied %d", w.live.Snapshot().Revision, applied.Revision)
	}
	if of, err := w.store.ChangeOf(t.Context(), w.live.ID, 2); err != nil || of.Number != 1 {
		t.Errorf("revision 2 is of change %d, %v", of.Number, err)
	}
	var stop *promotion.StateError
	if _, err := w.apply(1); !errors.As(err, &stop) || stop.State != store.ChangeApplied {
		t.Errorf("again: %v", err)
	}
	for _, kind := range []audit.Type{audit.ChangeProposed, audit.ChangeApproved, audit.ChangeApplied} {
		events := w.events(kind)
		if len(events) != 1 || !strings.Contains(string(events[0].Body), `"before"`) || !strings.Contains(string(events[0].Body), `"widens"`) {
			t.Errorf("%s: %d events", kind, len(events))
		}
	}
	if body := string(w.events(audit.ChangeApplied)[0].Body); !strings.Contains(body, `"approved_by":["sam"]`) || !strings.Contains(body, `"revision":2`) {
		t.Errorf("the ledger says %s", body)
	}
}

func TestAPreviewStoresNothingAndShowsWhatIsWrong(t *testing.T) {
	w := newWorld(t)
	shown, err := w.service.Preview(t.Context(), w.live, promotion.Proposal{Tree: w.tree(longerLife), Base: 0, Title: "x"}, robin)
	w.must(err)
	if !shown.Drifted || shown.Change.Number != 0 || shown.Head != 1 {
		t.Errorf("shown: %+v", shown)
	}
	bad := w.tree([2]string{"redirects: [https://my.harbourlight.example/cb]", "redirects: []"})
	shown, err = w.service.Preview(t.Context(), w.live, promotion.Proposal{Tree: bad, Base: 1, Title: "x"}, robin)
	w.must(err)
	if shown.Review.Gates[0].Name != promotion.GateValid || shown.Review.Gates[0].Passed {
		t.Errorf("gates: %+v", shown.Review.Gates)
	}
	_, err = w.service.Preview(t.Context(), w.live, promotion.Proposal{Tree: w.tree(longerLife), Base: 7, Title: "x"}, robin)
	w.is(err, environment.ErrDrift)
	if list, err := w.service.List(t.Context(), w.live, promotion.Page{Limit: 9}); err != nil || len(list) > 0 {
		t.Errorf("%d changes, %v", len(list), err)
	}
}

func TestAProposalIsRefused(t *testing.T) {
	w := newWorld(t)
	good := promotion.Proposal{Tree: w.tree(longerLife), Base: 1, Title: "x"}
	for _, test := range []struct {
		name   string
		change func(*promotion.Proposal)
		want   error
	}{
		{"without a title", func(p *promotion.Proposal) { p.Title = "" }, promotion.ErrTooLong},
		{"with too much to say", func(p *promotion.Proposal) { p.Reason = strings.Repeat("x", promotion.MaxText+1) }, promotion.ErrTooLong},
		{"that changes nothing", func(p *promotion.Proposal) { p.Tree = w.tree() }, promotion.ErrNothing},
		{"on another base", func(p *promotion.Proposal) { p.Base = 0 }, environment.ErrDrift},
	} {
		p := good
		test.change(&p)
		if _, err := w.service.Propose(t.Context(), w.live, p, robin); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	bad := good
	bad.Tree = w.tree([2]string{"redirects: [https://my.harbourlight.example/cb]", "redirects: []"})
	var invalid *environment.InvalidError
	if _, err := w.service.Propose(t.Context(), w.live, bad, robin); !errors.As(err, &invalid) {
		t.Errorf("not valid: %v", err)
	}
}

func TestWhoCannotApprove(t *testing.T) {
	w := newWorld(t)
	shown := w.propose(robin, widerPeople)
	number := shown.Change.Number
	approve := func(seen [32]byte, by promotion.By) error {
		_, err := w.service.Approve(t.Context(), w.live, number, seen, by)
		return err
	}
	w.is(approve(shown.Binding, robin), promotion.ErrAuthor)
	w.is(approve(shown.Binding, desk), promotion.ErrNoApprover)
	w.is(approve(shown.Binding, promotion.By{Name: "root@host"}), promotion.ErrNoApprover)
	w.is(approve([32]byte{1}, sam), promotion.ErrSeen)
	w.must(approve(shown.Binding, sam))
	w.is(approve(shown.Binding, sam), promotion.ErrApproved)
	refused := w.events(audit.ChangeRefused)
	var results []string
	for _, e := range refused {
		results = append(results, e.Result)
	}
	if want := []string{"approved-already", "not-as-seen", "no-approver", "no-approver", "author"}; !slices.Equal(results, want) {
		t.Errorf("results are %v", results)
	}
	if c := w.change(number); c.Approvals != 1 {
		t.Errorf("%d approvals", c.Approvals)
	}
}

// Who wrote a change at a terminal of the host has a name alone.
func TestTheAuthorIsKnownByNameWhereThereIsNothingElse(t *testing.T) {
	w := newWorld(t)
	shown := w.propose(promotion.By{Name: "sam"}, widerPeople)
	_, err := w.service.Approve(t.Context(), w.live, shown.Change.Number, shown.Binding, sam)
	w.is(err, promotion.ErrAuthor)
	w.must(w.approve(shown.Change.Number, kim))
}

func TestApprovalsAreJudgedAgainWhenTheChangeIsApplied(t *testing.T) {
	w := newWorld(t)
	number := w.propose(robin, widerPeople).Change.Number
	w.must(w.approve(number, sam))
	w.operators.set(sam, false)
	if _, err := w.apply(number); !slices.Equal(failed(err), []string{promotion.GateApprovals}) {
		t.Fatalf("applied with an approval that counts no more: %v", err)
	}
	shown, err := w.service.Show(t.Context(), w.live, number)
	w.must(err)
	if a := shown.Approvals[0]; a.Counts || !strings.Contains(a.Why, "any more") {
		t.Errorf("the approval is %+v", a)
	}
	w.must(w.approve(number, kim))
	_, err = w.apply(number)
	w.must(err)
	if events := w.events(audit.ChangeRefused); len(events) != 1 || events[0].Result != "approvals" {
		t.Errorf("%d events", len(events))
	}
}

func TestAnEnvironmentSaysHowManyApprove(t *testing.T) {
	w := newWorld(t)
	w.force(w.live, w.tree(twoNeeded))
	// A change does not lower the bar for itself.
	number := w.propose(robin).Change.Number
	w.must(w.approve(number, sam))
	if _, err := w.apply(number); !slices.Equal(failed(err), []string{promotion.GateApprovals}) || w.change(number).State != store.ChangeOpen {
		t.Fatalf("one approval of two: %v", err)
	}
	w.must(w.approve(number, kim))
	_, err := w.apply(number)
	w.must(err)
}

func TestWhoNeedsApproval(t *testing.T) {
	unprotected := [2]string{", protected: true", ""}
	asks := [2]string{"protected: true", "approvals: 1"}
	for _, test := range []struct {
		name   string
		base   [][2]string
		change [2]string
		want   int
	}{
		{"whatever changes in a protected environment", nil, neutral, 1},
		{"a widening in a protected environment", nil, widerPeople, 1},
		{"nothing in an unprotected one", [][2]string{unprotected}, widerPeople, 0},
		{"a widening in one that asks for it", [][2]string{asks}, widerPeople, 1},
		{"nothing else in one that asks for it", [][2]string{asks}, narrower, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			if test.base != nil {
				w.force(w.live, w.tree(test.base...))
			}
			shown := w.propose(robin, append(test.base, test.change)...)
			if shown.Needed != test.want || shown.Ready() != (test.want == 0) {
				t.Errorf("%d approvals, ready %t: %+v", shown.Needed, shown.Ready(), shown.Review)
			}
		})
	}
}

func TestAGateStopsAChange(t *testing.T) {
	w := newWorld(t, refuses)
	number := w.propose(robin, widerPeople).Change.Number
	w.must(w.approve(number, sam))
	if _, err := w.apply(number); !slices.Equal(failed(err), []string{"expectations"}) {
		t.Errorf("error is %v", err)
	}
	if w.head(w.live) != 1 {
		t.Error("it was applied nevertheless")
	}
}

func TestWhatIsNotAsItWasReviewedIsNotApplied(t *testing.T) {
	w := newWorld(t)
	c := w.change(w.propose(robin, widerPeople).Change.Number)
	c.Delta[0] ^= 1 // as if another release had compared otherwise
	w.must(w.store.Write(t.Context(), w.live.ID, func(tx store.Tx) (err error) {
		c.Number, err = tx.OpenChange(t.Context(), c)
		return err
	}))
	w.is(w.approve(c.Number, sam), promotion.ErrSeen)
	if _, err := w.apply(c.Number); !slices.Contains(failed(err), promotion.GateSame) {
		t.Errorf("error is %v", err)
	}
}

func TestAChangeEnds(t *testing.T) {
	w := newWorld(t)
	one, two := w.propose(robin, widerPeople).Change.Number, w.propose(robin, neutral).Change.Number
	w.is(w.service.Withdraw(t.Context(), w.live, one, "no", sam), promotion.ErrNotAuthor)
	w.must(w.service.Withdraw(t.Context(), w.live, one, "not now", robin))
	w.must(w.approve(two, sam))
	w.must(w.service.Reject(t.Context(), w.live, two, "never", kim))
	if c := w.change(one); c.State != store.ChangeWithdrawn || c.Note != "not now" || c.EndedBy != "robin" {
		t.Errorf("withdrawn: %+v", c)
	}
	for _, number := range []int64{one, two} {
		var stop *promotion.StateError
		_, err := w.apply(number)
		for _, err := range []error{err, w.approve(number, sam), w.service.Reject(t.Context(), w.live, number, "", sam), w.service.Withdraw(t.Context(), w.live, number, "", robin)} {
			if !errors.As(err, &stop) {
				t.Errorf("change %d: %v", number, err)
			}
		}
	}
	list, err := w.service.List(t.Context(), w.live, promotion.Page{States: []store.ChangeState{store.ChangeRejected}, Limit: 9})
	w.must(err)
	if len(list) != 1 || list[0].Number != two {
		t.Errorf("rejected are %v", list)
	}
}

func TestDriftStopsAChangeAndARebaseCarriesItOver(t *testing.T) {
	for _, test := range []struct {
		name     string
		meantime [2]string
		kept     bool
	}{
		{"approvals keep if it means the same there", neutral, true},
		// The change now lets solar households pay who could not even read before.
		{"and not if it means something else", [2]string{"{name: pay, groups: {any: [landlords]}, scopes: [billing.read.bill, billing.write.payment]}", "{name: pay, groups: {any: [landlords]}, scopes: [billing.write.payment]}"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			number := w.propose(robin, widerPeople).Change.Number
			w.must(w.approve(number, sam))
			w.force(w.live, w.tree(test.meantime))
			w.pass(time.Hour)
			_, err := w.apply(number)
			w.is(err, environment.ErrDrift)
			w.is(w.approve(number, kim), environment.ErrDrift)
			shown, err := w.service.Rebase(t.Context(), w.live, number, kim)
			w.must(err)
			c := shown.Change
			if c.Base != 2 || c.Follows != number || c.Author != robin.ID || w.change(number).FollowUp != c.Number || w.change(number).State != store.ChangeSuperseded {
				t.Errorf("rebased: %+v", c)
			}
			if shown.Ready() != test.kept || (c.State == store.ChangeApproved) != test.kept {
				t.Fatalf("ready %t, state %s: %+v", shown.Ready(), c.State, shown.Approvals)
			}
			if want := w.tree(test.meantime); !test.kept {
				w.must(w.approve(c.Number, kim))
			} else if shown.Approvals[0].Carried != number || shown.Approvals[0].Name != "sam" {
				t.Errorf("carried: %+v of %v", shown.Approvals[0], want)
			}
			applied, err := w.apply(c.Number)
			w.must(err)
			if applied.Revision != 3 {
				t.Errorf("revision %d", applied.Revision)
			}
		})
	}
}

func TestARebaseRefusesWhatBothSidesChanged(t *testing.T) {
	w := newWorld(t)
	number := w.propose(robin, widerPeople).Change.Number
	w.force(w.live, w.tree([2]string{widerPeople[0], "{name: pay, groups: {any: [landlords, residents]}"}, [2]string{"{name: see, groups: {any: [residents]}", "{name: see, groups: {any: [landlords]}"}))
	_, err := w.service.Rebase(t.Context(), w.live, number, robin)
	w.must(err) // groups are a set: both are added
	w = newWorld(t)
	number = w.propose(robin, longerLife).Change.Number
	w.force(w.live, w.tree([2]string{longerLife[0], "lifetimes: {access: 2m}"}))
	var conflict *promotion.ConflictError
	if _, err := w.service.Rebase(t.Context(), w.live, number, robin); !errors.As(err, &conflict) {
		t.Fatalf("error is %v", err)
	}
	want := []config.Conflict{{Object: config.Ref{Kind: config.KindServer, Name: "apps"}, Path: "policies[others].rules[pay].lifetimes.access"}}
	if diff := cmp.Diff(want, conflict.Conflicts); diff != "" {
		t.Error(diff)
	}
}

func TestOfTwoWhoApplyAtOnceOneWins(t *testing.T) {
	w := newWorld(t)
	one, two := w.propose(robin, widerPeople).Change.Number, w.propose(robin, neutral).Change.Number
	w.must(w.approve(one, sam))
	w.must(w.approve(two, sam))
	numbers := []int64{one, two, one, two, one, two}
	errs := make(chan error, len(numbers))
	for i, number := range numbers {
		go func() {
			_, err := w.service.Apply(t.Context(), w.live, number, []promotion.By{robin, kim}[i%2])
			errs <- err
		}()
	}
	won := 0
	for range numbers {
		err := <-errs
		var stop *promotion.StateError
		switch {
		case err == nil:
			won++
		case !errors.Is(err, environment.ErrDrift) && !errors.As(err, &stop):
			t.Errorf("error is %v", err)
		}
	}
	if won != 1 || w.head(w.live) != 2 {
		t.Errorf("%d won, revision %d", won, w.head(w.live))
	}
	if a, b := w.change(one).State, w.change(two).State; (a == store.ChangeApplied) == (b == store.ChangeApplied) {
		t.Errorf("they are %s and %s", a, b)
	}
}

func TestAProtectedEnvironmentTakesNothingElse(t *testing.T) {
	w := newWorld(t)
	applied := w.applied(widerPeople)
	_, _, err := w.registry.Apply(t.Context(), w.live.ID, environment.Change{Tree: w.tree(neutral), Base: applied.Revision, Author: "robin"})
	w.is(err, environment.ErrProtected)
}
