package crash

import "testing"

// cutUndo cuts the undo of a run. Whoever was removed is gone whole, whoever was not is
// here whole, and the same command goes on from there.
func cutUndo(t testing.TB, w world, cut string) (reached bool) {
	h := w.peopled.copy(t)
	args := []string{"migrate", "undo", migration, "newest"}
	how := h.try(t, cut, args...)
	if how.code >= 0 {
		h.ends(t, how, args, 0)
		return false
	}
	h.soundLedger(t)
	people := int64(len(h.directory(t)))
	s := ask[standing](t, h, "migrate", "status", migration)
	if s.Records["imported"] != people || s.Records["pending"] != customers-people {
		t.Errorf("cut, it left %d customers and records %v", people, s.Records)
	}
	if s.Run.State != "undone" {
		h.run(t, args...)
	}
	if left := h.directory(t); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
	if s := ask[standing](t, h, "migrate", "status", migration); s.Records["pending"] != customers || s.sum() != customers {
		t.Errorf("it left records %v", s.Records)
	}
	h.run(t, "migrate", "run", migration, "--file", h.export(t, customers, false)) // who was removed may come again
	if people := len(h.directory(t)); people != customers {
		t.Errorf("%d people came again, want %d", people, customers)
	}
	h.soundLedger(t)
	return true
}
