package environment_test

import (
	"strings"
	"testing"

	"sallyport/pure/access"
	"sallyport/service/environment"
)

func TestAPlanOfWhatIsLiveIsEmpty(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live := w.production(r)
	w.apply(r, live, w.release(1), 0)
	same := w.tree("# a comment\n" + strings.ReplaceAll(treeText, "N", "1"))
	plan, err := r.Plan(w.ctx, live.ID, same)
	w.must(err)
	if plan.Base != 1 || len(plan.Changes) != 0 || len(plan.Access) != 0 || plan.Digest != live.Snapshot().Digest {
		t.Errorf("plan is %+v", plan)
	}
}

func TestTheFirstPlanShowsEverything(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live := w.production(r)
	plan, err := r.Plan(w.ctx, live.ID, w.release(1))
	w.must(err)
	if plan.Base != 0 || len(plan.Changes) != 8 || len(plan.Access) != 2 || !plan.Access[0].Widens || !plan.Access[1].Widens {
		t.Errorf("plan is %+v", plan)
	}
	if live.Snapshot() != nil {
		t.Error("a plan changed something")
	}
}

func TestAPlanShowsWhatWidensFirstAndHowToGetIt(t *testing.T) {
	cell := func(changes []environment.AccessChange, scope string) environment.AccessChange {
		for _, c := range changes {
			if c.Application == "my-account" && c.Scope == scope {
				return c
			}
		}
		return environment.AccessChange{}
	}
	w := newWorld(t)
	r := w.started()
	live := w.production(r)
	w.apply(r, live, w.release(1), 0)

	swapped := strings.ReplaceAll(strings.Replace(treeText, "scopes: [billing.read.bill]", "scopes: [billing.write.payment]", 1), "N", "1")
	plan, err := r.Plan(w.ctx, live.ID, w.tree(swapped))
	w.must(err)
	gained, lost := cell(plan.Access, "billing.write.payment"), cell(plan.Access, "billing.read.bill")
	if !gained.Widens || gained.Before != access.Never || gained.After != access.Conditional {
		t.Errorf("gained: %+v", gained)
	}
	if gained.Witness == nil || gained.Witness.Rule != "residents" || len(gained.Witness.Groups) != 1 {
		t.Errorf("witness: %+v", gained.Witness)
	}
	if lost.Widens || lost.After != access.Never || lost.Witness != nil {
		t.Errorf("lost: %+v", lost)
	}
	narrowing := false
	for _, c := range plan.Access {
		if c.Widens && narrowing {
			t.Errorf("%s widens behind what narrows", c.Scope)
		}
		narrowing = !c.Widens
	}

	longer := strings.ReplaceAll(strings.Replace(treeText, "access: 10m", "access: 20m", 1), "N", "1")
	plan, err = r.Plan(w.ctx, live.ID, w.tree(longer))
	w.must(err)
	c := cell(plan.Access, "billing.read.bill")
	if !c.Widens || c.Before != c.After || c.LongestBefore != 600 || c.LongestAfter != 1200 || c.Witness == nil {
		t.Errorf("a longer life is %+v", c)
	}
}
