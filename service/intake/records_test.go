package intake_test

import (
	"errors"
	"testing"

	"sallyport/service/intake"
	"sallyport/store"
)

func TestRecordsArePagedByStateAndLoseNone(t *testing.T) {
	s := open(t)
	service := service(s)
	importing(t, service, export(20))
	for state, want := range whatExportHolds(20) {
		page, seen := intake.RecordPage{Migration: "meterman", State: string(state), Limit: 3}, map[string]bool{}
		for {
			records, next, err := service.Records(t.Context(), env, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range records {
				if r.State != string(state) || (state == store.RecordImported) != (r.Customer != "") {
					t.Errorf("among %s: %+v", state, r)
				}
				seen[r.Key] = true
			}
			if page.After = next; next == "" {
				break
			}
		}
		if int64(len(seen)) != want {
			t.Errorf("%d are %s, want %d", len(seen), state, want)
		}
	}
}

func TestARecordIsFoundByItsKeyAlone(t *testing.T) {
	s := open(t)
	service := service(s)
	importing(t, service, export(20))
	all, _, err := service.Records(t.Context(), env, intake.RecordPage{Migration: "meterman", Limit: 1})
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if one, err := service.Record(t.Context(), env, "meterman", all[0].Key); err != nil || one != all[0] {
		t.Errorf("%+v, %v", one, err)
	}
	for _, key := range []string{"", "nobody's"} {
		if _, err := service.Record(t.Context(), env, "meterman", key); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q gives %v", key, err)
		}
	}
	if _, err := service.Record(t.Context(), env+1, "meterman", all[0].Key); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another environment gives %v", err)
	}
}
