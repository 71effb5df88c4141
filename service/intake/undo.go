package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"sallyport/service/audit"
	"sallyport/store"
)

// UndoRequest asks to take an import back.
type UndoRequest struct {
	Env       store.EnvironmentID
	Migration string
	Run       string // empty: the newest
	// DryRun tells exactly what would happen, and writes nothing.
	DryRun bool
	Actor  audit.Actor // who asked; empty: the system
	// Progress is called after each batch, on Undo's goroutine; nil for none.
	Progress func(UndoReport)
}

// UndoReport tells what an undo did, or would do.
type UndoReport struct {
	Migration string
	Run       string
	DryRun    bool
	Resumed   bool

	Looked  int64 // records of the migration
	Removed int64 // customers whom the run had made and who did nothing here
	// Stay counts by reason those who stay, and their records with them.
	Stay map[StayReason]int64
	// Updated counts people who came by another run or another way and whom this one
	// brought up to date. The ledger keeps digests of values, not the values: what
	// was here before cannot return.
	Updated int64
	// Records are the first of those counted, and what becomes of each.
	Records []Undone
	// Ledger is the whole migration's, after this call.
	Ledger map[store.RecordState]int64
}

// Undone is what an undo does with one record.
type Undone struct {
	Key      string
	Customer string
	Stays    StayReason // empty: the customer is removed, and the record is pending
}

// StayReason says in a stable word why somebody stays.
type StayReason string

// Why somebody stays whom an import had made.
const (
	SignedInHere        StayReason = "signed-in"
	PasswordChangedHere StayReason = "password-changed"
	ChangedHere         StayReason = "changed-here" // by themselves or by an operator
	SharedHere          StayReason = "merged"       // several records are one customer
	GoneHere            StayReason = "customer-gone"
	UpdatedOnly         StayReason = "updated" // the run changed values of somebody who was here
)

// mostUndone is how many records a report lists.
const mostUndone = 1000

const (
	undoing = "undoing"
	undone  = "undone"

	lookAtOnce   = 200 // lines of the ledger that are read at once
	removeAtOnce = 24  // customers that are removed in one transaction
)

// Errors of an undo.
var (
	// ErrNotUndoable: the run has not ended, or was taken back already.
	ErrNotUndoable = errors.New("only a run that is done can be undone")
	// ErrUndoing: a run of the migration is being taken back.
	ErrUndoing = errors.New("a run of this migration is being undone")
)

// The points around an undo.
const (
	BeforeUndo   = "intake.undo.before"
	AfterUndo    = "intake.undo.after"
	BeforeRemove = "intake.remove.before"
	WithinRemove = "intake.remove.within" // written, not committed
	AfterRemove  = "intake.remove.after"
	BeforeUndone = "intake.undone.before"
	AfterUndone  = "intake.undone.after"
)

// Undo removes the customers whom a run made and who did nothing here since; their
// records are pending again. Who signed in or changed something stays, as do people
// of other runs whom this one changed. It goes on where an earlier call stopped.
//
// Errors: [ErrNotUndoable], store.ErrNotFound, [ErrRunning], [ErrTakenOver],
// [ErrPaused] when ctx ended, and those of the store, after which the same call goes on.
func (s *Service) Undo(ctx context.Context, req UndoRequest) (UndoReport, error) {
	if req.Actor == "" {
		req.Actor = audit.System
	}
	u := &undo{Service: s, req: req}
	u.report = UndoReport{Migration: req.Migration, Run: req.Run, DryRun: req.DryRun, Stay: map[StayReason]int64{}}
	leave, err := s.enter(place{req.Env, req.Migration})
	if err != nil {
		return u.report, fmt.Errorf("undoing %s: %w", req.Run, err)
	}
	defer leave()
	if err = u.work(ctx); err != nil {
		if ctx.Err() != nil {
			err = errors.Join(ErrPaused, err)
		}
		err = fmt.Errorf("undoing %s: %w", req.Run, err)
	}
	if ledger, failed := s.cfg.Store.RecordCounts(context.WithoutCancel(ctx), req.Env, req.Migration); failed == nil {
		u.report.Ledger = ledger
	}
	return u.report, err
}

// undo is one call of Undo.
type undo struct {
	*Service
	req    UndoRequest
	run    store.Run
	at     undoPlace
	base   undoPlace // at the beginning of the page: a page that is looked at again counts once
	report UndoReport
}

// undoPlace is where an undo goes on, and what it did before.
type undoPlace struct {
	After   string               `json:"after"` // cursor
	Looked  int64                `json:"looked"`
	Removed int64                `json:"removed"`
	Updated int64                `json:"updated"`
	Stay    map[StayReason]int64 `json:"stay"`
}

func (u *undo) work(ctx context.Context) (err error) {
	if u.run, err = u.cfg.Store.Run(ctx, u.req.Env, u.req.Migration, u.req.Run); err != nil {
		return err
	}
	u.report.Run = u.run.ID
	switch u.run.State {
	case done:
		u.at = undoPlace{Stay: map[StayReason]int64{}}
		err = u.begin(ctx)
	case undoing:
		u.report.Resumed = true
		if err := json.Unmarshal(u.run.Checkpoint, &u.at); err != nil || u.at.Stay == nil {
			return fmt.Errorf("checkpoint of %s is not readable: %w", u.run.ID, store.ErrSchema)
		}
	default:
		return ErrNotUndoable
	}
	if err != nil {
		return err
	}
	for more := true; more; {
		if more, err = u.page(ctx); err != nil {
			return err
		}
	}
	return u.end(ctx)
}

// advance moves the run on, with what else belongs into the transaction.
func (u *undo) advance(ctx context.Context, state string, more func(store.Tx) error) error {
	run := u.run
	run.State, run.Updated = state, u.cfg.Now()
	run.Checkpoint, _ = json.Marshal(u.at) // texts and numbers always marshal
	err := u.cfg.Store.Write(ctx, u.req.Env, func(tx store.Tx) error {
		if err := tx.AdvanceRun(ctx, run); err != nil {
			return overtaken(err)
		}
		return more(tx)
	})
	if err == nil {
		u.run = run
		u.run.Version++
	}
	return err
}

// undoDetail is what audit keeps of an undo.
type undoDetail struct {
	Migration string               `json:"migration"`
	Run       string               `json:"run"`
	Removed   int64                `json:"removed"`
	Updated   int64                `json:"updated,omitempty"`
	Stay      map[StayReason]int64 `json:"stay,omitempty"`
}

func (u *undo) event(kind audit.Type, detail undoDetail) store.Event {
	detail.Migration, detail.Run = u.req.Migration, u.run.ID
	return u.audit.Event(audit.Entry{Type: kind, Actor: u.req.Actor, Detail: detail})
}

func (u *undo) begin(ctx context.Context) error {
	if u.req.DryRun {
		return nil
	}
	u.cfg.Crash(BeforeUndo)
	err := u.advance(ctx, undoing, func(tx store.Tx) error {
		if _, err := tx.HoldRun(ctx, u.req.Migration); !errors.Is(err, store.ErrNotFound) {
			return errors.Join(err, ErrNotUndoable) // another one is not finished
		}
		return tx.Audit(ctx, u.event(audit.MigrationUndoing, undoDetail{}))
	})
	if err == nil {
		u.cfg.Crash(AfterUndo)
	}
	return err
}

func (u *undo) end(ctx context.Context) error {
	u.total()
	if u.req.DryRun {
		return nil
	}
	u.cfg.Crash(BeforeUndone)
	err := u.advance(ctx, undone, func(tx store.Tx) error {
		detail := undoDetail{Removed: u.at.Removed, Updated: u.at.Updated, Stay: u.at.Stay}
		return tx.Audit(ctx, u.event(audit.MigrationUndone, detail))
	})
	if err == nil {
		u.cfg.Crash(AfterUndone)
	}
	return err
}

// total puts what was reached into the report.
func (u *undo) total() {
	u.report.Looked, u.report.Removed, u.report.Updated, u.report.Stay = u.at.Looked, u.at.Removed, u.at.Updated, u.at.Stay
}

// page looks at some records and removes whom it may.
func (u *undo) page(ctx context.Context) (more bool, err error) {
	page := store.MovePage{Migration: u.req.Migration, After: u.at.After, Limit: lookAtOnce}
	moves, next, err := u.cfg.Store.LedgerRecords(ctx, u.req.Env, page)
	if err != nil {
		return false, err
	}
	u.base = u.at
	u.base.Stay = maps.Clone(u.at.Stay)
	var leaving []leaver
	for _, m := range moves {
		it, of, err := u.judge(ctx, m)
		if err != nil {
			return false, err
		}
		switch {
		case !of:
		case it.stays != "":
			u.stays(it)
		default:
			leaving = append(leaving, it)
		}
		if len(leaving) == removeAtOnce {
			if err := u.remove(ctx, leaving); err != nil {
				return false, err
			}
			leaving = nil
		}
	}
	if len(leaving) > 0 {
		if err := u.remove(ctx, leaving); err != nil {
			return false, err
		}
	}
	u.at.After = next
	u.at.Looked += int64(len(moves))
	if u.total(); u.req.Progress != nil {
		u.req.Progress(u.report)
	}
	if next == "" || u.req.DryRun {
		return next != "", ctx.Err()
	}
	return true, u.advance(ctx, undoing, func(store.Tx) error { return nil })
}

func (u *undo) stays(it leaver) {
	if it.stays == UpdatedOnly {
		u.at.Updated++
	} else {
		u.at.Stay[it.stays]++
	}
	u.list(it)
}

func (u *undo) list(it leaver) {
	if len(u.report.Records) < mostUndone {
		u.report.Records = append(u.report.Records, Undone{it.move.Key, it.move.Customer, it.stays})
	}
}

// remove removes people in one transaction. Who did something since they were
// looked at stays.
func (u *undo) remove(ctx context.Context, all []leaver) error {
	if u.req.DryRun {
		u.at.Removed += int64(len(all))
		for _, it := range all {
			u.list(it)
		}
		return nil
	}
	u.cfg.Crash(BeforeRemove)
	began := u.cfg.Now()
	if err := u.advanceRemoving(ctx, all); err != nil {
		return err
	}
	u.cfg.Crash(AfterRemove)
	return u.cfg.Rest(ctx, Importing, u.cfg.Now().Sub(began))
}

// advanceRemoving is the transaction. The place stays before the page until the page
// is done: those who were removed are pending then, and are passed by.
func (u *undo) advanceRemoving(ctx context.Context, all []leaver) error {
	var stay []leaver
	var gone []leaver
	run, at := u.run, u.cfg.Now()
	run.State, run.Updated = undoing, at
	err := u.cfg.Store.Write(ctx, u.req.Env, func(tx store.Tx) error {
		stay, gone = nil, nil
		for _, it := range all {
			why, err := u.removeOne(ctx, tx, it, at)
			switch {
			case errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrNotFound):
				it.stays = cmp.Or(why, ChangedHere)
				stay = append(stay, it)
			case err != nil:
				return err
			default:
				gone = append(gone, it)
			}
		}
		place := u.base
		place.Removed = u.at.Removed + int64(len(gone))
		run.Checkpoint, _ = json.Marshal(place)
		if err := tx.AdvanceRun(ctx, run); err != nil {
			return overtaken(err)
		}
		if err := tx.Audit(ctx, u.event(audit.MigrationRemoved, undoDetail{Removed: int64(len(gone))})); err != nil {
			return err
		}
		u.cfg.Crash(WithinRemove)
		return nil
	})
	if err != nil {
		return err
	}
	u.run = run
	u.run.Version++
	u.at.Removed += int64(len(gone))
	for _, it := range gone {
		u.list(it)
	}
	for _, it := range stay {
		u.stays(it)
	}
	return nil
}

// removeOne compares once more, in the transaction: whoever signed in since they were
// looked at, and perhaps out again, stays. A sign-in that is being written waits for
// this one, or this one for it.
func (u *undo) removeOne(ctx context.Context, tx store.Tx, it leaver, at time.Time) (why StayReason, err error) {
	known, err := tx.KnownRecords(ctx, u.req.Migration, []string{it.move.Key})
	if err != nil {
		return "", err
	}
	if now := known[it.move.Key]; now.State != it.move.State || now.Customer != it.move.Customer {
		return "", store.ErrConflict
	}
	if why, err = u.did(ctx, it.since); err != nil || why != "" {
		return why, cmp.Or(err, store.ErrConflict)
	}
	if err := tx.RemoveCustomer(ctx, it.person.ID, it.person.Version); err != nil {
		return "", err
	}
	return "", tx.MoveRecords(ctx, []store.RecordMove{{
		Migration: u.req.Migration, Key: it.move.Key, State: store.RecordPending, Reason: undone, Row: it.move.Row, Run: u.run.ID, At: at,
	}})
}
