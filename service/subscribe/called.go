package subscribe

import (
	"context"
	"fmt"
	"time"

	"sallyport/service/environment"
	"sallyport/store"
)

// Bounds of [Service.Called]: what is asked of the usage ledger at most.
const (
	maxCalledOf    = 200
	maxCalledLines = 10_000
)

// Called counts the calls that the gateway forwarded in from ≤ minute < to, and
// tells whether that is all of them: at most 200 subscriptions are asked about,
// and 10 000 lines of the ledger read of each. Calls without a key count too.
func (s *Service) Called(ctx context.Context, live *environment.Live, from, to time.Time) (calls int64, all bool, err error) {
	subscriptions, err := s.cfg.Store.Subscriptions(ctx, live.ID, "")
	if err != nil {
		return 0, false, fmt.Errorf("listing subscriptions: %w", err)
	}
	ids := []string{Anonymous}
	for _, sub := range subscriptions {
		ids = append(ids, sub.ID)
	}
	all = len(ids) <= maxCalledOf
	for _, id := range ids[:min(len(ids), maxCalledOf)] {
		lines, err := s.cfg.Store.Usage(ctx, live.ID, store.UsageQuery{Subscription: id, From: from, To: to, Limit: maxCalledLines})
		if err != nil {
			return 0, false, fmt.Errorf("reading usage: %w", err)
		}
		for _, line := range lines {
			calls += line.Calls
		}
		all = all && len(lines) < maxCalledLines
	}
	return calls, all, nil
}
