package environment_test

import (
	"maps"
	"testing"

	"sallyport/store"
)

func TestHistoryIsReadAsItWasApplied(t *testing.T) {
	w := newWorld(t)
	r := w.started()
	live := w.production(r)
	for base := range int64(3) {
		w.apply(r, live, w.release(int(base)+1), base)
	}
	list, err := r.Revisions(w.ctx, live, 3, 10)
	w.must(err)
	if len(list) != 2 || list[0].Number != 2 || list[1].Number != 1 || list[0].Author != "robin" || list[0].Message != "release" {
		t.Errorf("before the third: %+v", list)
	}
	newest, tree, err := r.Revision(w.ctx, live, 0)
	w.must(err)
	if newest.Number != 3 || newest.Base != 2 || newest.Digest != tree.Digest() {
		t.Errorf("the newest is %+v", newest)
	}
	first, tree, err := r.Revision(w.ctx, live, 1)
	w.must(err)
	if first.Number != 1 || !maps.EqualFunc(tree.Files(), w.release(1).Files(), func(a, b []byte) bool { return string(a) == string(b) }) {
		t.Errorf("the first is %+v", first)
	}
	_, _, err = r.Revision(w.ctx, live, 4)
	w.is(err, store.ErrNotFound)
}
