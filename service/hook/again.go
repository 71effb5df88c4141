package hook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sallyport/store"
)

// Again says which events go out again: one by its id, or all of a hook since an instant.
type Again struct {
	ID    string
	Hook  string // empty: of all hooks
	Since time.Time
}

// maxReplayed bounds one replay.
const maxReplayed = 10_000

// ErrReplay: a replay names neither an event nor an instant, or both.
var ErrReplay = errors.New("say which event, or since when")

// Replay has events go out again that were delivered or are dead, under the ids that they
// had, in their order. It tells how many, 10 000 at most, and whether there are more.
// What waits anyway is left as it is. [ErrReplay], [store.ErrNotFound].
func (p *Points) Replay(ctx context.Context, env store.EnvironmentID, what Again) (replayed int, more bool, err error) {
	if (what.ID == "") == what.Since.IsZero() {
		return 0, false, ErrReplay
	}
	if what.ID != "" {
		e, err := p.cfg.Store.HookEvent(ctx, env, what.ID)
		if err != nil {
			return 0, false, err
		}
		n, err := p.again(ctx, env, []store.HookEvent{e})
		return n, false, err
	}
	page := store.HookEventPage{Hook: what.Hook, Since: what.Since, Limit: 500}
	for replayed < maxReplayed {
		found, err := p.cfg.Store.HookEvents(ctx, env, page)
		if err != nil {
			return replayed, false, fmt.Errorf("reading events: %w", err)
		}
		n, err := p.again(ctx, env, found)
		if replayed += n; err != nil || len(found) < page.Limit {
			return replayed, false, err
		}
		page.After = found[len(found)-1].ID
	}
	return replayed, true, nil
}

// again queues those that have ended.
func (p *Points) again(ctx context.Context, env store.EnvironmentID, events []store.HookEvent) (n int, err error) {
	now := p.cfg.Now()
	err = p.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		n = 0
		for _, e := range events {
			if e.State != store.HookEventSent && e.State != store.HookEventDead {
				continue
			}
			e.State, e.Reason, e.Attempts, e.Due, e.Updated = store.HookEventQueued, "", 0, now, now
			err := tx.PutHookEvent(ctx, e)
			if errors.Is(err, store.ErrConflict) { // replayed by somebody else, or erased
				continue
			}
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("queueing events again: %w", err)
	}
	return n, nil
}

// EventPage asks for events; what is zero asks for all.
type EventPage struct {
	Hook  string
	State string // one of store.HookEventState
	After string // the last id seen
	Since time.Time
	Limit int // 1 to 1000
}

// Events lists events, oldest first.
func (p *Points) Events(ctx context.Context, env store.EnvironmentID, page EventPage) ([]store.HookEvent, error) {
	return p.cfg.Store.HookEvents(ctx, env, store.HookEventPage{
		Hook: page.Hook, State: store.HookEventState(page.State), After: page.After, Since: page.Since, Limit: page.Limit,
	})
}
