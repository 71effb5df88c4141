package intake_test

import (
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
