package directory_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/store"
)

// trace is what the ledger tells of looks, oldest first.
func (w *town) trace(kind audit.Type) (all []map[string]any, about []string) {
	w.t.Helper()
	page, _, err := w.store.AuditEvents(w.t.Context(), w.live.ID, store.AuditQuery{Type: string(kind), Limit: 200})
	w.ok(err)
	for i := len(page) - 1; i >= 0; i-- {
		var body struct{ Detail map[string]any }
		w.ok(json.Unmarshal(page[i].Body, &body))
		all, about = append(all, body.Detail), append(about, page[i].Customer)
	}
	return all, about
}

func TestWhoReadsADirectoryPageByPageIsSeenAndFillsNoLedger(t *testing.T) {
	w := newTown(t)
	for range 1000 {
		w.ok(w.Listed(t.Context(), w.live.ID, directory.Looked{By: rita, Typed: "a", Found: 200}))
	}
	found, _ := w.trace(audit.CustomersSearched)
	if len(found) != 10 { // 1, 2, 4, … 512
		t.Fatalf("%d events", len(found))
	}
	if last := found[9]; last["looks"] != 512.0 || last["found"] != 512*200.0 {
		t.Errorf("the last says %v", last)
	}
	for name, other := range map[string]directory.Looked{
		"another operator": {By: audit.Operator("mel"), Typed: "a"},
		"other words":      {By: rita, Typed: "b"},
		"another kind":     {By: rita, Typed: "a", Kind: "phone"},
		"a file":           {By: rita, Typed: "a", File: true},
	} {
		before, _ := w.trace(audit.CustomersSearched)
		w.ok(w.Listed(t.Context(), w.live.ID, other))
		if after, _ := w.trace(audit.CustomersSearched); len(after) != len(before)+1 {
			t.Errorf("%s: unseen", name)
		}
	}
	w.now = w.now.Add(time.Hour)
	w.ok(w.Listed(t.Context(), w.live.ID, directory.Looked{By: rita, Typed: "a"}))
	if after, _ := w.trace(audit.CustomersSearched); len(after) != 15 || after[14]["looks"] != nil {
		t.Errorf("an hour later: %v", after)
	}
}

func TestAnAccountIsLookedAtInOneLine(t *testing.T) {
	w := newTown(t)
	dana := w.person("dana")
	a := w.account("HL-1", dana)
	empty, err := w.OpenAccount(t.Context(), w.live, directory.AccountPatch{Number: ptr("HL-2")}, "operator", rita)
	w.ok(err)
	look := func(id customer.AccountID) {
		found, err := w.ShowAccount(t.Context(), w.live.ID, id)
		w.ok(err)
		w.ok(w.ViewedAccount(t.Context(), w.live.ID, &found, rita))
	}
	look(empty.ID)
	look(a.ID)
	for n := range 30 {
		w.ok(w.Join(t.Context(), w.live, directory.Joining{Account: a.ID, Customer: w.person(fmt.Sprint("p", n)), Role: customer.Occupier}, rita))
	}
	look(a.ID)
	found, about := w.trace(audit.AccountViewed)
	if len(found) != 3 || found[0]["members"] != 0.0 || found[2]["members"] != 31.0 || about[0] != "" || about[1] != dana.String() || about[2] != "" {
		t.Errorf("%v about %q", found, about)
	}
}
