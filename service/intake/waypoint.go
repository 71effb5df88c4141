package intake

import (
	"encoding/json"
	"fmt"

	"sallyport/store"
)

// waypoint is what a run keeps of where it goes on, and of what its first survey
// found that another would have to look up record by record.
type waypoint struct {
	spot
	Absent absence `json:"absent,omitempty"`
}

func (w waypoint) encode() []byte {
	encoded, _ := json.Marshal(w) // a flag and numbers always marshal
	return encoded
}

func waypointOf(run *store.Run) (w waypoint, err error) {
	if err := json.Unmarshal(run.Checkpoint, &w); err != nil || w.Offset < 0 {
		return w, fmt.Errorf("checkpoint of %s is not readable: %w", run.ID, store.ErrSchema)
	}
	return w, nil
}

// absence counts by state the records that the ledger has and a source has not.
type absence map[store.RecordState]int64

func absentOf(ledger, known map[store.RecordState]int64) absence {
	a := absence{}
	for state, n := range ledger {
		if more := n - known[state]; state != store.RecordPending && more > 0 { // less: some came meanwhile
			a[state] = more
		}
	}
	return a
}

// sum leaves out who was erased: nobody misses them.
func (a absence) sum() (n int64) {
	for state, more := range a {
		if state != store.RecordErased {
			n += more
		}
	}
	return n
}

// resumes tells of a run that goes on what a survey tells of others, by the counts of
// the ledger: who came another way meanwhile, and is not in the source, counts as known.
func (v *survey) resumes(ledger map[store.RecordState]int64) error {
	w, err := waypointOf(&v.newest)
	if err != nil {
		return err
	}
	v.absent = w.Absent
	for state, n := range ledger {
		if here := n - v.absent[state]; state != store.RecordPending && here > 0 {
			v.known[state] = here
		}
	}
	v.fresh = max(0, min(ledger[store.RecordPending], v.newest.Total-v.newest.Done))
	return nil
}
