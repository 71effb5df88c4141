package job

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/store"
)

// noteEvery is how often the figures of a running job are stored.
const noteEvery = time.Second

// running is a job that this process runs.
type running struct {
	service *Service
	env     store.EnvironmentID
	stopped chan struct{}
	once    sync.Once

	mu     sync.Mutex
	stored store.Job // as it was stored last; its id and migration never change
	phase  string
	rows   int64
	of     int64
	held   int64
	rate   int64
	before int64     // held before this attempt
	since  time.Time // and from
	from   int64     // at which the rate is counted
	noted  time.Time
}

// stop has the job pause at its next checkpoint.
func (r *running) stop() { r.once.Do(func() { close(r.stopped) }) }

// base begins to count anew, at an attempt's begin.
func (r *running) base(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.before = max(r.held, r.stored.Held)
	r.phase, r.rows, r.of, r.held, r.rate = r.stored.Phase, r.stored.Rows, r.stored.Of, r.before, 0
	r.since, r.from, r.noted = time.Time{}, 0, now
}

// figures fills in those of this moment.
func (r *running) figures(j *store.Job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	j.Phase, j.Rows, j.Of, j.Held, j.Rate = r.phase, r.rows, r.of, r.held, r.rate
}

// progress takes what intake tells. It is called on the goroutine of the import, so
// that storing figures takes its turn among the batches.
func (r *running) progress(ctx context.Context, p intake.Progress) {
	now := r.service.cfg.Now()
	r.mu.Lock()
	if r.since.IsZero() || r.phase != string(p.Phase) {
		r.since, r.from = now, p.Rows
	}
	r.phase, r.rows, r.of = string(p.Phase), p.Rows, p.Of
	if p.Phase == intake.Moving {
		r.held = r.before + p.Held
	}
	if seconds := now.Sub(r.since).Seconds(); seconds > 0 {
		r.rate = int64(float64(p.Rows-r.from) / seconds)
	}
	due := now.Sub(r.noted) >= noteEvery
	if due {
		r.noted = now
	}
	r.mu.Unlock()
	if due {
		r.update(ctx, func(*store.Job) {})
	}
}

// update stores the figures and a change of a job that is to run. If somebody
// decided otherwise meanwhile, it stops. It tells whether the job runs on.
func (r *running) update(ctx context.Context, change func(*store.Job)) bool {
	j := r.last()
	r.figures(&j)
	change(&j)
	j.Updated = r.service.cfg.Now()
	err := r.service.move(ctx, r.env, j)
	switch {
	case err == nil:
		j.Version++
		r.remember(j)
		return true
	case errors.Is(err, store.ErrConflict):
		now, err := r.service.cfg.Store.Job(ctx, r.env, j.ID)
		if err != nil {
			return true // asked again at the next occasion
		}
		r.remember(now)
		if now.State == store.JobRunning {
			return true
		}
		r.stop()
		return false
	}
	return true // figures are not worth an import
}

func (r *running) last() store.Job {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stored
}

func (r *running) remember(j store.Job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stored = j
}

// end stores that the job is at its end, unless somebody cancelled it. It tries for
// a while: a server that stops before that looks once more at what is done.
func (r *running) end(state store.JobState, reason Reason, report []byte) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	s := r.service
	var err error
	for wait := 10 * time.Millisecond; ctx.Err() == nil; wait *= 2 {
		var j store.Job
		if j, err = s.cfg.Store.Job(ctx, r.env, r.last().ID); err == nil {
			if j.State == store.JobCancelled {
				return true
			}
			r.figures(&j)
			j.State, j.Reason, j.Problem, j.Report, j.Updated = state, string(reason), reason.What(), report, s.cfg.Now()
			if state == store.JobDone {
				j.Sealed = nil
			}
			s.cfg.Crash(BeforeEnd)
			err = s.move(ctx, r.env, j, s.event(ended[state], j, audit.Actor(j.Operator)))
		}
		if err == nil {
			s.cfg.Crash(AfterEnd)
			return true
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	s.cfg.Log.Error("the end of a job cannot be noted", "job", r.last().ID, "error", err)
	return false
}

// attempt imports until the end of the files, or an error.
func (r *running) attempt(ctx context.Context, f *folder) (report []byte, err error) {
	j, s := r.last(), r.service
	live, err := s.cfg.Live(ctx, r.env, j.Migration)
	if err != nil {
		return nil, err
	}
	sources, release, err := s.sources(ctx, f, r.env, j)
	if err != nil {
		return nil, err
	}
	defer release()
	var o options
	if err := json.Unmarshal(j.Options, &o); err != nil {
		return nil, err
	}
	req := intake.Request{
		Env: r.env, Plan: live.Plan, Stage: live.Stage, Rules: live.Rules, Actor: audit.Actor(j.Operator), Joined: sources, Source: sources[migrate.FileInput], Retry: o.retry(),
		Progress: func(p intake.Progress) { r.progress(ctx, p) },
	}
	delete(sources, migrate.FileInput)
	done, err := s.cfg.Import(ctx, req)
	if err != nil {
		return nil, err
	}
	r.finished(done)
	done.Summary.Examples = nil // of people
	return json.Marshal(done)
}

// finished takes the last figures.
func (r *running) finished(report intake.Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.phase, r.rows, r.of = string(intake.Moving), report.Rows, report.Rows
	r.held = r.before + report.Summary.Verdicts[migrate.Hold]
}

// sources opens the files of a job.
func (s *Service) sources(ctx context.Context, f *folder, env store.EnvironmentID, j store.Job) (all map[migrate.Input]intake.Source, release func(), err error) {
	key, err := s.cfg.Sealer.Open(ctx, env, row(j.ID), j.Sealed)
	if err != nil {
		return nil, nil, errors.Join(errSealed, err)
	}
	aead, err := cipherOf(key)
	clear(key)
	if err != nil {
		return nil, nil, err
	}
	var files []io.Closer
	release = func() {
		for _, file := range files {
			_ = file.Close() // it was only read
		}
	}
	all = map[migrate.Input]intake.Source{}
	for number, input := range j.Inputs {
		file, err := os.Open(f.file(env, j.ID, uint32(number)))
		if err != nil {
			release()
			return nil, nil, err
		}
		files = append(files, file)
		read := newReader(chunks{aead, j.ID, uint32(number)}, file, input.Size)
		all[migrate.Input(input.Input)] = intake.Source{Name: input.Name, Reader: read, Size: input.Size}
	}
	return all, release, nil
}
