package relational

import (
	"context"
	"errors"
	"strings"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

var consents = Table{"consents", []Column{
	{"env", Int},
	{"customer", Blob},
	{"application", Text},
	{"server", Text},
	{"scopes", Text},
	{"given", Int},
	{"updated", Int},
	{"revision", Int},
	{"version", Int},
}}

const (
	maxConsent     = 16 << 10
	consentColumns = "customer, application, server, scopes, given, updated, revision, version"
	selectConsent  = "SELECT " + consentColumns + " FROM consents WHERE env = ? AND customer = ?"
)

func scanConsent(rows Rows) (c store.Consent, err error) {
	err = rows.Scan(asFixed(c.Customer[:]), &c.Application, &c.Server, asJSON(&c.Scopes),
		asTime(&c.Given), asTime(&c.Updated), &c.Revision, &c.Version)
	return c, err
}

// Consent implements [store.Consents].
func (r *Reader) Consent(ctx context.Context, env store.EnvironmentID, id customer.ID, application, server string) (store.Consent, error) {
	return queryOne(ctx, r.conn, scanConsent, selectConsent+" AND application = ? AND server = ?", int64(env), id[:], application, server)
}

// Consents implements [store.Consents].
func (r *Reader) Consents(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]store.Consent, error) {
	return queryAll(ctx, r.conn, scanConsent, selectConsent+" ORDER BY application, server", int64(env), id[:])
}

// mostConsents bounds how many consents are looked at to count some.
const mostConsents = 1_000_000

// CountConsents implements [store.ConsentCounts]. Scopes are kept as a JSON list of
// texts, none of which holds a quote or a backslash.
func (r *Reader) CountConsents(ctx context.Context, env store.EnvironmentID, to store.ConsentsTo, limit int) (n int64, part bool, err error) {
	limit = between(limit, mostConsents)
	type counts struct{ seen, found int64 }
	c, err := queryOne(ctx, r.conn, func(rows Rows) (c counts, err error) { return c, rows.Scan(&c.seen, &c.found) },
		`SELECT COUNT(*), COALESCE(SUM(CASE WHEN server = ? AND scopes LIKE ? ESCAPE '!' THEN 1 ELSE 0 END), 0)
			FROM (SELECT server, scopes FROM consents WHERE env = ? LIMIT ?) AS looked`,
		to.Server, `%"`+literal.Replace(to.Scope)+`"%`, int64(env), int64(limit+1))
	return c.found, c.seen > int64(limit), err
}

// literal escapes what LIKE takes for something else.
var literal = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// PutConsent implements [store.ConsentWriter].
func (t *Tx) PutConsent(ctx context.Context, c store.Consent) error {
	scopes := list(c.Scopes)
	if err := atMost("scopes of a consent", len(scopes), maxConsent); err != nil {
		return err
	}
	if c.Version > 0 {
		changed, err := t.conn.Exec(ctx, `UPDATE consents SET scopes = ?, updated = ?, revision = ?, version = version + 1
			WHERE env = ? AND customer = ? AND application = ? AND server = ? AND version = ?`,
			scopes, micros(c.Updated), c.Revision, int64(t.env), c.Customer[:], c.Application, c.Server, c.Version)
		return one(changed, err, store.ErrConflict)
	}
	err := t.conflictOrMissing(ctx, "SELECT 1 FROM customers WHERE env = ? AND id = ?", c.Customer[:])
	if !errors.Is(err, store.ErrConflict) { // the customer must be there
		return err
	}
	stored, err := t.conn.Insert(ctx, &consents, []any{
		int64(t.env), c.Customer[:], c.Application, c.Server, scopes, micros(c.Given), micros(c.Updated), c.Revision, int64(1),
	})
	return one(stored, err, store.ErrConflict)
}

// HoldConsent implements [store.ConsentWriter].
func (t *Tx) HoldConsent(ctx context.Context, id customer.ID, application, server string) (store.Consent, error) {
	return queryOne(ctx, t.conn, scanConsent, selectConsent+" AND application = ? AND server = ?"+t.conn.ForUpdate(),
		int64(t.env), id[:], application, server)
}

// DeleteConsent implements [store.ConsentWriter]. The consent goes first: whoever
// makes a grant under it holds it, and has made that grant once the row gives way.
func (t *Tx) DeleteConsent(ctx context.Context, id customer.ID, application, server string, at time.Time) ([]store.GrantID, error) {
	changed, err := t.conn.Exec(ctx, "DELETE FROM consents WHERE env = ? AND customer = ? AND application = ? AND server = ?",
		int64(t.env), id[:], application, server)
	if err := one(changed, err, store.ErrNotFound); err != nil {
		return nil, err
	}
	return queryAll(ctx, t.conn, func(rows Rows) (g store.GrantID, err error) { return g, rows.Scan(asFixed(g[:])) },
		`UPDATE grants SET revoked = ?, reason = ? WHERE env = ? AND customer = ? AND application = ? AND server = ? AND revoked = 0
		RETURNING id`, t.moment(at), store.ConsentWithdrawn, int64(t.env), id[:], application, server)
}
