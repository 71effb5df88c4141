package intake

import (
	"context"
	"errors"
	"fmt"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// leaver is a record of the run, and its customer.
type leaver struct {
	move   store.RecordMove
	since  store.RecordMove // the line that made the customer
	person customer.Customer
	stays  StayReason
}

// judge tells whether a record is of the run, and whether its customer stays.
func (u *undo) judge(ctx context.Context, m store.RecordMove) (it leaver, of bool, err error) {
	it.move = m
	if m.Customer == "" || m.State != store.RecordImported && m.State != store.RecordStaged || m.At.Before(u.run.Started) {
		return it, false, nil
	}
	lines, err := u.cfg.Store.LedgerLines(ctx, u.req.Env, m.Migration, m.Key)
	if err != nil {
		return it, false, err
	}
	first, touched := store.RecordMove{}, false
	for _, line := range lines {
		if first.Key == "" && line.Customer == m.Customer {
			first = line
		}
		touched = touched || line.Run == u.run.ID && line.Customer == m.Customer && line.State != store.RecordPending
	}
	if first.Run != u.run.ID || first.Way != store.WayBulk {
		it.stays = UpdatedOnly
		return it, touched && first.Way == store.WayBulk, nil
	}
	it.since = first
	it.person, it.stays, err = u.lives(ctx, first)
	return it, true, err
}

// lives tells whether somebody did something here since a line was written.
func (u *undo) lives(ctx context.Context, since store.RecordMove) (c customer.Customer, why StayReason, err error) {
	id, err := customer.ParseID(since.Customer)
	if err != nil {
		return c, "", fmt.Errorf("the ledger's line of a record: %w", err)
	}
	if c, err = u.cfg.Store.Customer(ctx, u.req.Env, id); errors.Is(err, store.ErrNotFound) {
		return c, GoneHere, nil
	}
	if err != nil {
		return c, "", err
	}
	records, err := u.cfg.Store.RecordsOf(ctx, u.req.Env, since.Customer)
	if err == nil && len(records) > 1 {
		return c, SharedHere, nil
	}
	if err == nil {
		why, err = u.did(ctx, since)
	}
	return c, why, err
}

// did looks into the audit ledger, which has all that anybody does.
func (u *undo) did(ctx context.Context, since store.RecordMove) (why StayReason, err error) {
	rank := map[StayReason]int{ChangedHere: 1, SignedInHere: 2, PasswordChangedHere: 3}
	query := store.AuditQuery{Customer: since.Customer, From: since.At, Limit: 100}
	for {
		events, next, err := u.cfg.Store.AuditEvents(ctx, u.req.Env, query)
		if err != nil {
			return "", err
		}
		for _, e := range events {
			if reason := deed(audit.Type(e.Type), e.Result); rank[reason] > rank[why] {
				why = reason
			}
		}
		if query.Before = next; next == "" || why == PasswordChangedHere {
			return why, nil
		}
	}
}

// deed says what an event about a customer tells of them: nothing, if others looked
// at them, somebody guessed at their password, or the migration itself acted.
func deed(kind audit.Type, result string) StayReason {
	switch kind {
	case audit.CustomerViewed, audit.AccountViewed, audit.CustomersSearched, audit.RecordsViewed, audit.CredentialWrapped, audit.MigrationBatch:
		return ""
	case audit.PasswordChanged:
		return PasswordChangedHere
	}
	if result != "" && result != audit.OK {
		return ""
	}
	switch kind {
	case audit.SignedIn, audit.SignedOut, audit.TokenIssued, audit.TokenRefreshed, audit.Authorized, audit.CredentialUpgraded, audit.MigrationAdmitted:
		return SignedInHere
	}
	return ChangedHere
}
