package relational

import (
	"context"

	"sallyport/store"
)

// maxSets bounds the sets of groups that are told apart.
const maxSets = 10_000

// CountByGroups implements [store.Populations]. The conditions are those of two
// partial indexes, letter by letter.
func (r *Reader) CountByGroups(ctx context.Context, env store.EnvironmentID, limit int) ([]store.GroupSet, bool, error) {
	limit = between(limit, maxSets)
	sets, err := queryAll(ctx, r.conn, func(rows Rows) (s store.GroupSet, err error) {
		return s, rows.Scan(asJSON(&s.Groups), (*string)(&s.State), &s.Customers)
	}, `SELECT groups, state, COUNT(*) FROM customers WHERE env = ? AND length(groups) <= 600
		GROUP BY groups, state ORDER BY groups, state LIMIT ?`, int64(env), int64(limit+1))
	if err != nil {
		return nil, false, err
	}
	if len(sets) > limit {
		return sets[:limit], true, nil
	}
	cut, err := exists(ctx, r.conn, "SELECT 1 FROM customers WHERE env = ? AND length(groups) > 600 LIMIT 1", int64(env))
	return sets, cut, err
}
