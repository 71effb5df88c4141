package environment_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"sallyport/pure/access"
	"sallyport/pure/review"
)

func TestAPlanOfWhatIsLiveIsEmpty(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live := w.production(r)
	w.apply(r, live, w.release(1), 0)
	same := w.tree("# a comment\n" + strings.ReplaceAll(treeText, "N", "1"))
	plan, err := r.Plan(w.ctx, live.ID, same)
	w.must(err)
	if plan.Base != 1 || len(plan.Changes) != 0 || len(plan.Review.Lines) != 0 || plan.Digest != live.Snapshot().Digest {
		t.Errorf("plan is %+v", plan)
	}
}

func TestTheFirstPlanShowsEverything(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live := w.production(r)
	plan, err := r.Plan(w.ctx, live.ID, w.release(1))
	w.must(err)
	if plan.Base != 0 || len(plan.Changes) != 8 || plan.Review.Count(review.Widening) == 0 || plan.Review.Count(review.Narrowing) != 0 || !plan.Review.Passed() {
		t.Errorf("plan is %+v", plan)
	}
	if live.Snapshot() != nil {
		t.Error("a plan changed something")
	}
}

func TestAPlanShowsWhatWidensFirstAndHowToGetIt(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live := w.production(r)
	w.apply(r, live, w.release(1), 0)

	line := func(tree string, kind access.ChangeKind, scope access.Scope) review.Line {
		t.Helper()
		plan, err := r.Plan(w.ctx, live.ID, w.tree(strings.ReplaceAll(tree, "N", "1")))
		w.must(err)
		if !slices.IsSortedFunc(plan.Review.Lines, func(a, b review.Line) int { return cmp.Compare(a.Section, b.Section) }) {
			t.Error("something stands above what widens")
		}
		for _, l := range plan.Review.Lines {
			if l.Kind == review.Kind(kind.String()) && l.Application == "my-account" && slices.Contains(l.Scopes, scope) {
				return l
			}
		}
		t.Fatalf("no %s of %s among %+v", kind, scope, plan.Review.Lines)
		return review.Line{}
	}
	swapped := strings.Replace(treeText, "scopes: [billing.read.bill]", "scopes: [billing.write.payment]", 1)
	gained := line(swapped, access.NewAccess, "billing.write.payment")
	if !gained.Widens || gained.Witness == nil || gained.Witness.Subject == nil || len(gained.Witness.Subject.Groups) != 1 || len(gained.Who) == 0 || len(gained.Causes) != 1 {
		t.Errorf("gained: %+v", gained)
	}
	if lost := line(swapped, access.LostAccess, "billing.read.bill"); lost.Widens || lost.Section != review.Narrowing {
		t.Errorf("lost: %+v", lost)
	}
	longer := line(strings.Replace(treeText, "access: 10m", "access: 20m", 1), access.LongerAccess, "billing.read.bill")
	if !longer.Widens || longer.Before != "10m" || longer.After != "20m" || longer.Witness == nil {
		t.Errorf("a longer life is %+v", longer)
	}
}
