package crash

import "testing"

// lifeWider is a lifetime that a change lengthens, so that an undo recalls tokens.
const lifeWider = "lifetimes: {access: 16m}"

// proposed is where a change stands, by `change list`.
type proposed struct {
	Number   int64 `json:"change"`
	State    string
	Revision int64
	UndoneBy int64 `json:"undone_by"`
}

func (h home) changes(t testing.TB) []proposed {
	t.Helper()
	return ask[struct{ Changes []proposed }](t, h, "change", "list").Changes
}

// cutChange cuts the commands that apply a change and take it back.
func cutChange(t testing.TB, w world, cut string) (reached bool) {
	h := w.bare.copy(t)
	h.amend(t, "servers.yaml", lifeBefore, lifeWider)
	h.run(t, "change", "propose", h.tree(), "--yes", "-m", "longer lives")
	apply, undo := []string{"change", "apply", "1"}, []string{"change", "undo", "1", "--yes"}
	for _, args := range [][]string{apply, undo} {
		how := h.try(t, cut, args...)
		if reached = how.code < 0; reached {
			break
		}
		h.ends(t, how, args, 0)
	}
	if !reached {
		return false
	}
	h.wholeOrNot(t)
	first := h.changes(t)
	if first[len(first)-1].State == "open" {
		h.run(t, apply...)
	}
	if first[len(first)-1].UndoneBy == 0 {
		h.run(t, undo...)
	}
	h.wholeOrNot(t)
	if all := h.revisions(t); len(all) != 3 || newest(all).Digest != all[len(all)-1].Digest {
		t.Errorf("the revisions are %+v, want three of which the last means what the first meant", all)
	}
	if n := len(h.events(t, "type:change.undone")); n != 1 {
		t.Errorf("the ledger tells of %d undos", n)
	}
	h.soundLedger(t)
	return true
}

// wholeOrNot checks that whatever became a revision says so, and nothing else does.
func (h home) wholeOrNot(t testing.TB) {
	t.Helper()
	applied := 0
	for _, c := range h.changes(t) {
		if (c.State == "applied") != (c.Revision > 0) {
			t.Errorf("change %d is %s, and revision %d", c.Number, c.State, c.Revision)
		}
		if c.Revision > 0 {
			applied++
		}
	}
	if n := len(h.revisions(t)); n != applied+1 {
		t.Errorf("%d revisions, and %d changes that were applied", n, applied)
	}
	if n := len(h.events(t, "type:change.applied")) + len(h.events(t, "type:change.undone")); n != applied {
		t.Errorf("the ledger tells of %d changes, and %d were applied", n, applied)
	}
}
