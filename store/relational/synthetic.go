package relational

import (
	"context"
	"errors"

	"sallyport/pure/customer"
	"sallyport/store"
)

var (
	walks = Table{"walks", []Column{
		{"env", Int},
		{"id", Text},
		{"author", Text},
		{"revision", Int},
		{"started", Int},
		{"expires", Int},
		{"ended", Int},
		{"detail", Blob},
	}}
	synthetics = Table{"synthetics", []Column{
		{"env", Int},
		{"customer", Blob},
		{"walk", Text},
	}}
)

const (
	maxWalkDetail = 4 << 20
	maxWalks      = 100
	maxSynthetics = 1000
)

// Walk implements [store.Walks].
func (r *Reader) Walk(ctx context.Context, env store.EnvironmentID, id string) (store.Walk, error) {
	return queryOne(ctx, r.conn, func(rows Rows) (w store.Walk, err error) {
		err = rows.Scan(&w.ID, &w.Author, &w.Revision, asTime(&w.Started), asTime(&w.Expires), asTime(&w.Ended), asBytes(&w.Detail))
		return w, err
	}, "SELECT id, author, revision, started, expires, ended, detail FROM walks WHERE env = ? AND id = ?", int64(env), id)
}

// Walks implements [store.Walks].
func (r *Reader) Walks(ctx context.Context, env store.EnvironmentID, limit int) ([]store.Walk, error) {
	return queryAll(ctx, r.conn, func(rows Rows) (w store.Walk, err error) {
		err = rows.Scan(&w.ID, &w.Author, &w.Revision, asTime(&w.Started), asTime(&w.Expires), asTime(&w.Ended))
		return w, err
	}, `SELECT id, author, revision, started, expires, ended FROM walks
		WHERE env = ? ORDER BY started DESC, id DESC LIMIT ?`, int64(env), int64(between(limit, maxWalks)))
}

// Synthetics implements [store.Walks].
func (r *Reader) Synthetics(ctx context.Context, env store.EnvironmentID, walk string, limit int) ([]customer.ID, error) {
	return queryAll(ctx, r.conn, func(rows Rows) (id customer.ID, err error) { return id, rows.Scan(asFixed(id[:])) },
		"SELECT customer FROM synthetics WHERE env = ? AND walk = ? ORDER BY customer LIMIT ?", int64(env), walk, int64(between(limit, maxSynthetics)))
}

// PutWalk implements [store.WalkWriter].
func (t *Tx) PutWalk(ctx context.Context, w store.Walk) error {
	if err := atMost("detail of a walk", len(w.Detail), maxWalkDetail); err != nil {
		return err
	}
	if _, err := t.conn.Exec(ctx, "DELETE FROM walks WHERE env = ? AND id = ?", int64(t.env), w.ID); err != nil {
		return err
	}
	stored, err := t.conn.Insert(ctx, &walks, []any{
		int64(t.env), w.ID, w.Author, w.Revision, micros(w.Started), micros(w.Expires), micros(w.Ended), blob(w.Detail),
	})
	return one(stored, err, store.ErrConflict)
}

// DeleteWalk implements [store.WalkWriter].
func (t *Tx) DeleteWalk(ctx context.Context, id string) error {
	left, err := exists(ctx, t.conn, "SELECT 1 FROM synthetics WHERE env = ? AND walk = ? LIMIT 1", int64(t.env), id)
	if err != nil {
		return err
	}
	if left {
		return store.ErrConflict
	}
	_, err = t.conn.Exec(ctx, "DELETE FROM walks WHERE env = ? AND id = ?", int64(t.env), id)
	return err
}

// MarkSynthetic implements [store.WalkWriter].
func (t *Tx) MarkSynthetic(ctx context.Context, id customer.ID, walk string) error {
	err := t.conflictOrMissing(ctx, "SELECT 1 FROM customers WHERE env = ? AND id = ?", id[:])
	if !errors.Is(err, store.ErrConflict) { // the customer must be there
		return err
	}
	stored, err := t.conn.Insert(ctx, &synthetics, []any{int64(t.env), id[:], walk})
	return one(stored, err, store.ErrExists)
}

// ofCustomer are the tables with what is a customer's, the customer last.
var ofCustomer = []string{
	"DELETE FROM grants WHERE env = ? AND customer = ?",
	"DELETE FROM sessions WHERE env = ? AND customer = ? AND ended = 0", // ended ones are found by nobody and expire
	"DELETE FROM consents WHERE env = ? AND customer = ?",
	"DELETE FROM agreements WHERE env = ? AND customer = ?",
	"DELETE FROM customer_tags WHERE env = ? AND customer = ?",
	"DELETE FROM account_members WHERE env = ? AND customer = ?",
	"DELETE FROM account_claims WHERE env = ? AND customer = ?",
	"DELETE FROM factors WHERE env = ? AND customer = ?",
	"DELETE FROM passkeys WHERE env = ? AND customer = ?",
	"DELETE FROM links WHERE env = ? AND customer = ?",
	"DELETE FROM credentials WHERE env = ? AND customer = ?",
	"DELETE FROM identifiers WHERE env = ? AND customer = ?",
	"DELETE FROM customers WHERE env = ? AND id = ?",
}

// RemoveSynthetic implements [store.WalkWriter].
func (t *Tx) RemoveSynthetic(ctx context.Context, id customer.ID) error {
	marked, err := t.conn.Exec(ctx, "DELETE FROM synthetics WHERE env = ? AND customer = ?", int64(t.env), id[:])
	if err := one(marked, err, store.ErrNotFound); err != nil {
		return err
	}
	for _, statement := range ofCustomer {
		if _, err := t.conn.Exec(ctx, statement, int64(t.env), id[:]); err != nil {
			return err
		}
	}
	return nil
}
