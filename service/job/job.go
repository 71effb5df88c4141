package job

import (
	"encoding/json"
	"time"

	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/store"
)

// Job is one run of a migration over kept files.
type Job struct {
	ID        string
	Migration string
	State     string // "queued", "running", "pausing", "paused", "done", "failed", "cancelled"
	Node      string // that has the files
	Here      bool   // whether that is this one
	Inputs    []Input

	Phase string // "survey" or "import"; empty before the first
	Rows  int64  // of the source, read in this phase
	Of    int64  // rows in the source; 0 while they are counted
	Held  int64
	Rate  int64 // rows a second

	Reason  Reason // why it failed, or what it waits for; empty for nothing
	Problem string // the same for people, without a value of any record
	Fix     string // what to do about it

	Report   *intake.Report // once it is done; without examples
	Operator string         // who asked, as an audit actor
	Created  time.Time
	Updated  time.Time
}

// Input is one file.
type Input struct {
	Input  migrate.Input
	Name   string // as a person would recognise it
	Size   int64  // in bytes, unpacked
	SHA256 []byte
}

// Open tells whether the job goes on, or waits for somebody to say so.
func (j Job) Open() bool { return store.JobState(j.State).Open() }

// Moving tells whether its figures may change by themselves.
func (j Job) Moving() bool { return j.Open() && j.State != string(store.JobPaused) }

// options are how a job runs.
type options struct {
	Retry   bool             `json:"retry,omitempty"`
	Reasons []migrate.Reason `json:"reasons,omitempty"`
}

func (o options) retry() *intake.Retry {
	if !o.Retry {
		return nil
	}
	return &intake.Retry{Reasons: o.Reasons}
}

// shown is a job as the service tells of it, with the figures of this moment if it
// runs here.
func (s *Service) shown(stored store.Job) Job {
	s.mu.Lock()
	runs, folder := s.active[stored.ID], s.folder
	s.mu.Unlock()
	if runs != nil && stored.State.Open() {
		runs.figures(&stored)
	}
	j := Job{
		ID: stored.ID, Migration: stored.Migration, State: string(stored.State), Node: stored.Node, Here: folder != nil && folder.node == stored.Node,
		Phase: stored.Phase, Rows: stored.Rows, Of: stored.Of, Held: stored.Held, Rate: stored.Rate,
		Reason: Reason(stored.Reason), Problem: stored.Problem, Fix: Reason(stored.Reason).Fix(stored.Migration),
		Operator: stored.Operator, Created: stored.Created, Updated: stored.Updated,
	}
	for _, i := range stored.Inputs {
		j.Inputs = append(j.Inputs, Input{migrate.Input(i.Input), i.Name, i.Size, i.SHA256})
	}
	var report intake.Report
	if len(stored.Report) > 0 && json.Unmarshal(stored.Report, &report) == nil {
		j.Report = &report
	}
	return j
}
