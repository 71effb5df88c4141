package intake

import (
	"context"
	"errors"
	"fmt"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/store"
)

// Why a completed record lacks a password still.
const (
	ownPassword  = "a password was set before the hash came, and stays"
	customerGone = "customer-gone"
)

// incomplete tells whether a record that the ledger knows waits for what a
// later source may have.
func incomplete(known store.KnownRecord) bool {
	switch migrate.Reason(known.Reason) {
	case migrate.NoPassword, migrate.OtherProvider:
		return known.State == store.RecordImported || known.State == store.RecordStaged
	case migrate.HashWithoutUser:
		return known.State == store.RecordHeld
	}
	return false
}

// completes tells whether an outcome, before it is judged, brings the password
// of somebody who was imported without.
func completes(known store.KnownRecord, o *migrate.Outcome) bool {
	return (known.State == store.RecordImported || known.State == store.RecordStaged) && incomplete(known) && o.Hash != nil &&
		(o.Verdict() == migrate.Accept || o.Reason() == migrate.HashWithoutUser)
}

// admits tells whether an outcome is the user for whom a hash has waited, or brings the
// factor for which somebody does.
func (s *Service) admits(known store.KnownRecord, o *migrate.Outcome) bool {
	return s.bringsFactor(known, o) || known.State == store.RecordHeld && incomplete(known) && o.Reason() != migrate.HashWithoutUser
}

// errUnsure ends a batch's transaction before it wrote anything: of some whom it completes
// it is looked up first whether they made what signs them in their own.
var errUnsure = errors.New("people to be looked at")

// lookAtWays notes who has ways in of their own and no password: nobody gives them one.
func (j *job) lookAtWays(ctx context.Context, ids []customer.ID) error {
	for _, id := range ids {
		c := &comparison{}
		var err error
		if c.here, err = j.look(ctx, j.req.Env, id); errors.Is(err, store.ErrNotFound) {
			j.ownWays[id] = false // and is gone
			continue
		}
		if err != nil {
			return err
		}
		secured, err := j.secured(ctx, c, id)
		if err != nil {
			return err
		}
		j.ownWays[id] = secured && c.here.credential == nil
	}
	return nil
}

// complete gives somebody who was imported without a password the one that they
// had. Whoever has set one meanwhile keeps it, and whoever made another way in is given none.
func (b *batch) complete(ctx context.Context, it item, known store.KnownRecord) error {
	move := store.RecordMove{
		Migration: b.report.Migration, Key: it.outcome.Key, State: store.RecordImported, Way: known.Way, Row: it.outcome.Row,
		Customer: known.Customer, Run: b.job.run.ID, Marks: passwordAt(known.Marks, b.at), At: b.at,
	}
	if known.Way != store.WayBulk {
		move.Run = known.Run // the run that counted it, if one did
	}
	id, err := customer.ParseID(known.Customer)
	if err != nil {
		return fmt.Errorf("the ledger's line of a record: %w", err)
	}
	switch secured, looked := b.ownWays[id]; {
	case !looked:
		b.unsure = append(b.unsure, id)
		return nil
	case secured:
		b.withheld++
		move.Reason, move.Detail, move.Marks = string(KeptHere), "changed here, and stays: password", known.Marks
		b.moves = append(b.moves, move)
		return nil
	}
	b.completed++
	if b.req.DryRun {
		return nil
	}
	sealed, err := b.seal(ctx, b.req.Env, id, it.mapped.Hash)
	if err != nil {
		return err
	}
	sealed.Updated = b.at
	switch err := b.tx.PutCredential(ctx, *sealed); {
	case errors.Is(err, store.ErrConflict):
		move.Detail, move.Marks = ownPassword, known.Marks
	case errors.Is(err, store.ErrNotFound):
		move.Reason = customerGone
	case err != nil:
		return err
	}
	b.moves = append(b.moves, move)
	return nil
}
