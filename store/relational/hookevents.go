package relational

import (
	"context"
	"time"

	"sallyport/store"
)

var hookEvents = Table{"hook_events", []Column{
	{"env", Int},
	{"id", Text},
	{"hook", Text},
	{"type", Text},
	{"journey", Text},
	{"application", Text},
	{"customer", Blob},
	{"state", Text},
	{"reason", Text},
	{"attempts", Int},
	{"at", Int},
	{"due", Int},
	{"updated", Int},
	{"keep", Int},
	{"version", Int},
}}

const hookEventColumns = "e.id, e.hook, e.type, e.journey, e.application, e.customer, e.state, e.reason, e.attempts, e.at, e.due, e.updated, e.keep, e.version"

const maxHookEventID = 64

func scanHookEvent(rows Rows) (e store.HookEvent, err error) {
	return e, rows.Scan(
		&e.ID, &e.Hook, &e.Type, &e.Journey, &e.Application, asFixed(e.Customer[:]), (*string)(&e.State), &e.Reason, &e.Attempts,
		asTime(&e.At), asTime(&e.Due), asTime(&e.Updated), asTime(&e.Keep), &e.Version,
	)
}

// HookEvents implements [store.HookEvents].
func (r *Reader) HookEvents(ctx context.Context, env store.EnvironmentID, page store.HookEventPage) ([]store.HookEvent, error) {
	query, args := "SELECT "+hookEventColumns+" FROM hook_events e WHERE e.env = ? AND e.id > ?", []any{int64(env), page.After}
	if page.Hook != "" {
		query, args = query+" AND e.hook = ?", append(args, page.Hook)
	}
	if page.State != "" {
		query, args = query+" AND e.state = ?", append(args, string(page.State))
	}
	if !page.Since.IsZero() {
		query, args = query+" AND e.at >= ?", append(args, micros(page.Since))
	}
	return queryAll(ctx, r.conn, scanHookEvent, query+" ORDER BY e.id LIMIT ?", append(args, int64(between(page.Limit, 1000)))...)
}

// HookEvent implements [store.HookEvents].
func (r *Reader) HookEvent(ctx context.Context, env store.EnvironmentID, id string) (store.HookEvent, error) {
	return queryOne(ctx, r.conn, scanHookEvent, "SELECT "+hookEventColumns+" FROM hook_events e WHERE e.env = ? AND e.id = ?", int64(env), id)
}

// DueHookEvents implements [store.HookEvents].
func (r *Reader) DueHookEvents(ctx context.Context, env store.EnvironmentID, hook string, at time.Time, limit int) ([]store.HookEvent, error) {
	return queryAll(ctx, r.conn, scanHookEvent, "SELECT "+hookEventColumns+` FROM hook_events e
		WHERE e.env = ? AND e.hook = ? AND e.due <= ? AND e.state IN ('queued', 'sending') AND NOT EXISTS
			(SELECT 1 FROM hook_events b WHERE b.env = e.env AND b.hook = e.hook AND b.customer = e.customer AND b.id < e.id AND b.state IN ('queued', 'sending'))
		ORDER BY e.due, e.id LIMIT ?`, int64(env), hook, micros(at), int64(between(limit, 1000)))
}

// PutHookEvent implements [store.HookEventWriter].
func (t *Tx) PutHookEvent(ctx context.Context, e store.HookEvent) error {
	if e.ID == "" || e.Customer.IsZero() {
		return store.ErrInvalid
	}
	if err := atMost("the id of an event", len(e.ID), maxHookEventID); err != nil {
		return err
	}
	if e.Version > 0 {
		changed, err := t.conn.Exec(ctx, `UPDATE hook_events SET state = ?, reason = ?, attempts = ?, due = ?, updated = ?, keep = ?,
			version = version + 1 WHERE env = ? AND id = ? AND version = ?`,
			string(e.State), e.Reason, int64(e.Attempts), micros(e.Due), micros(e.Updated), micros(e.Keep), int64(t.env), e.ID, e.Version)
		return one(changed, err, store.ErrConflict)
	}
	stored, err := t.conn.Insert(ctx, &hookEvents, []any{
		int64(t.env), e.ID, e.Hook, e.Type, e.Journey, e.Application, e.Customer[:], string(e.State), e.Reason, int64(e.Attempts),
		micros(e.At), micros(e.Due), micros(e.Updated), micros(e.Keep), int64(1),
	})
	return one(stored, err, store.ErrExists)
}
