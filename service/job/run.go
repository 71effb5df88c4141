package job

import (
	"context"
	"errors"
	"slices"
	"time"

	"sallyport/service/audit"
	"sallyport/store"
)

// tidyEvery is how often what nobody needs any more is looked for.
const tidyEvery = time.Minute

// Run runs the jobs whose files this node has, until ctx ends; then each pauses
// between two batches, and is taken up again by the next Run. Call it once, after
// [Service.Open].
func (s *Service) Run(ctx context.Context) {
	f := s.opened()
	if f == nil {
		return
	}
	ended := make(chan struct{}, atOnce)
	var tidied time.Time
	running := 0
	for timer := time.NewTicker(s.cfg.Every); ; {
		if now := s.cfg.Now(); now.Sub(tidied) >= tidyEvery || now.Before(tidied) {
			tidied = now
			s.tidy(ctx, f)
		}
		for _, found := range s.look(ctx, f) {
			if running == atOnce {
				break
			}
			r := s.admit(found)
			running++
			go func() {
				defer func() { ended <- struct{}{} }()
				s.work(ctx, f, r)
			}()
		}
		select {
		case <-ctx.Done():
			timer.Stop()
			for ; running > 0; running-- {
				<-ended
			}
			return
		case <-ended:
			running--
		case <-s.wake:
		case <-timer.C:
		}
	}
}

// place is a job and whose it is.
type place struct {
	env store.EnvironmentID
	job store.Job
}

// look reads the open jobs of this node, tells those that run what was decided, and
// gives those that are to run, the oldest first.
func (s *Service) look(ctx context.Context, f *folder) (waiting []place) {
	open := map[string]store.JobState{}
	for _, env := range s.cfg.Environments() {
		found, err := s.cfg.Store.Jobs(ctx, env, store.JobPage{Node: f.node, Open: true, Limit: 1000})
		if err != nil {
			if ctx.Err() == nil {
				s.cfg.Log.Warn("jobs cannot be looked at", "error", err)
			}
			return nil // those that run go on
		}
		for _, j := range found {
			open[j.ID] = j.State
			switch {
			case s.runs(j.ID):
			case j.State == store.JobQueued, j.State == store.JobRunning: // of a process that died
				waiting = append(waiting, place{env, j})
			case j.State == store.JobPausing: // nobody runs it, so it does
				j.State, j.Updated = store.JobPaused, s.cfg.Now()
				if err := s.move(ctx, env, j); err != nil && !errors.Is(err, store.ErrConflict) {
					s.cfg.Log.Warn("a job cannot be paused", "job", j.ID, "error", err)
				}
			}
		}
	}
	s.mu.Lock()
	for id, r := range s.active {
		if state, is := open[id]; !is || state == store.JobPausing {
			r.stop()
		}
	}
	s.mu.Unlock()
	slices.SortStableFunc(waiting, func(a, b place) int { return a.job.Created.Compare(b.job.Created) })
	return waiting
}

func (s *Service) runs(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active[id] != nil
}

func (s *Service) admit(p place) *running {
	r := &running{service: s, env: p.env, stored: p.job, stopped: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active[p.job.ID] = r
	return r
}

func (s *Service) dismiss(r *running) {
	s.mu.Lock()
	delete(s.active, r.stored.ID)
	s.mu.Unlock()
}

// work runs one job as far as it goes.
func (s *Service) work(parent context.Context, f *folder, r *running) {
	defer s.stir()
	defer s.dismiss(r)
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	go func() {
		select {
		case <-r.stopped:
			cancel()
		case <-ctx.Done():
		}
	}()
	r.base(s.cfg.Now())
	if !r.update(ctx, func(j *store.Job) { j.State, j.Reason, j.Problem = store.JobRunning, "", "" }) {
		return
	}
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		report, err := r.attempt(ctx, f)
		if err == nil {
			s.done(r, report, f)
			return
		}
		reason := reasonOf(err)
		switch {
		case ctx.Err() != nil:
			s.halted(r, parent.Err() != nil, f)
			return
		case !reason.passes():
			s.cfg.Log.Error("an import failed", "job", r.stored.ID, "migration", r.stored.Migration, "reason", reason, "error", err)
			r.end(store.JobFailed, reason, nil)
			return
		}
		s.cfg.Log.Warn("an import waits", "job", r.stored.ID, "reason", reason, "again", wait, "error", err)
		r.update(ctx, func(j *store.Job) { j.Reason, j.Problem, j.Rate = string(reason), reason.What(), 0 })
		select {
		case <-ctx.Done():
			s.halted(r, parent.Err() != nil, f)
			return
		case <-time.After(wait):
		}
		r.base(s.cfg.Now())
	}
}

// halted notes that a job stopped between two batches: since somebody wanted it,
// or since the server stops.
func (s *Service) halted(r *running, stopping bool, f *folder) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for range tries {
		j, err := s.cfg.Store.Job(ctx, r.env, r.stored.ID)
		if err != nil {
			s.cfg.Log.Warn("a job that paused cannot be read", "job", r.stored.ID, "error", err)
			return // it is taken up as what it says
		}
		r.figures(&j)
		j.Rate, j.Updated = 0, s.cfg.Now()
		switch {
		case j.State == store.JobPausing:
			j.State = store.JobPaused
		case j.State == store.JobRunning && stopping:
			j.State, j.Reason, j.Problem = store.JobQueued, string(Stopped), Stopped.What()
		case j.State == store.JobCancelled:
			s.forget(f, r.env, j.ID)
			return
		case j.State == store.JobRunning: // resumed at the same moment
			j.State = store.JobQueued
		default:
			return
		}
		if err = s.move(ctx, r.env, j); !errors.Is(err, store.ErrConflict) {
			if err != nil {
				s.cfg.Log.Warn("a pause cannot be noted", "job", j.ID, "error", err)
			}
			return
		}
	}
}

// done ends a job that reached the end of its files, and forgets them.
func (s *Service) done(r *running, report []byte, f *folder) {
	if r.end(store.JobDone, "", report) {
		s.forget(f, r.env, r.stored.ID)
	}
}

// ended are the kinds of events by the state in which a job ended.
var ended = map[store.JobState]audit.Type{store.JobDone: audit.JobDone, store.JobFailed: audit.JobFailed}
