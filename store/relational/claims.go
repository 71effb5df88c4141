package relational

import (
	"context"
	"errors"

	"sallyport/store"
)

var claims = Table{"account_claims", []Column{
	{"env", Int},
	{"id", Blob},
	{"customer", Blob},
	{"place", Text},
	{"number", Text},
	{"state", Text},
	{"reason", Text},
	{"evidence", Blob},
	{"created", Int},
	{"updated", Int},
	{"decider", Text},
	{"note", Text},
	{"version", Int},
}}

const (
	claimColumns = "id, customer, place, number, state, reason, evidence, created, updated, decider, note, version"
	selectClaim  = "SELECT " + claimColumns + " FROM account_claims WHERE env = ?"

	claimsAtOnce = 200
	maxClaimNote = 1 << 10
)

func scanClaim(rows Rows) (c store.Claim, err error) {
	return c, rows.Scan(asFixed(c.ID[:]), asFixed(c.Customer[:]), &c.Place, &c.Number, (*string)(&c.State), &c.Reason, asBytes(&c.Evidence),
		asTime(&c.Created), asTime(&c.Updated), &c.By, &c.Note, &c.Version)
}

// Claim implements [store.Claims].
func (r *Reader) Claim(ctx context.Context, env store.EnvironmentID, id store.ClaimID) (store.Claim, error) {
	return queryOne(ctx, r.conn, scanClaim, selectClaim+" AND id = ?", int64(env), id[:])
}

// ClaimList implements [store.Claims]. Each selection has an index that ends in created
// and id.
func (r *Reader) ClaimList(ctx context.Context, env store.EnvironmentID, page store.ClaimPage) ([]store.Claim, error) {
	query, args := selectClaim, []any{int64(env)}
	where := func(text string, values ...any) { query, args = query+text, append(args, values...) }
	if !page.Customer.IsZero() {
		where(" AND customer = ?", page.Customer[:])
	}
	if page.Number != "" {
		where(" AND number = ?", page.Number)
	}
	if page.State != "" {
		where(" AND state = ?", string(page.State))
	}
	if page.After != (store.ClaimID{}) {
		last, err := r.Claim(ctx, env, page.After)
		if err != nil {
			return nil, missingAs(err, store.ErrInvalid)
		}
		where(" AND (created, id) > (?, ?)", micros(last.Created), page.After[:])
	}
	where(" ORDER BY created, id LIMIT ?", int64(between(page.Limit, claimsAtOnce)))
	return queryAll(ctx, r.conn, scanClaim, query, args...)
}

// PutClaim implements [store.ClaimWriter].
func (t *Tx) PutClaim(ctx context.Context, c store.Claim) error {
	if err := errors.Join(atMost("evidence", len(c.Evidence), maxEvidence), atMost("a note", len(c.Note), maxClaimNote)); err != nil {
		return err
	}
	if c.Version > 0 {
		changed, err := t.conn.Exec(ctx, `UPDATE account_claims SET state = ?, reason = ?, evidence = ?, updated = ?, decider = ?, note = ?, version = version + 1
			WHERE env = ? AND id = ? AND version = ?`,
			string(c.State), c.Reason, blob(c.Evidence), micros(c.Updated), c.By, c.Note, int64(t.env), c.ID[:], c.Version)
		return one(changed, err, store.ErrConflict)
	}
	if err := t.mustHaveCustomer(ctx, c.Customer); err != nil {
		return err
	}
	put, err := t.conn.Insert(ctx, &claims, []any{
		int64(t.env), c.ID[:], c.Customer[:], c.Place, c.Number, string(c.State), c.Reason, blob(c.Evidence),
		micros(c.Created), micros(c.Updated), c.By, c.Note, int64(1),
	})
	return one(put, err, store.ErrExists)
}
