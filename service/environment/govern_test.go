package environment_test

import (
	"errors"
	"strings"
	"testing"

	"sallyport/pure/access"
	"sallyport/service/environment"
)

func TestAPlanRefusesWhatNobodyCanReview(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live := w.production(r)
	var groups, rules strings.Builder
	for i := range access.MaxGroups + 2 {
		name := "g" + string(rune('a'+i))
		groups.WriteString(", {name: " + name + "}")
		rules.WriteString(", {name: " + name + ", groups: {any: [" + name + "]}, scopes: [billing.read.bill]}")
	}
	text := strings.NewReplacer("{name: residents}", "{name: residents}"+groups.String(), "access: 10m}}]", "access: 10m}}"+rules.String()+"]", "N", "1").Replace(treeText)
	var invalid *environment.InvalidError
	if _, err := r.Plan(w.ctx, live.ID, w.tree(text)); !errors.As(err, &invalid) || !strings.Contains(err.Error(), "not reviewable") {
		t.Errorf("planning it says %v", err)
	}
}

func TestWhatAnEnvironmentHasRunComesBackWhateverIsAskedSince(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live := w.production(r)
	ungoverned := w.tree(strings.Replace(strings.ReplaceAll(treeText, "N", "1"), "groups:", "attributes: [{name: town}]\ngroups:", 1))
	var invalid *environment.InvalidError
	change := environment.Change{Tree: ungoverned, Author: "ada"}
	if _, _, err := r.Apply(w.ctx, live.ID, change); !errors.As(err, &invalid) || !strings.Contains(err.Error(), "lacks owner:") {
		t.Fatalf("applying what nobody answers for says %v", err)
	}
	number, err := r.Promote(w.ctx, live.ID, change, nil) // as an earlier release would have applied it
	w.must(err)
	after := environment.Change{Tree: w.tree(strings.ReplaceAll(treeText, "N", "2")), Base: number, Author: "ada"}
	number, _, err = r.Apply(w.ctx, live.ID, after)
	w.must(err)
	change.Base = number
	if _, applied, err := r.Apply(w.ctx, live.ID, change); err != nil || !applied {
		t.Errorf("going back: %v, %v", applied, err)
	}
}
