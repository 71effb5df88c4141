package job

import (
	"context"
	"errors"
	"fmt"

	"sallyport/service/audit"
	"sallyport/store"
)

// tries bounds how often a decision is made anew because the job moved meanwhile.
const tries = 16

// Newest gives the migration's open job, or else the newest; false if there was none.
func (s *Service) Newest(ctx context.Context, env store.EnvironmentID, migration string) (Job, bool, error) {
	j, err := s.newest(ctx, env, migration, true)
	if errors.Is(err, store.ErrNotFound) {
		j, err = s.newest(ctx, env, migration, false)
	}
	if errors.Is(err, store.ErrNotFound) {
		return Job{}, false, nil
	}
	if err != nil {
		return Job{}, false, err
	}
	return s.shown(j), true, nil
}

// Get gives a job by its id; store.ErrNotFound.
func (s *Service) Get(ctx context.Context, env store.EnvironmentID, id string) (Job, error) {
	j, err := s.cfg.Store.Job(ctx, env, id)
	if err != nil {
		return Job{}, fmt.Errorf("reading a job: %w", err)
	}
	return s.shown(j), nil
}

func (s *Service) newest(ctx context.Context, env store.EnvironmentID, migration string, open bool) (store.Job, error) {
	found, err := s.cfg.Store.Jobs(ctx, env, store.JobPage{Migration: migration, Open: open, Limit: 1})
	if err != nil {
		return store.Job{}, fmt.Errorf("reading the jobs of %s: %w", migration, err)
	}
	if len(found) == 0 {
		return store.Job{}, store.ErrNotFound
	}
	return found[0], nil
}

// Steer says whose job is decided about, and by whom.
type Steer struct {
	Env       store.EnvironmentID
	Migration string
	Actor     audit.Actor
}

// Pause has the migration's open job pause at its next checkpoint. One that is
// paused, or about to, is left as it is. [ErrNoJob].
func (s *Service) Pause(ctx context.Context, by Steer) (Job, error) {
	return s.steer(ctx, by, audit.JobPaused, func(j *store.Job) (change bool, err error) {
		switch j.State {
		case store.JobQueued:
			j.State = store.JobPaused
		case store.JobRunning:
			j.State = store.JobPausing
		case store.JobPausing, store.JobPaused:
			return false, nil
		default:
			return false, ErrNoJob
		}
		return true, nil
	})
}

// Resume has the migration's job go on that is paused or failed, on the node that
// has its files. One that goes on already is left as it is. [ErrNoJob].
func (s *Service) Resume(ctx context.Context, by Steer) (Job, error) {
	return s.steer(ctx, by, audit.JobResumed, func(j *store.Job) (change bool, err error) {
		switch j.State {
		case store.JobQueued, store.JobRunning:
			return false, nil
		case store.JobPausing, store.JobPaused:
		case store.JobFailed:
			if len(j.Sealed) == 0 {
				return false, ErrNoJob
			}
		default:
			return false, ErrNoJob
		}
		j.State, j.Reason, j.Problem = store.JobQueued, "", ""
		return true, nil
	})
}

// Cancel ends the migration's job for good, and has its files removed. What was
// imported stays, and so does the run in the ledger, which the same file finishes.
// [ErrNoJob].
func (s *Service) Cancel(ctx context.Context, by Steer) (Job, error) {
	return s.steer(ctx, by, audit.JobCancelled, func(j *store.Job) (change bool, err error) {
		if !j.State.Open() && (j.State != store.JobFailed || len(j.Sealed) == 0) {
			return false, ErrNoJob
		}
		j.State, j.Sealed, j.Rate = store.JobCancelled, nil, 0
		return true, nil
	})
}

// steer decides about the open job of a migration, or else its newest, as it is at
// that moment: of two who decide at once the second decides about what the first
// made of it.
func (s *Service) steer(ctx context.Context, by Steer, kind audit.Type, decide func(*store.Job) (change bool, err error)) (Job, error) {
	for try := 0; ; try++ {
		j, err := s.newest(ctx, by.Env, by.Migration, true)
		if errors.Is(err, store.ErrNotFound) {
			j, err = s.newest(ctx, by.Env, by.Migration, false)
		}
		if errors.Is(err, store.ErrNotFound) {
			return Job{}, ErrNoJob
		}
		if err != nil {
			return Job{}, err
		}
		change, err := decide(&j)
		if err != nil || !change {
			return s.shown(j), err
		}
		j.Updated = s.cfg.Now()
		err = s.move(ctx, by.Env, j, s.event(kind, j, by.Actor))
		if (errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrExists)) && try < tries {
			continue
		}
		if err != nil {
			return Job{}, fmt.Errorf("steering the job of %s: %w", by.Migration, err)
		}
		s.stir()
		return s.shown(j), nil
	}
}

// move stores a job, with events.
func (s *Service) move(ctx context.Context, env store.EnvironmentID, j store.Job, events ...store.Event) error {
	s.cfg.Crash(BeforeMove)
	err := s.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		if err := tx.PutJob(ctx, j); err != nil {
			return err
		}
		for _, e := range events {
			if err := tx.Audit(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.cfg.Crash(AfterMove)
	}
	return err
}

// detail is what audit keeps of a job.
type detail struct {
	Job       string `json:"job"`
	Migration string `json:"migration"`
	State     string `json:"state"`
	Node      string `json:"node"`
	Reason    string `json:"reason,omitempty"`
	Bytes     int64  `json:"bytes"`
}

func (s *Service) event(kind audit.Type, j store.Job, by audit.Actor) store.Event {
	d := detail{j.ID, j.Migration, string(j.State), j.Node, j.Reason, 0}
	for _, i := range j.Inputs {
		d.Bytes += i.Size
	}
	return s.cfg.Audit.Event(audit.Entry{Type: kind, Actor: by, Detail: d})
}
