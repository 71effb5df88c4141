package intake

import (
	"cmp"
	"context"
	"errors"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/store"
)

// move writes prepared items batch by batch, from a position to the end.
func (j *job) move(ctx context.Context, from spot) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel() // also when a crash point panics
	f := &feed{chunks: j.prepare(inner, from)}
	size := newPace()
	for at := from; ; {
		items, err := f.take(ctx, size.rows())
		if err != nil {
			return err
		}
		if len(items) == 0 {
			if at.Row != j.survey.count {
				return ErrSourceChanged
			}
			return nil
		}
		at = items[len(items)-1].after
		took, err := j.write(ctx, items)
		if err != nil {
			return err
		}
		size.learn(len(items), took)
		j.progress(at)
		if err := j.cfg.Rest(ctx, Importing, took); err != nil {
			return err
		}
	}
}

func (j *job) progress(at spot) {
	if j.req.Progress == nil {
		return
	}
	p := Progress{Phase: Moving, Run: j.report.Run, Rows: at.Row, Of: j.survey.count, Held: j.report.Summary.Verdicts[migrate.Hold]}
	if seconds := j.cfg.Now().Sub(j.began).Seconds(); seconds > 0 {
		p.Rate = float64(at.Row) / seconds
	}
	j.req.Progress(p)
}

// errRehearsed ends the transaction of a dry run.
var errRehearsed = errors.New("rehearsed")

// write decides and stores one batch in one transaction, and tells how long
// that kept others waiting.
func (j *job) write(ctx context.Context, items []item) (time.Duration, error) {
	j.cfg.Crash(BeforeBatch)
	b, entered, err := j.settle(ctx, items)
	if err != nil && !errors.Is(err, errRehearsed) {
		return 0, err
	}
	j.cfg.Crash(AfterBatch)
	if !j.req.DryRun {
		b.run.Version++ // as AdvanceRun did
		j.run = b.run
	}
	for _, o := range b.outcomes {
		j.report.Summary.Add(o)
	}
	j.report.Completed += b.completed
	if b.withheld > 0 {
		j.report.Kept["password"] += b.withheld
	}
	return j.cfg.Now().Sub(entered), nil
}

// batchTries is how often a batch is tried that meets people who come or go.
const batchTries = 8

// settle tries a batch until nobody is out of date and nothing clashes.
func (j *job) settle(ctx context.Context, items []item) (b *batch, entered time.Time, err error) {
	for range batchTries {
		b, entered, err = j.attempt(ctx, items)
		switch {
		case errors.Is(err, errRefresh):
			if err := j.refresh(ctx, b.stale); err != nil {
				return b, entered, err
			}
		case errors.Is(err, errUnsure):
			if err := j.lookAtWays(ctx, b.unsure); err != nil {
				return b, entered, err
			}
		case errors.Is(err, store.ErrExists) && !j.careful:
			j.careful = true
		case !errors.Is(err, store.ErrConflict): // which is somebody erased a moment ago
			return b, entered, err
		}
	}
	return b, entered, err
}

// attempt is one transaction. Until something proves to be taken it does not
// ask before creating: in a first import next to nothing is.
func (j *job) attempt(ctx context.Context, items []item) (b *batch, entered time.Time, err error) {
	err = j.cfg.Store.Write(ctx, j.req.Env, func(tx store.Tx) error {
		entered = j.cfg.Now()
		b = &batch{job: j, tx: tx, at: entered} // afresh: the engine may call again
		if err := b.decide(ctx, items); err != nil {
			return err
		}
		if j.req.DryRun {
			return errRehearsed
		}
		return b.store(ctx, items[len(items)-1].after)
	})
	return b, entered, err
}

// batch is one transaction's worth of records.
type batch struct {
	*job
	tx        store.Tx
	at        time.Time
	run       store.Run
	outcomes  []migrate.Outcome // of records that were not known, or are let in now
	fresh     int64             // of those that were not known
	completed int64             // records that were known and are complete now
	withheld  int64             // passwords that nobody is given
	unsure    []customer.ID     // to be looked at before the batch
	stale     []stale           // to be brought up to date before the batch
	people    []newcomer
	moves     []store.RecordMove
	claims    []store.RivalClaim
}

// decide leaves out what the ledger knows, holds what claims a taken
// identifier, and makes the ledger's lines of the rest.
func (b *batch) decide(ctx context.Context, items []item) error {
	keys, claims := claimed(items)
	known, err := b.tx.KnownRecords(ctx, b.report.Migration, keys)
	if err != nil {
		return err
	}
	var taken map[store.IdentifierKey]customer.ID
	if b.careful || b.req.DryRun {
		if taken, err = b.tx.TakenIdentifiers(ctx, claims); err != nil {
			return err
		}
	}
	buried, err := b.buried(ctx, items)
	if err != nil {
		return err
	}
	for _, it := range items {
		where, is := known[it.outcome.Key]
		if where.State != store.RecordImported && where.State != store.RecordStaged {
			buried.bury(&it.outcome)
		}
		if is && !it.repeated && where.Run == b.job.run.ID && where.Way != store.WayBulk {
			b.fresh++ // the run counted it, and somebody brought it another way
		}
		if !it.repeated && where.State != store.RecordErased && where.State != store.RecordImported {
			if err := b.claim(ctx, &it, taken); err != nil {
				return err
			}
		}
		switch {
		case it.repeated:
		case !is:
			b.fresh++
			b.add(it, taken)
		case where.State == store.RecordPending: // put back by an undo
			b.add(it, taken)
		case b.req.retries(where), b.survey.rivals.frees(where, &it.outcome):
			b.again(it, where, taken)
		case b.admits(where, &it.mapped):
			b.completed++
			b.add(it, taken)
		default:
			outdated, err := b.outdated(ctx, b.req, where, &it.outcome)
			switch {
			case err != nil:
				return err
			case outdated && !b.refreshedKeys[it.outcome.Key]:
				b.stale = append(b.stale, stale{it, where})
			case completes(where, &it.mapped) && !b.refreshedKeys[it.outcome.Key]:
				err = b.complete(ctx, it, where)
			}
			if err != nil {
				return err
			}
		}
	}
	if len(b.stale) > 0 {
		return errRefresh
	}
	if len(b.unsure) > 0 {
		return errUnsure
	}
	return nil
}

// buried tells which of a batch's records are of people who were erased.
func (b *batch) buried(ctx context.Context, items []item) (graves, error) {
	outcomes := make([]*migrate.Outcome, len(items))
	for i := range items {
		outcomes[i] = &items[i].outcome
	}
	return b.buriedAmong(ctx, b.tx, b.req.Env, outcomes)
}

// claimed lists the keys of a batch and the identifiers that it would create.
func claimed(items []item) (keys []string, ids []customer.Identifier) {
	keys = make([]string, 0, len(items))
	ids = make([]customer.Identifier, 0, 3*len(items))
	for i := range items {
		keys = append(keys, items[i].outcome.Key)
		if items[i].outcome.Verdict() == migrate.Accept {
			ids = append(ids, items[i].outcome.Identifiers...)
		}
	}
	return keys, ids
}

// free holds an outcome of which somebody here has an identifier or the id.
func (it *item) free(taken map[store.IdentifierKey]customer.ID) migrate.Outcome {
	o := it.outcome
	if o.Verdict() == migrate.Accept {
		o = takenFrom(o, taken)
	}
	if o.Verdict() == migrate.Accept && it.lost {
		o = migrate.WithoutID(o)
	}
	return o
}

// again looks once more at a record that is held or was dropped.
func (b *batch) again(it item, where store.KnownRecord, taken map[store.IdentifierKey]customer.ID) {
	o := it.free(taken)
	if states[o.Verdict()] == where.State && string(o.Reason()) == where.Reason {
		return
	}
	if o.Verdict() == migrate.Accept {
		b.completed++
	}
	b.add(it, taken)
}

func (b *batch) add(it item, taken map[store.IdentifierKey]customer.ID) {
	o := it.free(taken)
	move := store.RecordMove{
		Migration: b.report.Migration, Key: o.Key, State: states[o.Verdict()], Way: store.WayBulk, Reason: string(o.Reason()),
		Row: o.Row, Run: b.job.run.ID, At: b.at,
	}
	if o.Rejection != nil {
		move.Detail = o.Rejection.Detail
	}
	if o.Verdict() == migrate.Accept {
		n := it.person.dated(b.at)
		move.Customer, move.Reason, move.Marks = n.Customer.ID.String(), string(cmp.Or(o.Lacks(), o.Settled)), n.marks
		if o.Lacks() == migrate.NoPassword && b.req.Stage {
			move.State = store.RecordStaged
		}
		b.people = append(b.people, n)
	}
	b.moves = append(b.moves, move)
	b.outcomes = append(b.outcomes, o)
}

// states is where a verdict puts a record.
var states = map[migrate.Verdict]store.RecordState{
	migrate.Accept: store.RecordImported, migrate.Hold: store.RecordHeld, migrate.Leave: store.RecordDropped,
}

// store writes the batch: people, ledger, checkpoint and audit event.
func (b *batch) store(ctx context.Context, after spot) error {
	b.run = b.job.run
	b.run.Done += b.fresh
	b.run.Checkpoint, b.run.Updated = b.checkpoint(after), b.at
	// First, so that a worker that was overtaken does nothing else.
	if err := b.tx.AdvanceRun(ctx, b.run); err != nil {
		return overtaken(err)
	}
	if err := storePeople(ctx, b.tx, b.people, b.careful); err != nil {
		return err
	}
	if err := b.tx.PutRivalClaims(ctx, b.claims); err != nil {
		return err
	}
	if len(b.moves) > 0 {
		if err := b.tx.MoveRecords(ctx, b.moves); err != nil {
			return err
		}
		if err := b.tx.Audit(ctx, b.event(after)); err != nil {
			return err
		}
	}
	b.cfg.Crash(WithinBatch)
	return nil
}

// batchDetail is what audit keeps of a batch.
type batchDetail struct {
	Migration string           `json:"migration"`
	Run       string           `json:"run"`
	Rows      int64            `json:"rows"` // of the source, read so far
	Imported  int              `json:"imported"`
	Completed int64            `json:"completed,omitempty"` // known before, and complete now
	Reasons   map[string]int64 `json:"reasons,omitempty"`   // of what was held or dropped
	Holdings  *Holdings        `json:"holdings,omitempty"`  // accounts and claims, behind the people
}

func (b *batch) event(after spot) store.Event {
	detail := batchDetail{Migration: b.report.Migration, Run: b.run.ID, Rows: after.Row, Imported: len(b.people), Completed: b.completed}
	for _, m := range b.moves {
		if m.Reason == "" || m.State == store.RecordImported {
			continue
		}
		if detail.Reasons == nil {
			detail.Reasons = map[string]int64{}
		}
		detail.Reasons[m.Reason]++
	}
	return b.audit.Event(audit.Entry{At: b.at, Type: audit.MigrationBatch, Actor: b.req.Actor, Detail: detail})
}
