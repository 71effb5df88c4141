package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sallyport/service/operator"
	"sallyport/store"
)

// An import goes on in the server; whoever may run migrations pauses it, has it go on
// and cancels it, and each page asks before.
func TestAnImportIsPausedGoesOnAndIsCancelledInTheConsole(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "harbourlight")
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	env := live.ID
	s.must(s.store.Write(t.Context(), env, func(tx store.Tx) error {
		return tx.PutJob(t.Context(), store.Job{
			ID: "j-1", Migration: "old", State: store.JobQueued, Node: "here", Sealed: []byte{1}, Operator: "operator/cus_1", Created: s.now, Updated: s.now,
			Inputs: []store.JobInput{{Input: "file", Name: "<b>people.csv", Size: 12_000}},
		})
	}))
	state := func(want store.JobState) {
		t.Helper()
		jobs, err := s.store.Jobs(t.Context(), env, store.JobPage{Migration: "old", Limit: 1})
		if err != nil || len(jobs) != 1 || jobs[0].State != want {
			t.Fatalf("the job is %+v, %v, want %s", jobs, err, want)
		}
	}
	if text := s.open(oldPlace).Body.String(); !strings.Contains(text, "&lt;b&gt;people.csv") || !strings.Contains(text, oldPlace+"/pause") {
		t.Errorf("the page of the migration does not show its import:\n%s", text)
	}
	for _, move := range []struct {
		path, asks string
		then       store.JobState
	}{{"/pause", "Pause the import of old?", store.JobPaused}, {"/resume", "Have the import of old go on?", store.JobQueued}, {"/cancel", "Cancel the import of old?", store.JobCancelled}} {
		if page := s.open(oldPlace + move.path); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), move.asks) {
			t.Errorf("%s asks %d", move.path, page.Code)
		}
		if done := s.post(oldPlace+move.path, url.Values{}); done.Code != http.StatusSeeOther {
			t.Fatalf("%s is answered with %d: %s", move.path, done.Code, done.Body)
		}
		state(move.then)
	}
	if again := s.post(oldPlace+"/pause", url.Values{}); again.Code == http.StatusSeeOther {
		t.Error("an import that was cancelled is paused")
	}
}
