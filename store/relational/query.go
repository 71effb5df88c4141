package relational

import (
	"context"
	"slices"
	"strings"

	"sallyport/store"
)

// eventPlace is where a page of the ledger goes on: behind this event.
type eventPlace struct {
	At     int64 `json:"a"`
	Writer int   `json:"w"`
	Seq    int64 `json:"s"`
}

// AuditEvents implements [store.Audit].
func (r *Reader) AuditEvents(ctx context.Context, env store.EnvironmentID, q store.AuditQuery) ([]store.ChainedEvent, string, error) {
	var behind eventPlace
	if err := readCursor(q.Before, &behind); err != nil {
		return nil, "", err
	}
	limit := between(q.Limit, 1000)
	where, args := auditConditions(env, q)
	if q.Before != "" {
		where, args = where+" AND (at, writer, seq) < (?, ?, ?)", append(args, behind.At, int64(behind.Writer), behind.Seq)
	}
	events, err := queryAll(ctx, r.conn, scanEvent(env), "SELECT "+eventColumns+" FROM audit_events WHERE "+where+
		" ORDER BY at DESC, writer DESC, seq DESC LIMIT ?", append(args, int64(limit)+1)...)
	if err != nil || len(events) <= limit {
		return events, "", err
	}
	events = events[:limit]
	last := &events[limit-1]
	return events, cursor(eventPlace{last.At.UnixMicro(), last.Writer, last.Seq}), nil
}

// auditConditions turns the set fields of a query into SQL. The comparisons
// with empty text repeat the conditions of partial indexes.
func auditConditions(env store.EnvironmentID, q store.AuditQuery) (string, []any) {
	where, args := []string{"env = ?"}, []any{int64(env)}
	add := func(condition string, values ...any) {
		where, args = append(where, condition), append(args, values...)
	}
	switch {
	case strings.HasSuffix(q.Type, "."):
		add("type >= ?", q.Type)
		add("type < ?", afterPrefix(q.Type))
	case q.Type != "":
		add("type = ?", q.Type)
	}
	for _, field := range []struct{ condition, value string }{
		{"actor = ?", q.Actor},
		{"application = ? AND application <> ''", q.Application},
		{"customer = ? AND customer <> ''", q.Customer},
		{"trace = ? AND trace <> ''", q.Trace},
	} {
		if field.value != "" {
			add(field.condition, field.value)
		}
	}
	switch q.Result {
	case "":
	case "!ok":
		add("result <> 'ok'")
	default:
		add("result = ?", q.Result)
	}
	if !q.From.IsZero() {
		add("at >= ?", q.From.UnixMicro())
	}
	if !q.To.IsZero() {
		add("at < ?", q.To.UnixMicro())
	}
	return strings.Join(where, " AND "), args
}

// AuditTail implements [store.Audit]. Its cursor holds the last event given of
// each chain, so that no writer can slip events in behind another's.
func (r *Reader) AuditTail(ctx context.Context, env store.EnvironmentID, at string, limit int) ([]store.ChainedEvent, string, error) {
	given := map[int]int64{}
	if err := readCursor(at, &given); err != nil {
		return nil, "", err
	}
	heads, err := r.AuditHeads(ctx, env)
	if err != nil {
		return nil, "", err
	}
	if at == "" {
		for _, h := range heads {
			given[h.Writer] = h.Seq
		}
		return nil, cursor(given), nil
	}
	limit = between(limit, 1000)
	var chains [][]store.ChainedEvent
	for _, h := range heads {
		if h.Seq <= given[h.Writer] {
			continue
		}
		chain, err := r.AuditChain(ctx, env, h.Writer, given[h.Writer]+1, limit)
		if err != nil {
			return nil, "", err
		}
		chains = append(chains, chain)
	}
	events := mergeChains(chains, limit)
	for i := range events {
		given[events[i].Writer] = events[i].Seq
	}
	return events, cursor(given), nil
}

// mergeChains gives the oldest events, each chain in its own order.
func mergeChains(chains [][]store.ChainedEvent, limit int) []store.ChainedEvent {
	var merged []store.ChainedEvent
	for len(merged) < limit {
		chains = slices.DeleteFunc(chains, func(c []store.ChainedEvent) bool { return len(c) == 0 })
		if len(chains) == 0 {
			break
		}
		oldest := 0
		for i := range chains {
			if chains[i][0].At.Before(chains[oldest][0].At) {
				oldest = i
			}
		}
		merged = append(merged, chains[oldest][0])
		chains[oldest] = chains[oldest][1:]
	}
	return merged
}
