package quota

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Limit is a sustained rate with a burst.
type Limit struct {
	// Count calls may pass per Period, evenly.
	Count  int
	Period time.Duration
	// Burst calls may pass at once, after rest. At least 1.
	Burst int
}

// Bounds of a Limit. With them no product below overflows.
const (
	maxPeriod = 366 * 24 * time.Hour
	maxCredit = 10 * 366 * 24 * time.Hour // Burst·T
)

// ErrLimit is wrapped by all errors of Validate.
var ErrLimit = errors.New("invalid limit")

// Validate reports every mistake in the limit at once.
func (l Limit) Validate() error {
	var mistakes []error
	refuse := func(format string, args ...any) {
		mistakes = append(mistakes, fmt.Errorf("%w: "+format, append([]any{ErrLimit}, args...)...))
	}
	if l.Count < 1 {
		refuse("count %d is less than 1", l.Count)
	}
	if l.Period <= 0 || l.Period > maxPeriod {
		refuse("period %s is not between 1ns and %s", l.Period, maxPeriod)
	}
	if l.Burst < 1 {
		refuse("burst %d is less than 1", l.Burst)
	}
	if len(mistakes) > 0 {
		return errors.Join(mistakes...)
	}
	if int64(l.Count) > int64(l.Period) {
		refuse("more than one call per nanosecond")
	} else if int64(l.Burst) > int64(maxCredit)/int64(l.interval()) {
		refuse("burst %d takes longer than %s to regain", l.Burst, maxCredit)
	}
	return errors.Join(mistakes...)
}

// interval is T: what one call costs. It is rounded up, so that rounding never
// lets more pass than was promised.
func (l Limit) interval() time.Duration {
	return time.Duration((int64(l.Period)-1)/int64(l.Count) + 1)
}

// Interval is the time that one call costs, in whole nanoseconds, rounded up;
// zero for an invalid limit. A store that computes elsewhere (a Redis script)
// must take it from here, to agree to the nanosecond.
func (l Limit) Interval() time.Duration {
	if l.Validate() != nil {
		return 0
	}
	return l.interval()
}

// Credit is the time that a full burst costs: how far the TAT may run ahead of
// now. Zero for an invalid limit. State older than its TAT may be forgotten.
func (l Limit) Credit() time.Duration {
	return time.Duration(l.Burst) * l.Interval()
}

// Verdict answers one call.
type Verdict struct {
	Allowed bool
	// Remaining is how many calls of cost 1 would be allowed right now, after
	// this one.
	Remaining int
	// RetryAfter is how long to wait until the same cost would be allowed; zero
	// if it was allowed, and Never if it never will be.
	RetryAfter time.Duration
	// ResetAfter is how long until everything unspent is regained.
	ResetAfter time.Duration
}

// Never is the RetryAfter of a cost that exceeds the burst or the window.
const Never = time.Duration(math.MaxInt64)

// Spend asks for cost calls at now, given the TAT of the calls before; the zero
// time is a caller who was never seen. It returns the TAT to store, which is the
// one given if the call is denied.
//
// A cost of 0 asks without spending, and is always allowed; a negative one is
// taken as 0. An invalid limit denies everything. The TAT may be stored as Unix
// nanoseconds, with 0 for a caller who was never seen. If the clock ran backwards by
// more than a burst is worth, the caller waits for no more than that burst.
func Spend(l Limit, tat, now time.Time, cost int) (time.Time, Verdict) {
	if l.Validate() != nil {
		return tat, Verdict{RetryAfter: Never}
	}
	credit, interval := l.Credit(), l.interval()
	ahead := debt(tat, now, credit)
	cost = max(cost, 0)
	if cost > l.Burst {
		return tat, l.verdict(ahead, false, Never)
	}
	price := time.Duration(cost) * interval // no overflow: cost <= Burst
	if wait := ahead + price - credit; wait > 0 {
		return tat, l.verdict(ahead, false, wait)
	}
	if cost == 0 {
		return tat, l.verdict(ahead, true, 0)
	}
	return now.Add(ahead + price), l.verdict(ahead+price, true, 0)
}

// Refund gives back cost calls spent earlier, such as for a call that was not
// forwarded after all, and returns the TAT to store. It never gives back more
// than was spent: a TAT in the past stays as it is.
func Refund(l Limit, tat, now time.Time, cost int) time.Time {
	if l.Validate() != nil || cost <= 0 {
		return tat
	}
	ahead := debt(tat, now, l.Credit())
	if ahead == 0 {
		return tat
	}
	price := time.Duration(min(cost, l.Burst)) * l.interval()
	return now.Add(max(ahead-price, 0))
}

// debt is how far the TAT lies ahead of now, between nothing and the credit.
func debt(tat, now time.Time, credit time.Duration) time.Duration {
	return min(max(tat.Sub(now), 0), credit) // Sub saturates
}

func (l Limit) verdict(ahead time.Duration, allowed bool, retry time.Duration) Verdict {
	return Verdict{
		Allowed: allowed, Remaining: int((l.Credit() - ahead) / l.interval()),
		RetryAfter: retry, ResetAfter: ahead,
	}
}
