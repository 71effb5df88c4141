package source

import (
	"context"
	"sync"
	"time"

	"sallyport/pure/quota"
)

// Pace spreads questions over time. It is safe for concurrent use.
type Pace struct {
	limit quota.Limit
	mu    sync.Mutex
	tat   time.Time
}

// NewPace gives the pace of a connection.
func NewPace(spec *Spec) *Pace { return &Pace{limit: spec.Rate.Limit()} }

// Take takes one question at now, or tells how long to wait for it.
func (p *Pace) Take(now time.Time) (wait time.Duration) {
	if p.limit.Count == 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	tat, verdict := quota.Spend(p.limit, p.tat, now, 1)
	if !verdict.Allowed {
		return max(verdict.RetryAfter, time.Millisecond)
	}
	p.tat = tat
	return 0
}

const (
	maxPatience = 12               // faults in a row before a fetch gives up
	firstPause  = time.Second      // after the first
	longPause   = time.Minute      // after many
	longestAsk  = 10 * time.Minute // the longest that a system may ask us to wait
)

// Patiently asks again and again at the pace of the connection until the system
// answers: a fetch slows down where it asks for that, and outlives an outage of
// some minutes. Errors are ctx's and the [*Fault] that waiting does not mend.
func Patiently(ctx context.Context, d Deps, pace *Pace, ask func(context.Context) (*Response, error)) (*Response, error) {
	pause := firstPause
	for faults := 0; ; {
		for wait := pace.Take(d.Now()); wait > 0; wait = pace.Take(d.Now()) {
			if err := d.Wait(ctx, wait); err != nil {
				return nil, err
			}
		}
		response, err := ask(ctx)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil && !response.Again() {
			return response, nil
		}
		wait := pause
		if err == nil {
			wait = response.RetryAfter(d.Now())
			if wait <= 0 {
				wait = pause
			}
		} else if f := FaultOf(ctx, err); !f.Mends() {
			return nil, f
		}
		if faults++; faults >= maxPatience {
			if err == nil {
				err = response.Fault()
			}
			return nil, FaultOf(ctx, err)
		}
		pause = min(2*pause, longPause)
		if err := d.Wait(ctx, min(wait, longestAsk)); err != nil {
			return nil, err
		}
	}
}

// Mends tells whether waiting may help.
func (f *Fault) Mends() bool {
	switch f.Reason {
	case Timeout, Unreachable, Refused, NoName, RateLimited, Broken:
		return true
	}
	return false
}
