package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/store"
)

// KeptHere is the reason of a record of which a newer source has values that were
// changed here: those stay, and the line names them.
const KeptHere migrate.Reason = "kept-here"

// The points around bringing people up to date.
const (
	BeforeRefresh = "intake.refresh.before"
	AfterRefresh  = "intake.refresh.after"
)

// errRefresh ends a batch's transaction before it wrote anything: of some of its
// records the source has changed values, which are brought up to date first.
var errRefresh = errors.New("records to bring up to date")

// stale is a record of somebody who is here, of which the source has other values
// than it brought.
type stale struct {
	item
	known store.KnownRecord
}

// outdated tells whether a known record's values changed at the source. Of what an
// earlier release brought nobody knows what that was, so it stays.
func (s *Service) outdated(ctx context.Context, req Request, known store.KnownRecord, o *migrate.Outcome) (bool, error) {
	if known.State != store.RecordImported && known.State != store.RecordStaged || o.Verdict() != migrate.Accept {
		return false, nil
	}
	before, is, err := s.decode(ctx, req.Env, req.Plan.Name(), known.Marks)
	if err != nil || !is {
		return false, err
	}
	return !same(before.values, o.Marks), nil
}

// refreshAtOnce is how many people are brought up to date in one transaction.
const refreshAtOnce = 32

// refreshTries is how often somebody is looked at who changes at the same moment.
const refreshTries = 3

// refresh brings people up to date, field by field. Whom it did is out of date no
// more, so a batch that is tried again, or a run that goes on, passes them by.
func (j *job) refresh(ctx context.Context, all []stale) error {
	for some := range slices.Chunk(all, refreshAtOnce) {
		left := some
		for try := 0; len(left) > 0; try++ {
			if try == refreshTries {
				return fmt.Errorf("%d people change at every moment: %w", len(left), store.ErrConflict)
			}
			var err error
			if left, err = j.known(ctx, left, try > 0); err != nil {
				return err
			}
			if left, err = j.refreshSome(ctx, left); err != nil {
				return err
			}
		}
	}
	return nil
}

// known reads again where people stand who changed a moment ago, and leaves out
// whom somebody else brought up to date.
func (j *job) known(ctx context.Context, all []stale, again bool) ([]stale, error) {
	if !again {
		return all, nil
	}
	var left []stale
	for _, it := range all {
		m, err := j.cfg.Store.LedgerRecord(ctx, j.req.Env, j.report.Migration, it.outcome.Key)
		if err != nil {
			return nil, err
		}
		it.known = store.KnownRecord{State: m.State, Way: m.Way, Reason: m.Reason, Customer: m.Customer, Run: m.Run, Marks: m.Marks}
		outdated, err := j.outdated(ctx, j.req, it.known, &it.outcome)
		if err != nil {
			return nil, err
		}
		if outdated {
			left = append(left, it)
		}
	}
	return left, nil
}

// refreshSome is one transaction, and gives back whom it met at a change.
func (j *job) refreshSome(ctx context.Context, some []stale) (left []stale, err error) {
	changes := make([]*change, 0, len(some))
	for _, it := range some {
		c, err := j.compare1(ctx, it)
		if err != nil {
			return nil, err
		}
		if err := j.prepareAwaited(ctx, c); err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	if !j.req.DryRun {
		j.cfg.Crash(BeforeRefresh)
		err = j.cfg.Store.Write(ctx, j.req.Env, func(tx store.Tx) error {
			left = nil
			detail := refreshDetail{Migration: j.report.Migration, Run: j.run.ID}
			for i, c := range changes {
				switch err := j.apply(ctx, tx, c); {
				case errors.Is(err, store.ErrConflict):
					left = append(left, some[i])
				case err != nil:
					return err
				default:
					detail.add(&some[i], c)
				}
			}
			return tx.Audit(ctx, j.audit.Event(audit.Entry{Type: audit.MigrationBatch, Actor: j.req.Actor, Detail: detail}))
		})
		if err != nil {
			return nil, err
		}
		j.cfg.Crash(AfterRefresh)
	}
	for i, c := range changes {
		if slices.ContainsFunc(left, func(s stale) bool { return s.outcome.Key == c.move.Key }) {
			continue
		}
		j.refreshedKeys[c.move.Key] = true
		if completes(some[i].known, &some[i].mapped) {
			j.report.Completed++
		} else {
			j.report.Updated++
		}
		for _, target := range c.kept {
			j.report.Kept[target]++
		}
	}
	return left, nil
}

// refreshDetail is what audit keeps of people who were brought up to date.
type refreshDetail struct {
	Migration string         `json:"migration"`
	Run       string         `json:"run"`
	Completed int            `json:"completed,omitempty"` // by what had been missing
	Updated   int            `json:"updated,omitempty"`   // by what changed
	Kept      map[string]int `json:"kept,omitempty"`      // by field
}

// add counts one of them.
func (d *refreshDetail) add(it *stale, c *change) {
	if completes(it.known, &it.mapped) {
		d.Completed++
	} else {
		d.Updated++
	}
	for _, target := range c.kept {
		if d.Kept == nil {
			d.Kept = map[string]int{}
		}
		d.Kept[target]++
	}
}

// apply does what was found to be done. The customer's own version comes first:
// whoever changed since they were compared has not been written to then.
func (j *job) apply(ctx context.Context, tx store.Tx, c *change) error {
	known, err := tx.KnownRecords(ctx, c.move.Migration, []string{c.move.Key})
	if err != nil {
		return err
	}
	if at := known[c.move.Key]; at.State != c.known.State || at.Customer != c.known.Customer || !bytes.Equal(at.Marks, c.known.Marks) {
		return store.ErrConflict
	}
	at := j.cfg.Now()
	c.move.At = at
	if c.touched {
		if err := j.applyPerson(ctx, tx, c, at); err != nil {
			return err
		}
	}
	move := c.move
	if c.credential != nil {
		sealed := *c.credential
		sealed.Updated = at
		switch err := tx.PutCredential(ctx, sealed); {
		case errors.Is(err, store.ErrConflict): // signed in, or chose another, a moment ago
			c.keep("password")
		case err != nil:
			return err
		default:
			move.Marks = passwordAt(move.Marks, at)
		}
	}
	return tx.MoveRecords(ctx, []store.RecordMove{c.lined(move)})
}

func (j *job) applyPerson(ctx context.Context, tx store.Tx, c *change, at time.Time) error {
	person := c.person
	person.Updated = at
	if c.cut {
		cut, news := directory.Cut(person, at)
		if person = cut; person.State == customer.Disabled {
			if err := tx.Publish(ctx, news); err != nil {
				return err
			}
		}
	}
	if err := j.applyIdentifiers(ctx, tx, c, person); err != nil {
		return err
	}
	if c.awaited != nil {
		if err := c.awaited(ctx, tx); err != nil {
			return err
		}
	}
	for _, f := range c.factors {
		if err := tx.PutFactor(ctx, f); err != nil && !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	if len(c.links) > 0 {
		if err := tx.PutLinks(ctx, c.links); err != nil && !errors.Is(err, store.ErrExists) {
			return err
		}
	}
	return putPasskeys(ctx, tx, c.passkeys, true)
}

// applyIdentifiers changes what somebody signs in by. An address that somebody else
// has stays theirs, and then the kind stays as it is.
func (j *job) applyIdentifiers(ctx context.Context, tx store.Tx, c *change, person customer.Customer) error {
	taken, err := tx.TakenIdentifiers(ctx, c.identifiers)
	if err != nil {
		return err
	}
	if err := tx.UpdateCustomer(ctx, person); err != nil {
		return err
	}
	clash := map[customer.IdentifierKind]bool{}
	for key, owner := range taken {
		if owner != person.ID {
			clash[key.Kind] = true
			c.keep(string(key.Kind))
		}
	}
	for _, id := range c.gone {
		if clash[id.Kind] {
			continue
		}
		if err := tx.DeleteIdentifier(ctx, person.ID, store.IdentifierKey{Kind: id.Kind, Value: id.Value}); err != nil {
			return err
		}
	}
	for _, id := range c.identifiers {
		if clash[id.Kind] {
			continue
		}
		if err := tx.PutIdentifier(ctx, person.ID, id); err != nil {
			return err
		}
	}
	return nil
}

// lined is the line of the ledger with what was kept.
func (c *change) lined(move store.RecordMove) store.RecordMove {
	move.Detail = ""
	if len(c.kept) == 0 {
		return move
	}
	if move.Reason == "" {
		move.Reason = string(KeptHere)
	}
	slices.Sort(c.kept)
	c.kept = slices.Compact(c.kept)
	move.Detail = "changed here, and stays: " + strings.Join(c.kept, ", ")
	return move
}

func (c *change) keep(target string) { c.kept = append(c.kept, target) }
