package relational

import (
	"context"
	"slices"

	"sallyport/store"
)

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
