package code

import (
	"context"
	"strconv"
	"sync"
	"time"

	"sallyport/service/audit"
	"sallyport/store"
)

// near is the part of a day's texts, or calls, at which operators are told, in percent.
const near = 80

// capped is a bound of a day that a message spends.
type capped struct {
	store.Attempt
	channel Channel
	what    string // which messages count together
	most    int    // a day
	told    bool   // whether it is anybody's business: a visitor's own is not
}

// cappedDetail is the body of the events.
type cappedDetail struct {
	Channel Channel `json:"channel"`
	Of      string  `json:"of"`      // "all" but the next two, "factor" or "name"
	Percent int     `json:"percent"` // that is used
	Most    int     `json:"most"`    // a day
}

// spend takes one of each, and tells operators once a day that most are gone. wait is
// positive if a bound is reached: then nothing was taken, and full says which it was.
func (s *sending) spend(ctx context.Context, tx store.Tx, bounds []capped) (wait time.Duration, err error) {
	for i, b := range bounds {
		wait, err = tx.ReserveAttempts(ctx, []store.Attempt{b.Attempt}, s.now)
		if err != nil || wait > 0 {
			if wait > 0 && b.told {
				s.full = &bounds[i]
			}
			return wait, err
		}
		if err := s.watch(ctx, tx, b); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// watch counts beside a bound against a part of it.
func (s *sending) watch(ctx context.Context, tx store.Tx, b capped) error {
	part := b.Attempt
	part.Key, part.Burst = s.key("daily part", string(b.Key[:])), max(1, b.Burst*near/100)
	over, err := tx.ReserveAttempts(ctx, []store.Attempt{part}, s.now)
	if err != nil || over == 0 || !b.told {
		return err
	}
	return s.tellOnce(ctx, tx, b, near)
}

// tellOnce writes into the ledger, once a day, how much of a bound is used.
func (s *sending) tellOnce(ctx context.Context, tx store.Tx, b capped, percent int) error {
	day := store.Attempt{Key: s.key("daily told", string(b.Key[:]), strconv.Itoa(percent)), Burst: 1, Interval: 24 * time.Hour}
	if wait, err := tx.ReserveAttempts(ctx, []store.Attempt{day}, s.now); wait > 0 || err != nil {
		return err
	}
	s.cfg.Log.Warn("codes by text or call come near what the environment may send in a day", "environment", s.live.ID, "channel", b.channel, "of", b.what, "percent", percent, "most", b.most)
	return tx.Audit(ctx, s.cfg.Audit.Event(audit.Entry{
		At: s.now, Type: audit.ChallengeCapped, Actor: audit.System, Result: map[bool]string{true: "near", false: "full"}[percent < 100],
		Detail: cappedDetail{b.channel, b.what, percent, b.most},
	}))
}

// tellFull tells operators that nothing more is sent. It is done apart: what was refused
// left nothing behind.
func (s *sending) tellFull(ctx context.Context) {
	if s.full == nil || !s.filled.pass(*s.full, s.now) {
		return
	}
	err := s.cfg.Store.Write(context.WithoutCancel(ctx), s.live.ID, func(tx store.Tx) error { return s.tellOnce(ctx, tx, *s.full, 100) })
	if err != nil {
		s.cfg.Log.Error("a bound of codes that is reached could not be told of", "environment", s.live.ID, "error", err)
	}
}

// filled keeps a crowd that is refused from writing each time. Its zero value is ready.
type filled struct {
	mu sync.Mutex
	at map[store.AttemptKey]time.Time
}

// filledAgain is how soon a node looks again whether operators were told.
const filledAgain = time.Minute

func (f *filled) pass(b capped, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.at == nil {
		f.at = map[store.AttemptKey]time.Time{}
	}
	if last, known := f.at[b.Key]; known && now.Sub(last) < filledAgain {
		return false
	}
	f.at[b.Key] = now
	return true
}
