package gateway

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"sallyport/service/audit"
	"sallyport/service/environment"
)

const maxRefusals = 8 << 10 // kept until the next write

// ledger gathers refusals for the audit ledger. Those of one caller, check and
// operation within one second become one event with a count, and share its
// reference: so a flood costs one line, and every caller's reference is found.
type ledger struct {
	log      *audit.Log
	now      func() time.Time
	trouble  *slog.Logger
	mu       sync.Mutex
	pending  map[refusalName]*refusals
	dropped  int64
	flushing sync.Mutex
}

// refusalName is what makes refusals alike.
type refusalName struct {
	live      *environment.Live
	caller    string // subscription, or network of the source
	check     check
	operation string
	second    int64
}

type refusals struct {
	entry  audit.Entry
	detail refusalDetail
	calls  int64
}

func newLedger(log *audit.Log, now func() time.Time, trouble *slog.Logger) *ledger {
	return &ledger{log: log, now: now, trouble: trouble, pending: map[refusalName]*refusals{}}
}

// add counts a refusal and gives its reference, a fresh one if it is the first
// of its kind in this second.
func (l *ledger) add(name refusalName, entry audit.Entry, detail refusalDetail, fresh func() string) string {
	now := l.now()
	name.second = now.Unix()
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.pending[name]
	if known == nil && len(l.pending) >= maxRefusals {
		// Too many kinds: keep the check, give up who.
		name.caller, name.operation = "many", ""
		if known = l.pending[name]; known == nil && len(l.pending) >= 2*maxRefusals {
			l.dropped++
			return fresh()
		}
	}
	if known == nil {
		entry.At, entry.Trace = now, fresh()
		known = &refusals{entry: entry, detail: detail}
		l.pending[name] = known
	}
	known.calls++
	return known.entry.Trace
}

func (l *ledger) run(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if err := l.flush(last, true); err != nil {
				l.trouble.Error("refusals of the last second are lost", "error", err)
			}
			return
		case <-ticker.C:
			if err := l.flush(ctx, false); err != nil && ctx.Err() == nil {
				l.trouble.Error("refusals cannot be recorded", "error", err)
			}
		}
	}
}

// flush records the seconds that are over or, if all is true, everything. What
// cannot be recorded is kept for the next time.
func (l *ledger) flush(ctx context.Context, all bool) error {
	l.flushing.Lock()
	defer l.flushing.Unlock()
	due := l.take(all)
	entries := map[*environment.Live][]audit.Entry{}
	for name, r := range due {
		r.detail.Calls = r.calls
		r.entry.Detail = r.detail
		entries[name.live] = append(entries[name.live], r.entry)
	}
	var failed error
	for live, list := range entries {
		if err := l.log.Record(ctx, live.ID, list...); err != nil {
			failed = errors.Join(failed, err)
			l.keep(due, live)
		}
	}
	return failed
}

func (l *ledger) take(all bool) map[refusalName]*refusals {
	current := l.now().Unix()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dropped > 0 {
		l.trouble.Error("refusals were not recorded: there were too many kinds", "calls", l.dropped)
		l.dropped = 0
	}
	due := map[refusalName]*refusals{}
	for name, r := range l.pending {
		if all || name.second < current {
			due[name] = r
			delete(l.pending, name)
		}
	}
	return due
}

// keep puts back what belongs to live.
func (l *ledger) keep(due map[refusalName]*refusals, live *environment.Live) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, r := range due {
		if name.live == live && len(l.pending) < maxRefusals {
			l.pending[name] = r
		}
	}
}
