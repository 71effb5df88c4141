package intake

import (
	"context"
	"fmt"
	"time"

	"sallyport/store"
)

// Record is where one record of a source is.
type Record struct {
	Key      string
	State    string // "imported", "staged", "held", "dropped", "erased"; a pending one has a line if it was undone
	Way      string // "bulk", "jit", "claim", "register"; empty of a pending one
	Reason   string
	Detail   string
	Row      int64  // in the source; 0 if unknown
	Customer string // text form of the id; empty if there is none
	Run      string
	At       time.Time
}

// Records gives a page of at most limit records of a migration by key, in one
// state or, if that is empty, in all, and the cursor of the next page (empty at
// the end). A cursor that nobody gave is store.ErrInvalid.
func (s *Service) Records(ctx context.Context, env store.EnvironmentID, page RecordPage) ([]Record, string, error) {
	moves, next, err := s.cfg.Store.LedgerRecords(ctx, env, store.MovePage{
		Migration: page.Migration, State: store.RecordState(page.State), After: page.After, Limit: page.Limit,
	})
	if err != nil {
		return nil, "", fmt.Errorf("listing the records of %s: %w", page.Migration, err)
	}
	records := make([]Record, len(moves))
	for i, m := range moves {
		records[i] = recordOf(m)
	}
	return records, next, nil
}

func recordOf(m store.RecordMove) Record {
	return Record{m.Key, string(m.State), string(m.Way), m.Reason, m.Detail, m.Row, m.Customer, m.Run, m.At}
}

// RecordPage asks for records.
type RecordPage struct {
	Migration string
	State     string // empty: all
	After     string // cursor
	Limit     int    // 1 to 1000
}
