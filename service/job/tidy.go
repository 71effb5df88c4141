package job

import (
	"context"
	"errors"
	"os"

	"sallyport/service/audit"
	"sallyport/store"
)

// tidy removes what nobody needs any more: files of uploads that a process died
// in, of jobs at their end, and of those that nobody went on with.
func (s *Service) tidy(ctx context.Context, f *folder) {
	entries, err := os.ReadDir(f.path)
	if err != nil {
		s.cfg.Log.Warn("kept files cannot be listed", "error", err)
		return
	}
	for _, e := range entries {
		env, id, ok := owner(e.Name())
		if !ok || s.busy(id) {
			continue
		}
		j, err := s.cfg.Store.Job(ctx, env, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			if !s.busy(id) { // it began meanwhile
				s.forget(f, env, id)
			}
		case err != nil:
			return // the store does not answer: later
		case j.State == store.JobDone, j.State == store.JobCancelled:
			s.forget(f, env, id)
		case s.expired(j):
			s.expire(ctx, f, env, j)
		}
	}
}

// busy tells whether an id's files are in use.
func (s *Service) busy(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.uploading[id] || s.active[id] != nil
}

func (s *Service) expired(j store.Job) bool {
	return (j.State == store.JobPaused || j.State == store.JobFailed) && s.cfg.Now().Sub(j.Updated) > keptFor
}

// expire ends a job that nobody went on with, and forgets its files.
func (s *Service) expire(ctx context.Context, f *folder, env store.EnvironmentID, j store.Job) {
	j.State, j.Sealed, j.Updated = store.JobCancelled, nil, s.cfg.Now()
	j.Reason, j.Problem = string(Expired), Expired.What()
	if err := s.move(ctx, env, j, s.event(audit.JobCancelled, j, audit.System)); err != nil {
		return // it moved, or the store does not answer: later
	}
	s.forget(f, env, j.ID)
}

// forget removes the files of a job.
func (s *Service) forget(f *folder, env store.EnvironmentID, id string) {
	if err := os.RemoveAll(f.of(env, id)); err != nil {
		s.cfg.Log.Warn("files that nobody needs cannot be removed", "job", id, "error", err)
	}
}
