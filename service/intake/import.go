package intake

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// The states of a run in the store.
const (
	running = "running"
	paused  = "paused"
	done    = "done"
)

// job is one call of Import.
type job struct {
	*Service
	req    Request
	survey *survey
	run    store.Run // as stored; zero in a dry run
	report Report
	began  time.Time
	// careful is set once an identifier proved to be taken: from then on every
	// batch asks first.
	careful  bool
	rivalKey rivalKey // nil in a dry run
	// refreshedKeys are people who were brought up to date by this call.
	refreshedKeys map[string]bool
	// ownWays tells of people without a password, who were looked at, whether they have
	// ways in of their own.
	ownWays map[customer.ID]bool
}

// Import brings the people of an export into the directory, or goes on where an
// earlier call with the same bytes had stopped. Importing a file again when it
// is done changes nothing; a newer file of the same migration brings what it has
// more, and completes whom an earlier one left without a password. The report holds what was reached, also beside an error.
//
// Errors: [ErrRunning], [ErrUnfinished], [ErrTakenOver], [ErrSourceChanged],
// [ErrPaused] when ctx ended, migrate.ErrHeader, migrate.ErrFormat,
// migrate.ErrInput and migrate.ErrTooContested before anything is written, and those of the store, after which the same call
// goes on.
func (s *Service) Import(ctx context.Context, req Request) (Report, error) {
	if req.Actor == "" {
		req.Actor = audit.System
	}
	name := req.Plan.Name()
	j := &job{Service: s, req: req, began: s.cfg.Now(), report: Report{Migration: name, Source: req.label(), DryRun: req.DryRun}}
	j.report.Kept, j.refreshedKeys, j.ownWays, j.careful = map[string]int64{}, map[string]bool{}, map[customer.ID]bool{}, req.Retry != nil
	leave, err := s.enter(place{req.Env, name})
	if err != nil {
		return j.report, fmt.Errorf("importing %s: %w", name, err)
	}
	defer leave()
	if err = j.work(ctx); err != nil {
		err = fmt.Errorf("importing %s: %w", name, err)
	}
	return j.conclude(ctx), err
}

func (j *job) work(ctx context.Context) (err error) {
	for input := range j.req.Joined {
		if err := j.req.Plan.Joins(input); err != nil {
			return err
		}
	}
	defer func() { err = errors.Join(err, j.survey.close()) }()
	if j.survey, err = j.lookAt(ctx, j.req); err != nil {
		return err
	}
	j.report.Rows, j.report.Fresh, j.report.Digest = j.survey.count, j.survey.fresh, j.survey.digest
	j.report.Known, j.report.Absent = j.survey.known, j.survey.absent.sum()
	from, needed, err := j.begin(ctx)
	if err != nil {
		return err
	}
	if !needed { // of the people; an account may have been held by what is mended since
		return j.carry(ctx)
	}
	j.careful = j.careful || len(j.survey.rivals.settled) > 0
	if !j.req.DryRun {
		if j.rivalKey, err = j.keyFor(ctx, j.req.Env, j.report.Migration); err != nil {
			return err
		}
		if err := j.keepRulings(ctx); err != nil {
			return err
		}
	}
	if err := j.move(ctx, from); err != nil {
		return j.stop(ctx, err)
	}
	if err := j.carry(ctx); err != nil {
		return j.stop(ctx, err)
	}
	return j.finish(ctx)
}

// conclude fills in what is known at the end only.
func (j *job) conclude(ctx context.Context) Report {
	ledger, err := j.cfg.Store.RecordCounts(context.WithoutCancel(ctx), j.req.Env, j.report.Migration)
	if err == nil {
		j.report.Ledger = ledger
	}
	j.report.Elapsed = j.cfg.Now().Sub(j.began)
	if seconds := j.report.Elapsed.Seconds(); seconds > 0 {
		j.report.Rate = float64(j.report.Rows) / seconds
	}
	return j.report
}

// checkpoint is where a run goes on.
func (j *job) checkpoint(at spot) []byte { return waypoint{at, j.survey.absent}.encode() }

// behind gives the end of the part of the source in which a place is.
func (j *job) behind(at spot) int64 {
	switch {
	case !at.Beside:
		return j.req.Source.Size
	case at.Input < len(j.survey.beside):
		return j.survey.beside[at.Input].count
	}
	return 0
}

// begin finds the run to go on with, or starts one. It is not needed when the
// ledger knows every record already.
func (j *job) begin(ctx context.Context) (from spot, needed bool, err error) {
	newest, err := j.cfg.Store.Run(ctx, j.req.Env, j.report.Migration, "")
	goesOn := err == nil && unfinished(&newest)
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return from, false, err
	case goesOn && newest.Digest != j.survey.digest:
		return from, false, &UnfinishedError{Run: newest.ID, Source: newest.Source, Done: newest.Done, Total: newest.Total}
	case err == nil && newest.State == undoing:
		return from, false, ErrUndoing
	case j.req.DryRun:
		return j.survey.first, true, nil
	case goesOn:
		return j.resume(ctx, newest)
	case err == nil && (newest.ID != j.survey.newest.ID || newest.Version != j.survey.newest.Version):
		return from, false, ErrTakenOver // it moved since the ledger was asked: what was counted is not so any more
	case j.survey.fresh == 0 && j.survey.open == 0:
		return from, false, nil
	}
	return j.survey.first, true, j.start(ctx)
}

func unfinished(run *store.Run) bool { return run.State == running || run.State == paused }

func (j *job) start(ctx context.Context) error {
	id, err := j.runID()
	if err != nil {
		return err
	}
	if err := j.putKeys(ctx, id); err != nil {
		return err
	}
	if err := j.keepClaims(ctx); err != nil {
		return err
	}
	at := j.cfg.Now()
	run := store.Run{
		Migration: j.report.Migration, ID: id, Source: j.report.Source, Digest: j.survey.digest, Total: j.survey.fresh,
		Checkpoint: j.checkpoint(j.survey.first), State: running, Started: at, Updated: at,
	}
	detail := runDetail{Run: run.ID, Source: run.Source, Digest: hex.EncodeToString(run.Digest[:]), Rows: j.survey.count}
	j.cfg.Crash(BeforeStart)
	err = j.cfg.Store.Write(ctx, j.req.Env, func(tx store.Tx) error {
		if _, err := tx.HoldRun(ctx, run.Migration); !errors.Is(err, store.ErrNotFound) {
			return errors.Join(err, ErrTakenOver)
		}
		came, err := j.arrived(ctx, tx, run.ID)
		if err != nil {
			return err
		}
		counted := run
		counted.Total -= came
		detail.Total = counted.Total
		if err := tx.StartRun(ctx, counted); err != nil {
			return err
		}
		return tx.Audit(ctx, j.event(audit.MigrationStarted, detail))
	})
	if errors.Is(err, store.ErrExists) {
		return ErrTakenOver
	}
	if err != nil {
		return err
	}
	j.cfg.Crash(AfterStart)
	if err := j.dropKeys(ctx, j.req.Env, run.Migration, run.ID); err != nil {
		return err
	}
	return j.reload(ctx, run.ID)
}

// reload reads the run as it is stored, with its version.
func (j *job) reload(ctx context.Context, id string) (err error) {
	j.run, err = j.cfg.Store.Run(ctx, j.req.Env, j.report.Migration, id)
	j.report.Run = id
	return err
}

// resume takes an unfinished run over and reads where it stands.
func (j *job) resume(ctx context.Context, run store.Run) (from spot, needed bool, err error) {
	w, err := waypointOf(&run)
	if err != nil {
		return from, false, err
	}
	at := w.spot
	if at.Offset > j.behind(at) {
		return from, false, fmt.Errorf("checkpoint of %s lies behind its source: %w", run.ID, store.ErrSchema)
	}
	run.State, run.Updated = running, j.cfg.Now()
	err = j.cfg.Store.Write(ctx, j.req.Env, func(tx store.Tx) error { return tx.AdvanceRun(ctx, run) })
	if err != nil {
		return from, false, overtaken(err)
	}
	j.report.Resumed = true
	return at, true, j.reload(ctx, run.ID)
}

// overtaken names a lost compare-and-set.
func overtaken(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return ErrTakenOver
	}
	return err
}

// stop notes that a run pauses because ctx ended. A run that stops by any other
// error stays as it is; both go on in the same way.
func (j *job) stop(ctx context.Context, cause error) error {
	if ctx.Err() == nil {
		return cause
	}
	if j.run.ID != "" {
		run := j.run
		run.State, run.Updated = paused, j.cfg.Now()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err := j.cfg.Store.Write(ctx, j.req.Env, func(tx store.Tx) error { return tx.AdvanceRun(ctx, run) })
		if err != nil {
			return errors.Join(ErrPaused, cause, overtaken(err))
		}
	}
	return errors.Join(ErrPaused, cause)
}

func (j *job) finish(ctx context.Context) error {
	if j.req.DryRun {
		return nil
	}
	run := j.run
	run.State, run.Updated = done, j.cfg.Now()
	run.Done = run.Total // all were met
	j.cfg.Crash(BeforeFinish)
	err := j.cfg.Store.Write(ctx, j.req.Env, func(tx store.Tx) error {
		if err := tx.AdvanceRun(ctx, run); err != nil {
			return err
		}
		return tx.Audit(ctx, j.event(audit.MigrationFinished, runDetail{Run: run.ID, Source: run.Source, Total: run.Total}))
	})
	if err != nil {
		return overtaken(err)
	}
	j.cfg.Crash(AfterFinish)
	return j.dropKeys(ctx, j.req.Env, run.Migration, "")
}

// runDetail is what audit keeps of a run's start and end.
type runDetail struct {
	Migration string `json:"migration"`
	Run       string `json:"run"`
	Source    string `json:"source"`
	Digest    string `json:"sha256,omitempty"`
	Rows      int64  `json:"rows,omitempty"`
	Total     int64  `json:"total"`
}

func (j *job) event(kind audit.Type, detail runDetail) store.Event {
	detail.Migration = j.report.Migration
	return j.audit.Event(audit.Entry{Type: kind, Actor: j.req.Actor, Detail: detail})
}
