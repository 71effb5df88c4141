package store

import (
	"context"
	"time"
)

// JobState is where a job is.
type JobState string

// The states of jobs. The first four are open: a migration has one open job at
// most.
const (
	JobQueued    JobState = "queued"
	JobRunning   JobState = "running"
	JobPausing   JobState = "pausing" // asked to pause; its node does at the next checkpoint
	JobPaused    JobState = "paused"
	JobDone      JobState = "done"
	JobFailed    JobState = "failed"
	JobCancelled JobState = "cancelled"
)

// Open tells whether the job goes on, or may, without anybody's new decision.
func (s JobState) Open() bool {
	return s == JobQueued || s == JobRunning || s == JobPausing || s == JobPaused
}

// JobInput is one file of a job.
type JobInput struct {
	Input  string `json:"input"` // of the migration's format; "file" for its records
	Name   string `json:"name"`  // as a person would recognise it
	Size   int64  `json:"size"`  // in bytes, unpacked
	SHA256 []byte `json:"sha256"`
}

// Job is one run of a migration over files that a node keeps.
type Job struct {
	ID        string
	Migration string
	State     JobState
	Node      string // that has the files
	Inputs    []JobInput
	Sealed    []byte // what the files are encrypted with; empty once they are gone; at most 4 KiB
	Options   []byte // of the run, in the form of whoever runs jobs; at most 16 KiB

	Phase string
	Rows  int64 // of the source, read in this phase
	Of    int64 // rows in the source; 0 while they are counted
	Held  int64
	Rate  int64 // rows a second

	Reason   string // why it failed or waits: a stable word
	Problem  string // the same for people; no value of a record
	Report   []byte // once it is done; at most 64 KiB
	Operator string // who asked, as an audit actor

	Created time.Time
	Updated time.Time
	Version int64 // compare-and-set
}

// JobPage asks for jobs; what is empty asks for all.
type JobPage struct {
	Migration string
	Node      string
	Open      bool // only those that are
	Limit     int  // 1 to 1000
}

// Jobs reads jobs.
type Jobs interface {
	// Jobs lists jobs, newest first.
	Jobs(ctx context.Context, env EnvironmentID, page JobPage) ([]Job, error)
	// Job reads one; [ErrNotFound].
	Job(ctx context.Context, env EnvironmentID, id string) (Job, error)
}

// JobWriter changes jobs.
type JobWriter interface {
	// PutJob stores j. With Version 0 it is new; else it replaces all but Migration,
	// Node, Inputs, Options, Operator and Created of the one that has Version, and
	// raises its Version: [ErrConflict] if there is none. [ErrExists] if the id is
	// taken, or if j is open and another open job has its migration.
	PutJob(ctx context.Context, j Job) error
}
