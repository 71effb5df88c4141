package relational

import (
	"context"
	"slices"

	"sallyport/store"
)

var (
	rivalClaims = Table{"rival_claims", []Column{
		{"env", Int}, {"migration", Text}, {"grp", Text}, {"key", Text}, {"customer", Text}, {"kind", Text}, {"sealed", Blob}, {"at", Int},
	}}
	rivalNames     = Table{"rival_names", []Column{{"env", Int}, {"migration", Text}, {"key", Text}, {"grp", Text}}}
	rivalDecisions = Table{"rival_decisions", []Column{
		{"env", Int}, {"migration", Text}, {"grp", Text}, {"decision", Blob}, {"decider", Text}, {"at", Int}, {"version", Int},
	}}
	rivalKeys = Table{"rival_keys", []Column{{"env", Int}, {"migration", Text}, {"sealed", Blob}}}
)

const (
	maxRivalSealed   = 16 << 10
	maxRivalDecision = 64 << 10
	maxRivalGroup    = 10_000

	rivalColumns    = "grp, key, customer, kind, sealed, at"
	decisionColumns = "grp, decision, decider, at, version"
)

func scanRival(migration string) func(Rows) (store.RivalClaim, error) {
	return func(rows Rows) (store.RivalClaim, error) {
		c := store.RivalClaim{Migration: migration}
		return c, rows.Scan(&c.Group, &c.Key, &c.Customer, &c.Kind, asBytes(&c.Sealed), asTime(&c.At))
	}
}

func scanRivalDecision(migration string) func(Rows) (store.RivalDecision, error) {
	return func(rows Rows) (store.RivalDecision, error) {
		d := store.RivalDecision{Migration: migration}
		return d, rows.Scan(&d.Group, asBytes(&d.Decision), &d.By, asTime(&d.At), &d.Version)
	}
}

// RivalClaims implements [store.Rivals].
func (r *Reader) RivalClaims(ctx context.Context, env store.EnvironmentID, page store.RivalPage) ([]store.RivalClaim, error) {
	return queryAll(ctx, r.conn, scanRival(page.Migration), `SELECT `+rivalColumns+` FROM rival_claims
		WHERE env = ? AND migration = ? AND grp IN
			(SELECT DISTINCT grp FROM rival_claims WHERE env = ? AND migration = ? AND grp > ? ORDER BY grp LIMIT ?)
		ORDER BY grp, key, customer`,
		int64(env), page.Migration, int64(env), page.Migration, page.After, int64(between(page.Limit, 1000)))
}

// RivalGroup implements [store.Rivals].
func (r *Reader) RivalGroup(ctx context.Context, env store.EnvironmentID, migration, group string) ([]store.RivalClaim, error) {
	return rivalGroup(ctx, r.conn, env, migration, group)
}

func rivalGroup(ctx context.Context, c Conn, env store.EnvironmentID, migration, group string) ([]store.RivalClaim, error) {
	return queryAll(ctx, c, scanRival(migration), `SELECT `+rivalColumns+` FROM rival_claims
		WHERE env = ? AND migration = ? AND grp = ? ORDER BY key, customer LIMIT ?`, int64(env), migration, group, int64(maxRivalGroup))
}

// RivalDecisions implements [store.Rivals].
func (r *Reader) RivalDecisions(ctx context.Context, env store.EnvironmentID, page store.RivalPage) ([]store.RivalDecision, error) {
	return queryAll(ctx, r.conn, scanRivalDecision(page.Migration), `SELECT `+decisionColumns+` FROM rival_decisions
		WHERE env = ? AND migration = ? AND grp > ? ORDER BY grp LIMIT ?`,
		int64(env), page.Migration, page.After, int64(between(page.Limit, 1000)))
}

// RivalDecision implements [store.Rivals].
func (r *Reader) RivalDecision(ctx context.Context, env store.EnvironmentID, migration, group string) (store.RivalDecision, error) {
	return queryOne(ctx, r.conn, scanRivalDecision(migration),
		"SELECT "+decisionColumns+" FROM rival_decisions WHERE env = ? AND migration = ? AND grp = ?", int64(env), migration, group)
}

// RivalKey implements [store.Rivals].
func (r *Reader) RivalKey(ctx context.Context, env store.EnvironmentID, migration string) ([]byte, error) {
	return queryOne(ctx, r.conn, func(rows Rows) (sealed []byte, err error) { return sealed, rows.Scan(asBytes(&sealed)) },
		"SELECT sealed FROM rival_keys WHERE env = ? AND migration = ?", int64(env), migration)
}

// PutRivalClaims implements [store.RivalWriter].
func (t *Tx) PutRivalClaims(ctx context.Context, claims []store.RivalClaim) error {
	for _, c := range claims {
		if (c.Key == "") == (c.Customer == "") || c.Group == "" {
			return store.ErrInvalid
		}
		if err := atMost("a claim", len(c.Sealed), maxRivalSealed); err != nil {
			return err
		}
		changed, err := t.conn.Exec(ctx, "UPDATE rival_claims SET sealed = ?, at = ? WHERE env = ? AND migration = ? AND grp = ? AND key = ? AND customer = ?",
			blob(c.Sealed), micros(c.At), int64(t.env), c.Migration, c.Group, c.Key, c.Customer)
		if err != nil {
			return err
		}
		if changed > 0 {
			continue
		}
		_, err = t.conn.Insert(ctx, &rivalClaims, []any{
			int64(t.env), c.Migration, c.Group, c.Key, c.Customer, c.Kind, blob(c.Sealed), micros(c.At),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// PutRivalDecision implements [store.RivalWriter].
func (t *Tx) PutRivalDecision(ctx context.Context, d store.RivalDecision) error {
	if err := atMost("a decision", len(d.Decision), maxRivalDecision); err != nil {
		return err
	}
	if err := t.putRivalDecision(ctx, d); err != nil {
		return err
	}
	if d.Version > 0 {
		if err := t.forgetRivalNames(ctx, d); err != nil {
			return err
		}
	}
	names := make([]any, 0, len(d.Claimants)*len(rivalNames.Columns))
	for _, key := range d.Claimants {
		names = append(names, int64(t.env), d.Migration, key, d.Group)
	}
	_, err := t.conn.Insert(ctx, &rivalNames, names)
	return err
}

func (t *Tx) forgetRivalNames(ctx context.Context, d store.RivalDecision) error {
	_, err := t.conn.Exec(ctx, "DELETE FROM rival_names WHERE env = ? AND migration = ? AND grp = ?", int64(t.env), d.Migration, d.Group)
	return err
}

func (t *Tx) putRivalDecision(ctx context.Context, d store.RivalDecision) error {
	if d.Version > 0 {
		changed, err := t.conn.Exec(ctx, `UPDATE rival_decisions SET decision = ?, decider = ?, at = ?, version = version + 1
			WHERE env = ? AND migration = ? AND grp = ? AND version = ?`,
			blob(d.Decision), d.By, micros(d.At), int64(t.env), d.Migration, d.Group, d.Version)
		return one(changed, err, store.ErrConflict)
	}
	put, err := t.conn.Insert(ctx, &rivalDecisions, []any{
		int64(t.env), d.Migration, d.Group, blob(d.Decision), d.By, micros(d.At), int64(1),
	})
	return one(put, err, store.ErrExists)
}

// DeleteRivalDecision implements [store.RivalWriter].
func (t *Tx) DeleteRivalDecision(ctx context.Context, d store.RivalDecision) error {
	changed, err := t.conn.Exec(ctx, "DELETE FROM rival_decisions WHERE env = ? AND migration = ? AND grp = ? AND version = ?",
		int64(t.env), d.Migration, d.Group, d.Version)
	if err := one(changed, err, store.ErrConflict); err != nil {
		return err
	}
	return t.forgetRivalNames(ctx, d)
}

// RivalsOf implements [store.RivalWriter].
func (t *Tx) RivalsOf(ctx context.Context, migration, key string, groups []string) (s store.RivalStand, err error) {
	for _, group := range slices.Compact(slices.Sorted(slices.Values(groups))) {
		claims, err := rivalGroup(ctx, t.conn, t.env, migration, group)
		if err != nil {
			return s, err
		}
		s.Claims = append(s.Claims, claims...)
	}
	s.Decisions, err = queryAll(ctx, t.conn, scanRivalDecision(migration), "SELECT "+decisionColumns+` FROM rival_decisions
		WHERE env = ? AND migration = ? AND grp IN (SELECT grp FROM rival_names WHERE env = ? AND migration = ? AND key = ?)
		ORDER BY grp LIMIT 1000`, int64(t.env), migration, int64(t.env), migration, key)
	return s, err
}

// PutRivalKey implements [store.RivalWriter].
func (t *Tx) PutRivalKey(ctx context.Context, migration string, sealed []byte) error {
	put, err := t.conn.Insert(ctx, &rivalKeys, []any{int64(t.env), migration, blob(sealed)})
	return one(put, err, store.ErrExists)
}

// forgetRival removes what a record that is erased claimed.
func (t *Tx) forgetRival(ctx context.Context, m store.RecordMove) error {
	_, err := t.conn.Exec(ctx, "DELETE FROM rival_claims WHERE env = ? AND migration = ? AND (key = ? OR customer = ?)",
		int64(t.env), m.Migration, m.Key, m.Customer)
	return err
}
