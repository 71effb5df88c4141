package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
	"sallyport/web/admin"
)

// archive reads for the management routes what is stored and needs no deciding.
type archive struct{ store store.Reader }

// Revisions implements admin.History.
func (a archive) Revisions(ctx context.Context, live *environment.Live, before int64, limit int) ([]admin.Revision, error) {
	stored, err := a.store.RevisionList(ctx, live.ID, before, limit)
	list := []admin.Revision{}
	for _, r := range stored {
		list = append(list, revisionOf(r))
	}
	return list, err
}

// Revision implements admin.History.
func (a archive) Revision(ctx context.Context, live *environment.Live, number int64) (admin.Revision, admin.Files, error) {
	stored, err := a.store.Revision(ctx, live.ID, number)
	if err != nil {
		return admin.Revision{}, nil, fmt.Errorf("reading revision %d: %w", number, err)
	}
	tree, err := config.Decode(stored.Content)
	if err != nil {
		return admin.Revision{}, nil, fmt.Errorf("decoding revision %d: %w", stored.Number, err)
	}
	return revisionOf(stored), tree.Files(), nil
}

func revisionOf(r store.Revision) admin.Revision {
	return admin.Revision{
		Number: r.Number, Base: r.Base, Digest: hex.EncodeToString(r.Digest[:]), Author: r.Author,
		Message: r.Message, BreakGlass: r.BreakGlass, Created: r.Created.UTC(),
	}
}

// Events implements admin.Ledger.
func (a archive) Events(ctx context.Context, live *environment.Live, query, cursor string, limit int) ([]admin.Event, string, error) {
	q, err := audit.ParseQuery(query, now())
	if err != nil {
		return nil, "", err
	}
	q.Before, q.Limit = cursor, limit
	stored, next, err := a.store.AuditEvents(ctx, live.ID, q)
	events := []admin.Event{}
	for _, e := range stored {
		events = append(events, eventOf(e))
	}
	return events, next, err
}

// Tail implements admin.Ledger.
func (a archive) Tail(ctx context.Context, live *environment.Live, query, cursor string, limit int) ([]admin.Event, string, error) {
	q, err := audit.ParseQuery(query, now())
	if err != nil {
		return nil, "", err
	}
	stored, next, err := a.store.AuditTail(ctx, live.ID, cursor, limit)
	events := []admin.Event{}
	for _, e := range stored {
		if answers(q, e.Event) {
			events = append(events, eventOf(e))
		}
	}
	return events, next, err
}

func eventOf(e store.ChainedEvent) admin.Event {
	var body struct {
		Detail json.RawMessage `json:"detail"`
	}
	_ = json.Unmarshal(e.Body, &body) // a body that was tampered with is audit verify's to tell
	return admin.Event{
		At: e.At.UTC(), Type: e.Type, Actor: e.Actor, Application: e.Application, Customer: e.Customer,
		Result: e.Result, Trace: e.Trace, Detail: body.Detail, Personal: e.Personal, Erased: e.Erased,
		Chain: e.Writer, Seq: e.Seq, Hash: hex.EncodeToString(e.Hash[:]),
	}
}

// Keys implements admin.Keys.
func (a archive) Keys(ctx context.Context, live *environment.Live) ([]admin.Key, error) {
	stored, err := a.store.Keys(ctx, live.ID, "")
	keys := []admin.Key{}
	for _, k := range stored {
		if len(k.Public) == 0 {
			continue // a secret of a purpose, which nobody rotates or publishes
		}
		keys = append(keys, admin.Key{
			Owner: k.Owner, ID: k.ID, Algorithm: k.Algorithm, State: string(k.State),
			Created: k.Created.UTC(), Activated: moment(k.Activated), Expires: moment(k.Expires),
		})
	}
	return keys, err
}

// Standing implements admin.Crossing.
func (a archive) Standing(ctx context.Context, live *environment.Live, migration string, limit int) (admin.Standing, error) {
	counts, err := a.store.RecordCounts(ctx, live.ID, migration)
	if err != nil {
		return admin.Standing{}, err
	}
	standing := admin.Standing{Records: map[string]int64{}, Held: []admin.HeldRecord{}}
	for _, state := range []store.RecordState{store.RecordPending, store.RecordImported, store.RecordHeld, store.RecordDropped} {
		standing.Records[string(state)] = counts[state]
	}
	run, err := a.store.Run(ctx, live.ID, migration, "")
	switch {
	case err == nil:
		standing.Run = &admin.Run{
			ID: run.ID, Source: run.Source, State: run.State, Done: run.Done, Total: run.Total,
			Started: run.Started.UTC(), Updated: run.Updated.UTC(),
		}
	case !errors.Is(err, store.ErrNotFound):
		return admin.Standing{}, err
	}
	if limit == 0 {
		return standing, nil
	}
	page := store.MovePage{Migration: migration, State: store.RecordHeld, Limit: limit}
	moves, _, err := a.store.LedgerRecords(ctx, live.ID, page)
	for _, m := range moves {
		standing.Held = append(standing.Held, admin.HeldRecord{Key: m.Key, Row: m.Row, Reason: m.Reason, Detail: m.Detail})
	}
	return standing, err
}

// moment is nil for the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
