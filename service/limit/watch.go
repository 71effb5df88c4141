package limit

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"sallyport/pure/quota"
)

// Watched are shared counters that tell, once, that they do not answer any more,
// and once that they do again. They are safe for concurrent use.
type Watched struct {
	counters Counters
	log      *slog.Logger
	silent   atomic.Bool
}

// Watch watches counters that have answered.
func Watch(counters Counters, log *slog.Logger) *Watched {
	return &Watched{counters: counters, log: log}
}

// Answer tells whether they answered when they were asked last.
func (w *Watched) Answer() bool { return !w.silent.Load() }

// Spend implements [Counters].
func (w *Watched) Spend(ctx context.Context, name string, limit quota.Limit, now time.Time, cost int) (quota.Verdict, error) {
	verdict, err := w.counters.Spend(ctx, name, limit, now, cost)
	w.heard(err)
	return verdict, err
}

// Refund implements [Counters].
func (w *Watched) Refund(ctx context.Context, name string, limit quota.Limit, now time.Time) error {
	err := w.counters.Refund(ctx, name, limit, now)
	w.heard(err)
	return err
}

func (w *Watched) heard(err error) {
	switch {
	case err != nil && w.silent.CompareAndSwap(false, true):
		w.log.Warn("the shared rate counters do not answer: limits hold on each node by itself until they do", "error", err)
	case err == nil && w.silent.Load() && w.silent.CompareAndSwap(true, false):
		w.log.Info("the shared rate counters answer again: limits hold on all nodes together")
	}
}
