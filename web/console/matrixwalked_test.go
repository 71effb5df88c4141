package console

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sallyport/pure/expect"
	"sallyport/service/operator"
	"sallyport/service/walk"
	"sallyport/store"
)

// walked keeps the report of a run of the environment's revision 1.
func (s *site) walked(id string, results ...walk.Result) {
	s.Helper()
	detail, err := json.Marshal(map[string]any{"report": walk.Report{ID: id, Revision: 1, Started: s.now, Ended: s.now, Results: results}})
	s.must(err)
	live, _ := s.cfg.Registry.ByName("harbourlight", "production")
	s.must(s.store.Write(s.Context(), live.ID, func(tx store.Tx) error {
		return tx.PutWalk(s.Context(), store.Walk{ID: id, Author: "operator/ada", Revision: 1, Started: s.now, Expires: s.now.Add(time.Minute), Ended: s.now, Detail: detail})
	}))
}

func TestTheMatrixTellsWhatTheLastWalkFoundOfItsServer(t *testing.T) {
	s := newSite(t)
	s.cfg.Walks = walk.New(walk.Config{Store: s.store, Now: s.clock})
	s.expecting(expectationsText)
	s.as(operator.Architect, "harbourlight")
	at := "/e/harbourlight/production/access/"
	if page := s.open(at + "apps").Body.String(); strings.Contains(page, "Last live run") {
		t.Error("nobody walked, and it tells of a walk")
	}
	of := func(server string, state walk.State) walk.Result {
		return walk.Result{Walk: expect.Walk{Server: server, Application: "mobile"}, State: state}
	}
	s.walked("walk_1", of("apps", walk.AsProven), of("apps", walk.AsProven), of("apps", walk.Differs), of("apps", walk.NotWalked), of("enterprise", walk.AsProven))
	page := s.open(at + "apps").Body.String()
	for _, want := range []string{"Last live run", "<b>2 of 3</b>", "of revision 1, at 2026-11-22 10:00Z; 1 could not be made"} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if page := s.open(at + "enterprise").Body.String(); strings.Contains(page, "<b>1 of 1</b>") && !strings.Contains(page, "of an older revision") {
		t.Error("a walk of an older revision passes for one of this")
	}
}
