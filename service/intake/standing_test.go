package intake_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/store"
)

func TestStandingAddsUpAndNamesWhoWaits(t *testing.T) {
	s := open(t)
	service := service(s)
	none, err := service.Standing(t.Context(), env, "meterman", 10)
	if err != nil || none.Run != nil || len(none.Held) != 0 || len(none.Records) != 6 {
		t.Errorf("before an import: %+v, %v", none, err)
	}
	importing(t, service, export(20))
	got, err := service.Standing(t.Context(), env, "meterman", 3)
	if err != nil {
		t.Fatal(err)
	}
	want := whatExportHolds(20)
	for _, state := range []store.RecordState{store.RecordPending, store.RecordStaged, store.RecordErased} {
		want[state] = 0
	}
	if diff := cmp.Diff(want, got.Records); diff != "" {
		t.Errorf("records: %s", diff)
	}
	if ways := map[string]map[string]int64{"imported": {"bulk": 21}, "held": {"bulk": 7}, "dropped": {"bulk": 1}}; cmp.Diff(ways, got.Ways) != "" {
		t.Errorf("ways: %v", got.Ways)
	}
	if got.Run == nil || got.Run.State != "done" || got.Run.Source != "meterman.csv" || got.Run.Done != got.Run.Total {
		t.Errorf("run %+v", got.Run)
	}
	if len(got.Held) != 3 || got.Held[0].Reason == "" {
		t.Errorf("held %+v", got.Held)
	}
	if brief, err := service.Standing(t.Context(), env, "meterman", 0); err != nil || brief.Held != nil {
		t.Errorf("without a list: %+v, %v", brief.Held, err)
	}
	if other, err := service.Standing(t.Context(), env, "another", 10); err != nil || other.Run != nil {
		t.Errorf("another migration: %+v, %v", other, err)
	}
}
