package quota_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/pure/quota"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// TestAStoryOfOneCaller reads from top to bottom: ten calls a second, four at
// once.
func TestAStoryOfOneCaller(t *testing.T) {
	const ms = time.Millisecond
	limit := quota.Limit{Count: 10, Period: time.Second, Burst: 4}
	var tat time.Time
	for _, step := range []struct {
		name string
		at   time.Duration
		cost int
		want quota.Verdict
	}{
		{"a first call", 0, 1, quota.Verdict{Allowed: true, Remaining: 3, ResetAfter: 100 * ms}},
		{"two at once", 0, 2, quota.Verdict{Allowed: true, Remaining: 1, ResetAfter: 300 * ms}},
		{"two more are one too many", 0, 2, quota.Verdict{Remaining: 1, RetryAfter: 100 * ms, ResetAfter: 300 * ms}},
		{"and cost nothing", 0, 1, quota.Verdict{Allowed: true, Remaining: 0, ResetAfter: 400 * ms}},
		{"asking is free", 0, 0, quota.Verdict{Allowed: true, Remaining: 0, ResetAfter: 400 * ms}},
		{"too early by a nanosecond", 100*ms - 1, 1, quota.Verdict{RetryAfter: 1, ResetAfter: 300*ms + 1}},
		{"in time", 100 * ms, 1, quota.Verdict{Allowed: true, Remaining: 0, ResetAfter: 400 * ms}},
		{"after a rest everything is back", time.Hour, 4, quota.Verdict{Allowed: true, Remaining: 0, ResetAfter: 400 * ms}},
		{"more than a burst is never allowed", 2 * time.Hour, 5, quota.Verdict{Remaining: 4, RetryAfter: quota.Never}},
		{"a negative cost gives nothing back", 2 * time.Hour, -3, quota.Verdict{Allowed: true, Remaining: 4}},
		{"a huge cost does not overflow", 2 * time.Hour, math.MaxInt, quota.Verdict{Remaining: 4, RetryAfter: quota.Never}},
		{"a clock set back waits for a burst at most", -time.Hour, 1, quota.Verdict{RetryAfter: 100 * ms, ResetAfter: 400 * ms}},
	} {
		next, got := quota.Spend(limit, tat, noon.Add(step.at), step.cost)
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s: %s", step.name, diff)
		}
		tat = next
	}
}

func TestRefundReturnsNoMoreThanWasSpent(t *testing.T) {
	limit := quota.Limit{Count: 1, Period: time.Second, Burst: 3}
	tat, _ := quota.Spend(limit, time.Time{}, noon, 2)
	if got := quota.Refund(limit, tat, noon, 1); !got.Equal(noon.Add(time.Second)) {
		t.Errorf("one back: %s", got)
	}
	if got := quota.Refund(limit, tat, noon, math.MaxInt); !got.Equal(noon) {
		t.Errorf("everything back: %s", got)
	}
	if got := quota.Refund(limit, tat, noon.Add(time.Hour), 1); !got.Equal(tat) {
		t.Errorf("a refund after the reset: %s", got)
	}
	if got := quota.Refund(limit, tat, noon, -1); !got.Equal(tat) {
		t.Errorf("a negative refund: %s", got)
	}
}

func TestValidateNamesEveryMistake(t *testing.T) {
	for _, test := range []struct {
		name  string
		limit quota.Limit
		want  int // lines
	}{
		{"a common limit", quota.Limit{Count: 300, Period: time.Minute, Burst: 20}, 0},
		{"the zero limit", quota.Limit{}, 3},
		{"negative numbers", quota.Limit{Count: -1, Period: -1, Burst: -1}, 3},
		{"faster than the clock", quota.Limit{Count: 2, Period: 1, Burst: 1}, 1},
		{"a burst of ages", quota.Limit{Count: 1, Period: time.Hour, Burst: math.MaxInt}, 1},
		{"a period of ages", quota.Limit{Count: 1, Period: math.MaxInt64, Burst: 1}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.limit.Validate()
			if test.want == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, quota.ErrLimit) || strings.Count(err.Error(), "\n") != test.want-1 {
				t.Errorf("%v; want %d mistakes", err, test.want)
			}
			if _, v := quota.Spend(test.limit, time.Time{}, noon, 1); v.Allowed || v.RetryAfter != quota.Never {
				t.Errorf("an invalid limit allowed a call: %+v", v)
			}
		})
	}
}

func limits() *rapid.Generator[quota.Limit] {
	return rapid.Custom(func(t *rapid.T) quota.Limit {
		return quota.Limit{
			Count:  rapid.IntRange(1, 1000).Draw(t, "count"),
			Period: time.Duration(rapid.Int64Range(1000, int64(time.Hour)).Draw(t, "period")),
			Burst:  rapid.IntRange(1, 50).Draw(t, "burst"),
		}
	})
}

// TestNoSpanOfTimeSeesMoreThanBurstAndRate is the promise of the package, for
// every span between two calls of a random run.
func TestNoSpanOfTimeSeesMoreThanBurstAndRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := limits().Draw(t, "limit")
		type admission struct {
			at    time.Time
			total int // before it
		}
		var (
			tat      time.Time
			admitted []admission
			total    int
			now      = noon
		)
		for range rapid.IntRange(1, 60).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.Int64Range(0, 2*int64(limit.Interval())).Draw(t, "pause")))
			cost := rapid.IntRange(1, 5).Draw(t, "cost")
			next, v := quota.Spend(limit, tat, now, cost)
			if !v.Allowed {
				if !next.Equal(tat) {
					t.Fatalf("a denial moved the state by %s", next.Sub(tat))
				}
				continue
			}
			tat = next
			admitted = append(admitted, admission{now, total})
			total += cost
			for _, first := range admitted {
				span := now.Sub(first.at)
				// In whole numbers: (total - burst)·Period <= span·Count.
				if excess := total - first.total - limit.Burst; excess > 0 && int64(excess)*int64(limit.Period) > int64(span)*int64(limit.Count) {
					t.Fatalf("%d calls in %s under %+v", total-first.total, span, limit)
				}
			}
		}
	})
}

func TestRetryAfterIsExactAndWaitingNeverHurts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := limits().Draw(t, "limit")
		tat := noon.Add(time.Duration(rapid.Int64Range(-1000, int64(limit.Credit())).Draw(t, "ahead")))
		cost := rapid.IntRange(1, limit.Burst).Draw(t, "cost")
		_, v := quota.Spend(limit, tat, noon, cost)
		if again, w := quota.Spend(limit, tat, noon, cost); !v.Allowed && (w != v || !again.Equal(tat)) {
			t.Fatalf("a second denial differs: %+v, %+v", v, w)
		}
		if v.Allowed == (v.RetryAfter > 0) {
			t.Fatalf("allowed and to wait: %+v", v)
		}
		if _, w := quota.Spend(limit, tat, noon.Add(v.RetryAfter), cost); !w.Allowed {
			t.Fatalf("denied after waiting: %+v", w)
		}
		if _, w := quota.Spend(limit, tat, noon.Add(v.RetryAfter-1), cost); v.RetryAfter > 0 && w.Allowed {
			t.Fatalf("allowed too early: %+v", w)
		}
		later := noon.Add(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "later")))
		if _, w := quota.Spend(limit, tat, later, cost); w.Allowed == v.Allowed && w.Remaining < v.Remaining || v.Allowed && !w.Allowed {
			t.Fatalf("waiting made it worse: %+v, then %+v", v, w)
		}
	})
}

func TestRemainingIsWhatWouldBeAllowed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := limits().Draw(t, "limit")
		tat := noon.Add(time.Duration(rapid.Int64Range(0, int64(limit.Credit())).Draw(t, "ahead")))
		_, v := quota.Spend(limit, tat, noon, 0)
		if _, all := quota.Spend(limit, tat, noon, v.Remaining); !all.Allowed {
			t.Fatalf("what remains is denied: %+v", v)
		}
		if _, more := quota.Spend(limit, tat, noon, v.Remaining+1); more.Allowed {
			t.Fatalf("more than remains is allowed: %+v", v)
		}
		if _, rested := quota.Spend(limit, tat, noon.Add(v.ResetAfter), 0); rested.Remaining != limit.Burst {
			t.Fatalf("after the reset remain %d", rested.Remaining)
		}
	})
}

func TestSpendingAndRefundingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := limits().Draw(t, "limit")
		tat := noon.Add(time.Duration(rapid.Int64Range(0, int64(limit.Credit())).Draw(t, "ahead")))
		cost := rapid.IntRange(1, limit.Burst).Draw(t, "cost")
		spent, v := quota.Spend(limit, tat, noon, cost)
		if back := quota.Refund(limit, spent, noon, cost); v.Allowed && !back.Equal(tat) {
			t.Fatalf("off by %s", back.Sub(tat))
		}
	})
}

func TestSpendDoesNotAllocate(t *testing.T) {
	limit := quota.Limit{Count: 300, Period: time.Minute, Burst: 20}
	if n := testing.AllocsPerRun(100, func() { quota.Spend(limit, noon, noon, 1) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkSpend(b *testing.B) {
	limit := quota.Limit{Count: 300, Period: time.Minute, Burst: 20}
	b.ReportAllocs()
	for b.Loop() {
		quota.Spend(limit, noon, noon, 1)
	}
}
