package relational

import (
	"context"
	"errors"
	"strings"
	"time"

	"sallyport/store"
)

var (
	changes = Table{"changes", []Column{
		{"env", Int},
		{"number", Int},
		{"author", Blob},
		{"author_name", Text},
		{"title", Text},
		{"reason", Text},
		{"source", Text},
		{"base", Int},
		{"base_digest", Blob},
		{"digest", Blob},
		{"delta", Blob},
		{"undoes", Int},
		{"follows", Int},
		{"created", Int},
		{"state", Text},
		{"ended", Int},
		{"ended_by", Text},
		{"note", Text},
		{"revision", Int},
		{"undone_by", Int},
		{"follow_up", Int},
		{"approvals", Int},
		{"version", Int},
		{"target", Blob},
	}}
	approvals = Table{"approvals", []Column{
		{"env", Int}, {"change", Int}, {"approver", Blob}, {"name", Text}, {"binding", Blob}, {"at", Int}, {"carried", Int},
	}}
	recalls = Table{"recalls", []Column{
		{"env", Int},
		{"change", Int},
		{"part", Int},
		{"server", Text},
		{"application", Text},
		{"scopes", Text},
		{"first", Int},
		{"last", Int},
		{"since", Int},
		{"at", Int},
		{"until", Int},
	}}
)

const (
	maxWords      = 16 << 10
	changeColumns = `number, author, author_name, title, reason, source, base, base_digest, digest, delta, undoes, follows, created,
	state, ended, ended_by, note, revision, undone_by, follow_up, approvals, version`
)

func changeFields(c *store.Change) []any {
	return []any{
		&c.Number, asFixed(c.Author[:]), &c.AuthorName, &c.Title, &c.Reason, &c.Source, &c.Base, asFixed(c.BaseDigest[:]),
		asFixed(c.Digest[:]), asFixed(c.Delta[:]), &c.Undoes, &c.Follows, asTime(&c.Created), (*string)(&c.State), asTime(&c.Ended),
		&c.EndedBy, &c.Note, &c.Revision, &c.UndoneBy, &c.FollowUp, &c.Approvals, &c.Version,
	}
}

func scanChangeHead(rows Rows) (c store.Change, err error) { return c, rows.Scan(changeFields(&c)...) }

func scanChange(rows Rows) (c store.Change, err error) {
	return c, rows.Scan(append(changeFields(&c), asBytes(&c.Target))...)
}

// Change implements [store.Changes].
func (r *Reader) Change(ctx context.Context, env store.EnvironmentID, number int64) (store.Change, error) {
	return queryOne(ctx, r.conn, scanChange, "SELECT "+changeColumns+", target FROM changes WHERE env = ? AND number = ?", int64(env), number)
}

// ChangeList implements [store.Changes].
func (r *Reader) ChangeList(ctx context.Context, env store.EnvironmentID, page store.ChangePage) ([]store.Change, error) {
	if page.Before == 0 {
		page.Before = 1<<63 - 1
	}
	args := []any{int64(env), page.Before}
	query := "SELECT " + changeColumns + " FROM changes WHERE env = ? AND number < ?"
	if len(page.States) > 0 {
		query += " AND state IN (?" + strings.Repeat(", ?", len(page.States)-1) + ")"
		for _, s := range page.States {
			args = append(args, string(s))
		}
	}
	return queryAll(ctx, r.conn, scanChangeHead, query+" ORDER BY number DESC LIMIT ?", append(args, int64(between(page.Limit, 200)))...)
}

// ChangeOf implements [store.Changes].
func (r *Reader) ChangeOf(ctx context.Context, env store.EnvironmentID, revision int64) (store.Change, error) {
	return queryOne(ctx, r.conn, scanChangeHead, "SELECT "+changeColumns+" FROM changes WHERE env = ? AND revision = ? AND revision > 0",
		int64(env), revision)
}

// Approvals implements [store.Changes].
func (r *Reader) Approvals(ctx context.Context, env store.EnvironmentID, change int64) ([]store.Approval, error) {
	return queryAll(ctx, r.conn, func(rows Rows) (a store.Approval, err error) {
		return a, rows.Scan(&a.Change, asFixed(a.Approver[:]), &a.Name, asFixed(a.Binding[:]), asTime(&a.At), &a.Carried)
	}, "SELECT change, approver, name, binding, at, carried FROM approvals WHERE env = ? AND change = ? ORDER BY at, approver", int64(env), change)
}

// Recalls implements [store.Changes].
func (r *Reader) Recalls(ctx context.Context, env store.EnvironmentID, change int64) ([]store.Recall, error) {
	return queryAll(ctx, r.conn, scanRecall, selectRecall+" AND change = ? ORDER BY part", int64(env), change)
}

// RecallsOf implements [store.Changes].
func (r *Reader) RecallsOf(ctx context.Context, env store.EnvironmentID, server, application string, now time.Time) ([]store.Recall, error) {
	return queryAll(ctx, r.conn, scanRecall, selectRecall+" AND application = ? AND server = ? AND until > ? ORDER BY change, part",
		int64(env), application, server, micros(now))
}

const selectRecall = "SELECT change, part, server, application, scopes, first, last, since, at, until FROM recalls WHERE env = ?"

func scanRecall(rows Rows) (c store.Recall, err error) {
	return c, rows.Scan(&c.Change, &c.Part, &c.Server, &c.Application, asJSON(&c.Scopes), &c.From, &c.To,
		asTime(&c.Since), asTime(&c.At), asTime(&c.Until))
}

// OpenChange implements [store.ChangeWriter]. The environment's row is what
// concurrent proposers meet at.
func (t *Tx) OpenChange(ctx context.Context, c store.Change) (int64, error) {
	err := errors.Join(atMost("target of a change", len(c.Target), maxRevision),
		atMost("words of a change", len(c.Title)+len(c.Reason)+len(c.Source), maxWords), atMost("note of a change", len(c.Note), maxWords))
	if err != nil {
		return 0, err
	}
	number, err := queryOne(ctx, t.conn, scanInt, "UPDATE environments SET changes = changes + 1 WHERE id = ? RETURNING changes", int64(t.env))
	if err != nil {
		return 0, err
	}
	stored, err := t.conn.Insert(ctx, &changes, []any{
		int64(t.env), number, c.Author[:], c.AuthorName, c.Title, c.Reason, c.Source, c.Base, c.BaseDigest[:],
		c.Digest[:], c.Delta[:], c.Undoes, c.Follows, micros(c.Created), string(c.State), micros(c.Ended),
		c.EndedBy, c.Note, c.Revision, c.UndoneBy, c.FollowUp, int64(0), int64(1), blob(c.Target),
	})
	return number, one(stored, err, store.ErrConflict)
}

// MoveChange implements [store.ChangeWriter].
func (t *Tx) MoveChange(ctx context.Context, c store.Change) error {
	if err := atMost("note of a change", len(c.Note), maxWords); err != nil {
		return err
	}
	changed, err := t.conn.Exec(ctx, `UPDATE changes SET state = ?, ended = ?, ended_by = ?, note = ?, revision = ?, undone_by = ?,
		follow_up = ?, version = version + 1 WHERE env = ? AND number = ? AND version = ?`,
		string(c.State), micros(c.Ended), c.EndedBy, c.Note, c.Revision, c.UndoneBy, c.FollowUp, int64(t.env), c.Number, c.Version)
	return one(changed, err, store.ErrConflict)
}

// PutApproval implements [store.ChangeWriter].
func (t *Tx) PutApproval(ctx context.Context, a store.Approval) error {
	return t.conn.Nested(ctx, func() error {
		changed, err := t.conn.Exec(ctx, `UPDATE changes SET approvals = approvals + 1, version = version + 1
			WHERE env = ? AND number = ? AND state IN ('open', 'approved')`, int64(t.env), a.Change)
		if err := one(changed, err, store.ErrConflict); err != nil {
			return err
		}
		stored, err := t.conn.Insert(ctx, &approvals, []any{
			int64(t.env), a.Change, a.Approver[:], a.Name, a.Binding[:], micros(a.At), a.Carried,
		})
		return one(stored, err, store.ErrExists)
	})
}

// PutRecalls implements [store.ChangeWriter].
func (t *Tx) PutRecalls(ctx context.Context, all []store.Recall) error {
	values := make([]any, 0, len(all)*len(recalls.Columns))
	for i := range all {
		r := &all[i]
		scopes := list(r.Scopes)
		if err := atMost("scopes of a recall", len(scopes), maxWords); err != nil {
			return err
		}
		values = append(values, int64(t.env), r.Change, int64(r.Part), r.Server, r.Application, scopes, r.From, r.To,
			micros(r.Since), micros(r.At), micros(r.Until))
	}
	return t.conn.Nested(ctx, func() error { return t.insertAll(ctx, &recalls, values) })
}
