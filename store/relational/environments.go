package relational

import (
	"context"
	"fmt"

	"sallyport/store"
)

const environmentColumns = "id, tenant, name, protected, revision, created"

func scanEnvironment(rows Rows) (e store.Environment, err error) {
	err = rows.Scan(&e.ID, &e.Tenant, &e.Name, asFlag(&e.Protected), &e.Revision, asTime(&e.Created))
	return e, err
}

// Environments implements [store.Environments].
func (r *Reader) Environments(ctx context.Context) ([]store.Environment, error) {
	return queryAll(ctx, r.conn, scanEnvironment,
		"SELECT "+environmentColumns+" FROM environments ORDER BY CASE id WHEN 1 THEN 0 ELSE 1 END, tenant, name")
}

// EnvironmentByName implements [store.Environments].
func (r *Reader) EnvironmentByName(ctx context.Context, tenant, name string) (store.Environment, error) {
	return queryOne(ctx, r.conn, scanEnvironment,
		"SELECT "+environmentColumns+" FROM environments WHERE tenant = ? AND name = ?", tenant, name)
}

// CreateEnvironment implements [store.EnvironmentWriter].
func (t *Tx) CreateEnvironment(ctx context.Context, e store.Environment) (store.EnvironmentID, error) {
	if t.env != store.System {
		return 0, fmt.Errorf("environments are created in the system environment: %w", store.ErrInvalid)
	}
	id, err := queryOne(ctx, t.conn, scanInt, `INSERT INTO environments (tenant, name, protected, revision, created)
		VALUES (?, ?, ?, 0, ?) ON CONFLICT DO NOTHING RETURNING id`,
		e.Tenant, e.Name, flag(e.Protected), micros(e.Created))
	if err != nil {
		return 0, missingAs(err, store.ErrExists)
	}
	return store.EnvironmentID(id), nil
}

const revisionColumns = "number, base, digest, author, message, break_glass, created"

func revisionFields(r *store.Revision) []any {
	return []any{&r.Number, &r.Base, asFixed(r.Digest[:]), &r.Author, &r.Message, &r.BreakGlass, asTime(&r.Created)}
}

func scanRevision(rows Rows) (r store.Revision, err error) {
	err = rows.Scan(append(revisionFields(&r), asBytes(&r.Content))...)
	return r, err
}

func scanRevisionHead(rows Rows) (r store.Revision, err error) {
	return r, rows.Scan(revisionFields(&r)...)
}

// Revision implements [store.Revisions].
func (r *Reader) Revision(ctx context.Context, env store.EnvironmentID, number int64) (store.Revision, error) {
	const newest = "SELECT " + revisionColumns + ", content FROM revisions WHERE env = ? ORDER BY number DESC LIMIT 1"
	const given = "SELECT " + revisionColumns + ", content FROM revisions WHERE env = ? AND number = ?"
	if number == 0 {
		return queryOne(ctx, r.conn, scanRevision, newest, int64(env))
	}
	return queryOne(ctx, r.conn, scanRevision, given, int64(env), number)
}

// RevisionList implements [store.Revisions].
func (r *Reader) RevisionList(ctx context.Context, env store.EnvironmentID, before int64, limit int) ([]store.Revision, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return queryAll(ctx, r.conn, scanRevisionHead, "SELECT "+revisionColumns+` FROM revisions
		WHERE env = ? AND number < ? ORDER BY number DESC LIMIT ?`, int64(env), before, between(limit, 1000))
}

var revisions = Table{"revisions", []Column{
	{"env", Int},
	{"number", Int},
	{"base", Int},
	{"digest", Blob},
	{"author", Text},
	{"message", Text},
	{"break_glass", Text},
	{"created", Int},
	{"content", Blob},
}}

const maxRevision = 64 << 20

// AppendRevision implements [store.RevisionWriter]. The environment's row is
// what concurrent appenders meet at.
func (t *Tx) AppendRevision(ctx context.Context, r store.Revision) (int64, error) {
	if err := atMost("revision", len(r.Content), maxRevision); err != nil {
		return 0, err
	}
	changed, err := t.conn.Exec(ctx, "UPDATE environments SET revision = revision + 1 WHERE id = ? AND revision = ?",
		int64(t.env), r.Base)
	if err := one(changed, err, store.ErrConflict); err != nil {
		return 0, err
	}
	number := r.Base + 1
	stored, err := t.conn.Insert(ctx, &revisions, []any{
		int64(t.env), number, r.Base, r.Digest[:], r.Author,
		r.Message, r.BreakGlass, micros(r.Created), blob(r.Content),
	})
	return number, one(stored, err, store.ErrConflict)
}

// FeedAfter implements [store.Feed].
func (r *Reader) FeedAfter(ctx context.Context, position int64, limit int) ([]store.FeedEntry, error) {
	return queryAll(ctx, r.conn, func(rows Rows) (e store.FeedEntry, err error) {
		err = rows.Scan(&e.Position, (*int64)(&e.Env), (*string)(&e.Kind), &e.Subject, asTime(&e.At), asTime(&e.Until))
		return e, err
	}, `SELECT position, env, kind, subject, at, until FROM feed
		WHERE position > ? ORDER BY position LIMIT ?`, position, between(limit, 10_000))
}

// Publish implements [store.FeedWriter].
func (t *Tx) Publish(_ context.Context, e store.FeedEntry) error {
	e.Env = t.env
	if e.At.IsZero() {
		e.At = t.now()
	}
	t.feed = append(t.feed, e)
	return nil
}

var feed = Table{"feed", []Column{
	{"position", Int}, {"env", Int}, {"kind", Text}, {"subject", Text}, {"at", Int}, {"until", Int},
}}

// WriteFeed stores entries behind all that were published before. It takes the
// one counter that every publisher needs and must be the last statement of the
// transaction: whoever gets the next position then commits later.
func WriteFeed(ctx context.Context, c TxConn, entries []store.FeedEntry) error {
	if len(entries) == 0 {
		return nil
	}
	n := int64(len(entries))
	last, err := queryOne(ctx, c, scanInt, "UPDATE feed_head SET position = position + ? WHERE id = 1 RETURNING position", n)
	if err != nil {
		return fmt.Errorf("position in the feed: %w", err)
	}
	values := make([]any, 0, len(entries)*len(feed.Columns))
	for i, e := range entries {
		values = append(values, last-n+int64(i)+1, int64(e.Env), string(e.Kind), e.Subject, micros(e.At), micros(e.Until))
	}
	stored, err := c.Insert(ctx, &feed, values)
	if err == nil && stored != n {
		return fmt.Errorf("a position in the feed is taken")
	}
	return err
}
