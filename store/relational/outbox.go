package relational

import (
	"context"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

var outbox = Table{"outbox", []Column{
	{"env", Int},
	{"id", Text},
	{"once", Blob},
	{"channel", Text},
	{"template", Text},
	{"customer", Blob},
	{"sealed", Blob},
	{"state", Text},
	{"reason", Text},
	{"sender", Text},
	{"attempts", Int},
	{"due", Int},
	{"created", Int},
	{"updated", Int},
	{"keep", Int},
	{"version", Int},
	{"until", Int},
}}

const (
	maxMessage     = 32 << 10
	maxMessageOnce = 32
	maxMessageID   = 64

	openMessage = "state IN ('queued', 'sending')"

	messageHead  = "id, once, channel, template, customer, state, reason, sender, attempts, due, created, updated, keep, version, until"
	messageWhole = messageHead + ", sealed"
)

func messageFields(m *store.Message) []any {
	return []any{
		&m.ID, asBytes(&m.Once), &m.Channel, &m.Template, asFixed(m.Customer[:]), (*string)(&m.State), &m.Reason, &m.Sender, &m.Attempts,
		asTime(&m.Due), asTime(&m.Created), asTime(&m.Updated), asTime(&m.Keep), &m.Version, asTime(&m.Until),
	}
}

func scanMessage(rows Rows) (m store.Message, err error) {
	return m, rows.Scan(append(messageFields(&m), asBytes(&m.Sealed))...)
}

func scanMessageHead(rows Rows) (m store.Message, err error) {
	return m, rows.Scan(messageFields(&m)...)
}

// Messages implements [store.Outbox].
func (r *Reader) Messages(ctx context.Context, env store.EnvironmentID, page store.MessagePage) ([]store.Message, error) {
	query, args := "SELECT "+messageHead+" FROM outbox WHERE env = ?", []any{int64(env)}
	if !page.Customer.IsZero() {
		query, args = query+" AND customer = ?", append(args, page.Customer[:])
	}
	if page.State != "" {
		query, args = query+" AND state = ?", append(args, string(page.State))
	}
	if page.Before != "" {
		query, args = query+" AND id < ?", append(args, page.Before)
	}
	query += " ORDER BY id DESC LIMIT ?"
	return queryAll(ctx, r.conn, scanMessageHead, query, append(args, int64(between(page.Limit, 1000)))...)
}

// Message implements [store.Outbox].
func (r *Reader) Message(ctx context.Context, env store.EnvironmentID, id string) (store.Message, error) {
	return queryOne(ctx, r.conn, scanMessage, "SELECT "+messageWhole+" FROM outbox WHERE env = ? AND id = ?", int64(env), id)
}

// DueMessages implements [store.Outbox].
func (r *Reader) DueMessages(ctx context.Context, env store.EnvironmentID, channel string, at time.Time, limit int) ([]store.Message, error) {
	return queryAll(ctx, r.conn, scanMessage, "SELECT "+messageWhole+" FROM outbox WHERE env = ? AND channel = ? AND due <= ? AND "+openMessage+
		" ORDER BY due, id LIMIT ?", int64(env), channel, micros(at), int64(between(limit, 1000)))
}

// PutMessage implements [store.OutboxWriter].
func (t *Tx) PutMessage(ctx context.Context, m store.Message) error {
	for _, limit := range []struct {
		what       string
		have, most int
	}{{"a message", len(m.Sealed), maxMessage}, {"the word of a message", len(m.Once), maxMessageOnce}, {"the id of a message", len(m.ID), maxMessageID}} {
		if err := atMost(limit.what, limit.have, limit.most); err != nil {
			return err
		}
	}
	if m.ID == "" {
		return store.ErrInvalid
	}
	if m.Version > 0 {
		changed, err := t.conn.Exec(ctx, `UPDATE outbox SET sealed = ?, state = ?, reason = ?, sender = ?, attempts = ?, due = ?, updated = ?, keep = ?,
			version = version + 1 WHERE env = ? AND id = ? AND version = ?`,
			blob(m.Sealed), string(m.State), m.Reason, m.Sender, int64(m.Attempts), micros(m.Due), micros(m.Updated), micros(m.Keep),
			int64(t.env), m.ID, m.Version)
		return one(changed, err, store.ErrConflict)
	}
	stored, err := t.conn.Insert(ctx, &outbox, []any{
		int64(t.env), m.ID, blob(m.Once), m.Channel, m.Template, m.Customer[:], blob(m.Sealed), string(m.State), m.Reason, m.Sender, int64(m.Attempts),
		micros(m.Due), micros(m.Created), micros(m.Updated), micros(m.Keep), int64(1), micros(m.Until),
	})
	return one(stored, err, store.ErrExists)
}

// ForgetMessages implements [store.OutboxWriter].
func (t *Tx) ForgetMessages(ctx context.Context, id customer.ID, limit int) (int, error) {
	if id.IsZero() { // of many
		return 0, store.ErrInvalid
	}
	n, err := t.conn.Exec(ctx, `DELETE FROM outbox WHERE env = ? AND id IN
		(SELECT id FROM outbox WHERE env = ? AND customer = ? ORDER BY id LIMIT ?)`,
		int64(t.env), int64(t.env), id[:], int64(between(limit, 1000)))
	return int(n), err
}
