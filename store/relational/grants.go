package relational

import (
	"context"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

var grants = Table{"grants", []Column{
	{"env", Int},
	{"id", Blob},
	{"application", Text},
	{"server", Text},
	{"customer", Blob},
	{"session", Blob},
	{"grant_type", Text},
	{"scopes", Text},
	{"detail", Blob},
	{"counter", Int},
	{"refreshable", Int},
	{"created", Int},
	{"expires", Int},
	{"idle_expires", Int},
	{"revoked", Int},
	{"reason", Text},
	{"used", Int},
	{"revision", Int},
}}

const grantColumns = `id, application, server, customer, session, grant_type, scopes, detail, counter, refreshable, created, expires,
	idle_expires, revoked, reason, used, revision`

func scanGrant(rows Rows) (g store.Grant, err error) {
	err = rows.Scan(asFixed(g.ID[:]), &g.Application, &g.Server, asFixed(g.Customer[:]), asFixed(g.Session[:]), &g.GrantType,
		asJSON(&g.Scopes), asBytes(&g.Detail), &g.Counter, asFlag(&g.Refreshable), asTime(&g.Created), asTime(&g.Expires),
		asTime(&g.IdleExpires), asTime(&g.Revoked), &g.Reason, asTime(&g.Used), &g.Revision)
	return g, err
}

const maxDetail = 16 << 10

// Grant implements [store.Grants].
func (r *Reader) Grant(ctx context.Context, env store.EnvironmentID, id store.GrantID) (store.Grant, error) {
	return queryOne(ctx, r.conn, scanGrant, "SELECT "+grantColumns+" FROM grants WHERE env = ? AND id = ?", int64(env), id[:])
}

// GrantsOf implements [store.Grants].
func (r *Reader) GrantsOf(ctx context.Context, env store.EnvironmentID, page store.GrantPage) ([]store.Grant, error) {
	now := micros(page.At)
	return queryAll(ctx, r.conn, scanGrant, "SELECT "+grantColumns+` FROM grants WHERE env = ? AND customer = ? AND id > ?
		AND revoked = 0 AND expires > ? AND (idle_expires = 0 OR idle_expires > ?) ORDER BY id LIMIT ?`,
		int64(env), page.Customer[:], page.After[:], now, now, int64(between(page.Limit, 1000)))
}

// CreateGrant implements [store.GrantWriter].
func (t *Tx) CreateGrant(ctx context.Context, g store.Grant) error {
	if err := atMost("detail of a grant", len(g.Detail), maxDetail); err != nil {
		return err
	}
	switch ended, err := t.sessionEnded(ctx, g.Session); {
	case err != nil:
		return err
	case ended:
		return store.ErrConflict
	}
	stored, err := t.conn.Insert(ctx, &grants, []any{
		int64(t.env), g.ID[:], g.Application, g.Server, g.Customer[:],
		g.Session[:], g.GrantType, list(g.Scopes), blob(g.Detail), g.Counter, flag(g.Refreshable), micros(g.Created),
		micros(g.Expires), micros(g.IdleExpires), micros(g.Revoked), g.Reason, micros(g.Used), g.Revision,
	})
	return one(stored, err, store.ErrExists)
}

// RotateGrant implements [store.GrantWriter].
func (t *Tx) RotateGrant(ctx context.Context, r store.Rotation) error {
	now := micros(r.At)
	changed, err := t.conn.Exec(ctx, `UPDATE grants SET counter = counter + 1, idle_expires = ?, used = ?, revision = ?
		WHERE env = ? AND id = ? AND counter = ? AND refreshable = 1 AND revoked = 0 AND expires > ?
		AND (idle_expires = 0 OR idle_expires > ?)`,
		micros(r.IdleExpires), now, r.Revision, int64(t.env), r.Grant[:], r.Counter, now, now)
	return one(changed, err, store.ErrConflict)
}

// RevokeGrantsOf implements [store.GrantWriter].
func (t *Tx) RevokeGrantsOf(ctx context.Context, id customer.ID, application string, at time.Time, reason string) ([]store.GrantID, error) {
	return queryAll(ctx, t.conn, func(rows Rows) (g store.GrantID, err error) { return g, rows.Scan(asFixed(g[:])) },
		"UPDATE grants SET revoked = ?, reason = ? WHERE env = ? AND customer = ? AND application = ? AND revoked = 0 RETURNING id",
		t.moment(at), reason, int64(t.env), id[:], application)
}

// RevokeGrant implements [store.GrantWriter].
func (t *Tx) RevokeGrant(ctx context.Context, id store.GrantID, at time.Time, reason string) error {
	changed, err := t.conn.Exec(ctx, "UPDATE grants SET revoked = ?, reason = ? WHERE env = ? AND id = ? AND revoked = 0",
		t.moment(at), reason, int64(t.env), id[:])
	if err != nil || changed > 0 {
		return err
	}
	return t.doneOrMissing(ctx, "SELECT 1 FROM grants WHERE env = ? AND id = ?", id[:])
}
