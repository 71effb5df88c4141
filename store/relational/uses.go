package relational

import (
	"context"
	"slices"
	"time"

	"sallyport/store"
)

// maxUses bounds what is read of one server.
const maxUses = 100_000

// The record of an environment begins with the row that has no server: its day is
// the first one's, and it never moves.
const beginUses = `INSERT INTO scope_uses (env, server, scope, application, day) VALUES (?, '', '', '', ?) ON CONFLICT (env, server, scope, application) DO NOTHING`

const putUse = `INSERT INTO scope_uses (env, server, scope, application, day) VALUES (?, ?, ?, ?, ?)
	ON CONFLICT (env, server, scope, application) DO UPDATE SET day = excluded.day WHERE scope_uses.day < excluded.day`

// PutScopeUses implements [store.UseWriter].
func (t *Tx) PutScopeUses(ctx context.Context, uses []store.ScopeUse) error {
	if len(uses) == 0 {
		return nil
	}
	first := slices.MinFunc(uses, func(a, b store.ScopeUse) int { return a.Day.Compare(b.Day) })
	if _, err := t.conn.Exec(ctx, beginUses, int64(t.env), micros(first.Day)); err != nil {
		return err
	}
	for _, u := range uses {
		if _, err := t.conn.Exec(ctx, putUse, int64(t.env), u.Server, u.Scope, u.Application, micros(u.Day)); err != nil {
			return err
		}
	}
	return nil
}

// ScopeUses implements [store.Uses].
func (r *Reader) ScopeUses(ctx context.Context, env store.EnvironmentID, server string) (uses []store.ScopeUse, since time.Time, err error) {
	all, err := queryAll(ctx, r.conn, func(rows Rows) (u store.ScopeUse, err error) {
		return u, rows.Scan(&u.Server, &u.Scope, &u.Application, asTime(&u.Day))
	}, `SELECT server, scope, application, day FROM scope_uses WHERE env = ? AND server IN ('', ?)
		ORDER BY server, scope, application LIMIT ?`, int64(env), server, int64(maxUses+1))
	if err != nil || len(all) == 0 || all[0].Server != "" {
		return nil, time.Time{}, err
	}
	return all[1:], all[0].Day, nil
}
