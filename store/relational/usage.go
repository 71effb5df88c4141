package relational

import (
	"context"

	"sallyport/store"
)

// AddUsage implements [store.UsageWriter].
func (t *Tx) AddUsage(ctx context.Context, usage []store.Usage) error {
	for _, u := range usage {
		_, err := t.conn.Exec(ctx, `INSERT INTO usage (env, subscription, minute, operation, calls, bytes) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (env, subscription, minute, operation)
			DO UPDATE SET calls = usage.calls + excluded.calls, bytes = usage.bytes + excluded.bytes`,
			int64(t.env), u.Subscription, micros(u.Minute), u.Operation, u.Calls, u.Bytes)
		if err != nil {
			return err
		}
	}
	return nil
}

// Usage implements [store.UsageLedger].
func (r *Reader) Usage(ctx context.Context, env store.EnvironmentID, q store.UsageQuery) ([]store.Usage, error) {
	return queryAll(ctx, r.conn, func(rows Rows) (u store.Usage, err error) {
		return u, rows.Scan(&u.Subscription, &u.Operation, asTime(&u.Minute), &u.Calls, &u.Bytes)
	}, `SELECT subscription, operation, minute, calls, bytes FROM usage
		WHERE env = ? AND subscription = ? AND minute >= ? AND minute < ? ORDER BY minute, operation LIMIT ?`,
		int64(env), q.Subscription, micros(q.From), micros(q.To), between(q.Limit, 10_000))
}
