package hook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"sallyport/pure/config"
	"sallyport/store"
)

const (
	// senders is how many events of one hook a node delivers at once.
	senders = 8
	// grace is how much longer a node keeps an event than a call may take: what the
	// clocks of nodes may differ by.
	grace = 30 * time.Second
)

// Failures of events.
const (
	Unwanted Failure = "not-told" // the hook is not told of such events any more
	Nobody   Failure = "nobody"   // the customer is gone
)

// Run delivers what is due until ctx ends, and waits for what is under way, which a call's
// time bounds. Several nodes may run; an event is one node's at a time.
func (p *Points) Run(ctx context.Context) {
	var under sync.WaitGroup
	defer under.Wait()
	ticker := time.NewTicker(p.cfg.Every)
	defer ticker.Stop()
	for {
		if err := p.round(ctx, &under); err != nil && ctx.Err() == nil {
			p.cfg.Log.WarnContext(ctx, "events for hooks cannot be read or written; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// round begins to deliver what is due of every hook.
func (p *Points) round(ctx context.Context, under *sync.WaitGroup) error {
	var all error
	for _, at := range p.cfg.Places() {
		if at.Snapshot == nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(at.Snapshot.Hooks)) {
			h := at.Snapshot.Hooks[name]
			line := lineName{at.Env, name}
			free := p.free(line)
			if len(h.Events) == 0 || free == 0 || ctx.Err() != nil {
				continue
			}
			taken, err := p.take(ctx, at, h, free)
			all = errors.Join(all, err)
			for _, e := range taken {
				p.occupy(line, 1)
				under.Go(func() {
					defer p.occupy(line, -1)
					p.deliver(context.WithoutCancel(ctx), at, h, e)
				})
			}
		}
	}
	return all
}

func (p *Points) free(l lineName) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(0, senders-p.busy[l])
}

func (p *Points) occupy(l lineName, by int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy[l] += by; p.busy[l] == 0 {
		delete(p.busy, l)
	}
}

// take makes events this node's.
func (p *Points) take(ctx context.Context, at Place, h *config.Hook, most int) (taken []store.HookEvent, err error) {
	now := p.cfg.Now()
	due, err := p.cfg.Store.DueHookEvents(ctx, at.Env, h.Name, now, most)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	err = p.cfg.Store.Write(ctx, at.Env, func(tx store.Tx) error {
		taken = taken[:0]
		for _, e := range due {
			e.State, e.Updated, e.Attempts, e.Due = store.HookEventSending, now, e.Attempts+1, now.Add(timeOf(h)+grace)
			err := tx.PutHookEvent(ctx, e)
			if errors.Is(err, store.ErrConflict) { // another node has it, or its customer was erased
				continue
			}
			if err != nil {
				return err
			}
			e.Version++
			taken = append(taken, e)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("taking events of the hook %s: %w", h.Name, err)
	}
	return taken, nil
}

// deliver tells a hook of one event, and writes down what came of it.
func (p *Points) deliver(ctx context.Context, at Place, h *config.Hook, e store.HookEvent) {
	failure := p.hand(ctx, at, h, e)
	settle(&e, failure, p.cfg.Now())
	err := p.cfg.Store.Write(ctx, at.Env, func(tx store.Tx) error { return tx.PutHookEvent(ctx, e) })
	if err != nil && !errors.Is(err, store.ErrConflict) {
		p.cfg.Log.WarnContext(ctx, "what became of an event could not be written, so it goes out again", "hook", h.Name, "event", e.ID, "error", err)
	}
	if e.State == store.HookEventDead {
		p.cfg.Log.ErrorContext(ctx, "an event was not taken, and is not tried any more", "hook", h.Name, "event", e.ID, "reason", e.Reason, "attempts", e.Attempts)
	}
}

// hand hands an event over. An answer of 200 to 299 says that it was taken.
func (p *Points) hand(ctx context.Context, at Place, h *config.Hook, e store.HookEvent) Failure {
	if !slices.Contains(h.Events, e.Type) {
		return Unwanted
	}
	who, err := p.cfg.Store.Customer(ctx, at.Env, e.Customer)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Nobody
	case err != nil:
		return Unasked
	}
	var said []store.Agreement
	if ofAgreements(e.Type) {
		if said, err = p.cfg.Store.Answers(ctx, at.Env, e.Customer); err != nil {
			return Unasked
		}
	}
	f := p.converse(ctx, at, h, news(h, at.Snapshot, e, who.Attributes, said), func(came reply) *fault {
		if came.status < 200 || came.status > 299 {
			return &fault{BadStatus, fmt.Sprintf("status %d", came.status)}
		}
		return nil
	})
	if f != nil {
		return f.Failure
	}
	return ""
}

// settle decides what becomes of an event behind a try. One that nobody took because the
// hook was left alone was not tried.
func settle(e *store.HookEvent, failure Failure, now time.Time) {
	e.Updated, e.Reason = now, string(failure)
	if failure == Suspended || failure == Busy {
		e.Attempts--
	}
	switch {
	case failure == "":
		e.State = store.HookEventSent
	case failure == Unwanted, failure == Nobody, e.Attempts >= maxTries:
		e.State = store.HookEventDead
	default:
		e.State, e.Due = store.HookEventQueued, now.Add(waitFor(max(1, e.Attempts)))
	}
}
