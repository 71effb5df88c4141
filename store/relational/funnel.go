package relational

import (
	"context"
	"time"

	"sallyport/store"
)

// maxFunnel bounds what is read at once.
const maxFunnel = 100_000

const addFunnel = `INSERT INTO funnel (env, hour, journey, step, outcome, brand, application, known, took, count, keep) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (env, hour, journey, step, outcome, brand, application, known, took) DO UPDATE SET count = funnel.count + excluded.count, keep = excluded.keep`

// AddFunnel implements [store.FunnelWriter].
func (t *Tx) AddFunnel(ctx context.Context, cells []store.FunnelCell, keep time.Time) error {
	for _, c := range cells {
		if c.Count < 1 || c.Took < 0 {
			return store.ErrInvalid
		}
		known := int64(0)
		if c.Known {
			known = 1
		}
		if _, err := t.conn.Exec(ctx, addFunnel, int64(t.env), micros(c.Hour), c.Journey, c.Step, c.Outcome, c.Brand, c.Application,
			known, int64(c.Took), c.Count, micros(keep)); err != nil {
			return err
		}
	}
	return nil
}

// FunnelCounts implements [store.Funnels].
func (r *Reader) FunnelCounts(ctx context.Context, env store.EnvironmentID, page store.FunnelPage) ([]store.FunnelCell, error) {
	query, args := "SELECT journey, step, outcome, known, took, CAST(SUM(count) AS bigint) FROM funnel WHERE env = ? AND hour >= ?", []any{int64(env), micros(page.From)}
	if !page.Before.IsZero() {
		query, args = query+" AND hour < ?", append(args, micros(page.Before))
	}
	for _, by := range []struct{ column, value string }{{"journey", page.Journey}, {"brand", page.Brand}, {"application", page.Application}} {
		if by.value != "" {
			query, args = query+" AND "+by.column+" = ?", append(args, by.value)
		}
	}
	query += " GROUP BY journey, step, outcome, known, took ORDER BY journey, step, outcome, known, took LIMIT ?"
	return queryAll(ctx, r.conn, func(rows Rows) (c store.FunnelCell, err error) {
		var known int64
		err = rows.Scan(&c.Journey, &c.Step, &c.Outcome, &known, &c.Took, &c.Count)
		c.Known = known != 0
		return c, err
	}, query, append(args, int64(maxFunnel))...)
}
