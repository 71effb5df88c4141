package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sallyport/store"
)

// Standing is where the records of a migration are.
type Standing struct {
	Records map[store.RecordState]int64 // of every state; they sum to the total
	// Ways tells the same by state and then by how they came: "bulk", "jit", "claim",
	// "register". Of what is pending it has nothing.
	Ways map[string]map[string]int64
	Run  *Run   // the newest; nil if there was none
	Held []Held // the first of those that wait for somebody
}

// Run is one execution over one source file.
type Run struct {
	ID      string
	Source  string
	State   string // "running", "paused", "done"
	Done    int64
	Total   int64
	Started time.Time
	Updated time.Time
}

// Held is a record that waits for somebody.
type Held struct {
	Key    string
	Row    int64 // in the source; 0 if unknown
	Reason string
	Detail string
}

// Standing tells where the records of a migration are, with at most limit of
// those held. Of what was never imported there are none.
func (s *Service) Standing(ctx context.Context, env store.EnvironmentID, migration string, limit int) (Standing, error) {
	counts, err := s.cfg.Store.RecordWays(ctx, env, migration) // of one moment
	if err != nil {
		return Standing{}, fmt.Errorf("counting the records of %s: %w", migration, err)
	}
	standing := Standing{Records: map[store.RecordState]int64{}, Ways: map[string]map[string]int64{}}
	for _, state := range store.RecordStates() {
		standing.Records[state] = 0
	}
	for at, n := range counts {
		standing.Records[at.State] += n
		if at.Way == "" {
			continue
		}
		if standing.Ways[string(at.State)] == nil {
			standing.Ways[string(at.State)] = map[string]int64{}
		}
		standing.Ways[string(at.State)][string(at.Way)] = n
	}
	run, err := s.cfg.Store.Run(ctx, env, migration, "")
	switch {
	case err == nil:
		standing.Run = &Run{run.ID, run.Source, run.State, run.Done, run.Total, run.Started, run.Updated}
	case !errors.Is(err, store.ErrNotFound):
		return Standing{}, fmt.Errorf("reading the newest run of %s: %w", migration, err)
	}
	if limit == 0 {
		return standing, nil
	}
	page := store.MovePage{Migration: migration, State: store.RecordHeld, Limit: limit}
	moves, _, err := s.cfg.Store.LedgerRecords(ctx, env, page)
	if err != nil {
		return Standing{}, fmt.Errorf("listing the held records of %s: %w", migration, err)
	}
	for _, m := range moves {
		standing.Held = append(standing.Held, Held{m.Key, m.Row, m.Reason, m.Detail})
	}
	return standing, nil
}
