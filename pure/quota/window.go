package quota

import (
	"errors"
	"fmt"
	"time"
)

// Window is a quota per fixed period: Count calls in each Period, the periods
// following one another from Start on. A zero Start aligns to the Unix epoch, so
// that a Period of 24 hours is a day in UTC.
type Window struct {
	Count  int
	Period time.Duration
	Start  time.Time
}

// Usage is the state of a Window: how much was spent in the period that began
// at Begin. The zero Usage is a caller who was never seen.
type Usage struct {
	Begin time.Time
	Spent int
}

// ErrWindow is wrapped by all errors of Validate.
var ErrWindow = errors.New("invalid window")

// Validate reports every mistake in the window at once.
func (w Window) Validate() error {
	var mistakes []error
	if w.Count < 0 {
		mistakes = append(mistakes, fmt.Errorf("%w: count %d is less than 0", ErrWindow, w.Count))
	}
	if w.Period < time.Second || w.Period > maxPeriod {
		mistakes = append(mistakes, fmt.Errorf("%w: period %s is not between 1s and %s", ErrWindow, w.Period, maxPeriod))
	}
	return errors.Join(mistakes...)
}

// Begin is the start of the period that holds now; the zero time if the window
// is invalid.
func (w Window) Begin(now time.Time) time.Time {
	if w.Validate() != nil {
		return time.Time{}
	}
	return now.Add(-w.into(now))
}

// into is how far now lies in its period. It counts in whole seconds and rest,
// so that instants centuries apart do not overflow.
func (w Window) into(now time.Time) time.Duration {
	start := w.Start
	if start.IsZero() {
		start = time.Unix(0, 0)
	}
	period := int64(w.Period)
	seconds := (now.Unix() - start.Unix()) % period
	// seconds·1e9 mod period, without forming the product.
	into := mulmod(seconds, int64(time.Second), period) + int64(now.Nanosecond()-start.Nanosecond())%period
	return time.Duration((into%period + period) % period)
}

// mulmod is a·b mod m by doubling; |a|, b and m are below 2^62.
func mulmod(a, b, m int64) int64 {
	var sum int64
	for a %= m; b > 0; b >>= 1 {
		if b&1 == 1 {
			sum = (sum + a) % m
		}
		a = a * 2 % m
	}
	return sum
}

// Spend asks for cost calls at now and returns the usage to store, which is the
// one given if the call is denied. A cost of 0 asks without spending; a negative
// one is taken as 0. An invalid window denies everything. Usage of the next
// period (another node's clock is ahead of ours) still counts.
func (w Window) Spend(u Usage, now time.Time, cost int) (Usage, Verdict) {
	if w.Validate() != nil {
		return u, Verdict{RetryAfter: Never}
	}
	current := w.current(u, now)
	cost = max(cost, 0)
	reset := current.Begin.Add(w.Period).Sub(now)
	left := max(w.Count-current.Spent, 0)
	switch {
	case cost > w.Count:
		return u, Verdict{Remaining: left, RetryAfter: Never, ResetAfter: reset}
	case cost > left:
		return u, Verdict{Remaining: left, RetryAfter: reset, ResetAfter: reset}
	case cost == 0:
		return u, Verdict{Allowed: true, Remaining: left, ResetAfter: reset}
	}
	current.Spent += cost // no overflow: cost <= left
	return current, Verdict{Allowed: true, Remaining: left - cost, ResetAfter: reset}
}

// Refund gives back cost calls spent in the current period, and never more than
// were spent in it.
func (w Window) Refund(u Usage, now time.Time, cost int) Usage {
	if w.Validate() != nil || cost <= 0 || u.Begin.Before(w.Begin(now)) {
		return u
	}
	u.Spent = max(u.Spent-cost, 0)
	return u
}

// current is the usage in the period that holds now.
func (w Window) current(u Usage, now time.Time) Usage {
	begin := w.Begin(now)
	switch ahead := u.Begin.Sub(begin); {
	case ahead < 0:
		return Usage{Begin: begin}
	case ahead > w.Period:
		// A clock was wrong by more than a node's usual difference: keep the
		// count, but do not lock the caller out until that future has come.
		u.Begin = begin
	}
	u.Spent = max(u.Spent, 0)
	return u
}
