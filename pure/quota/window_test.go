package quota_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/pure/quota"
)

func TestAStoryOfADay(t *testing.T) {
	day := quota.Window{Count: 3, Period: 24 * time.Hour}
	var usage quota.Usage
	for _, step := range []struct {
		name string
		at   time.Duration
		cost int
		want quota.Verdict
	}{
		{"a first call at noon", 0, 1, quota.Verdict{Allowed: true, Remaining: 2, ResetAfter: 12 * time.Hour}},
		{"three more are too many", 0, 3, quota.Verdict{Remaining: 2, RetryAfter: 12 * time.Hour, ResetAfter: 12 * time.Hour}},
		{"and cost nothing", time.Hour, 2, quota.Verdict{Allowed: true, ResetAfter: 11 * time.Hour}},
		{"asking is free", time.Hour, 0, quota.Verdict{Allowed: true, ResetAfter: 11 * time.Hour}},
		{"the last nanosecond of the day", 12*time.Hour - 1, 1, quota.Verdict{RetryAfter: 1, ResetAfter: 1}},
		{"midnight", 12 * time.Hour, 1, quota.Verdict{Allowed: true, Remaining: 2, ResetAfter: 24 * time.Hour}},
		{"a node whose clock is behind still sees the new day's count", 12*time.Hour - 1, 2, quota.Verdict{Allowed: true, ResetAfter: 24*time.Hour + 1}},
		{"more than a day's worth is never allowed", 12 * time.Hour, math.MaxInt, quota.Verdict{RetryAfter: quota.Never, ResetAfter: 24 * time.Hour}},
	} {
		next, got := day.Spend(usage, noon.Add(step.at), step.cost)
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s: %s", step.name, diff)
		}
		usage = next
	}
}

func TestAWrongClockDoesNotLockACallerOut(t *testing.T) {
	day := quota.Window{Count: 3, Period: 24 * time.Hour}
	usage, _ := day.Spend(quota.Usage{}, noon.AddDate(10, 0, 0), 3)
	if _, v := day.Spend(usage, noon, 1); v.Allowed || v.RetryAfter != 12*time.Hour {
		t.Errorf("got %+v", v)
	}
}

func TestWindowsAreAlignedToTheirStart(t *testing.T) {
	vienna := time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("CET", 3600))
	for _, test := range []struct {
		name      string
		window    quota.Window
		now, want time.Time
	}{
		{"days from midnight in UTC", quota.Window{Period: 24 * time.Hour}, noon, noon.Add(-12 * time.Hour)},
		{"days from midnight elsewhere", quota.Window{Period: 24 * time.Hour, Start: vienna}, noon, noon.Add(-13 * time.Hour)},
		{"before the start", quota.Window{Period: time.Hour, Start: noon.Add(90 * time.Minute)}, noon, noon.Add(-30 * time.Minute)},
		{"long before the start", quota.Window{Period: 7 * time.Second, Start: time.Unix(0, 0)}, time.Unix(-8, 0), time.Unix(-14, 0)},
		{"a millennium later", quota.Window{Period: time.Second, Start: time.Unix(0, 500)}, time.Unix(32503680000, 0), time.Unix(32503679999, 500)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.window.Begin(test.now); !got.Equal(test.want) {
				t.Errorf("begins at %s, want %s", got, test.want)
			}
		})
	}
}

func TestEveryInstantLiesInItsWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		window := quota.Window{
			Count:  1,
			Period: time.Duration(rapid.Int64Range(int64(time.Second), int64(366*24*time.Hour)).Draw(t, "period")),
			Start:  time.Unix(rapid.Int64Range(-1e10, 1e10).Draw(t, "start"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")),
		}
		now := time.Unix(rapid.Int64Range(-1e10, 1e11).Draw(t, "now"), rapid.Int64Range(0, 999_999_999).Draw(t, "more nanoseconds"))
		begin := window.Begin(now)
		if begin.After(now) || !begin.Add(window.Period).After(now) {
			t.Fatalf("%s is not in the window of %s from %s", now, window.Period, begin)
		}
		if again := window.Begin(begin); !again.Equal(begin) {
			t.Fatalf("%s begins at %s", begin, again)
		}
		if before := window.Begin(begin.Add(-1)); begin.Sub(before) != window.Period {
			t.Fatalf("%s follows %s", begin, before)
		}
	})
}

func TestAWindowAdmitsItsCountAndNoMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		window := quota.Window{Count: rapid.IntRange(0, 30).Draw(t, "count"), Period: time.Minute}
		passed := make(map[time.Time]int)
		var usage quota.Usage
		now := noon
		for range rapid.IntRange(1, 60).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(t, "pause")))
			cost := rapid.IntRange(1, 5).Draw(t, "cost")
			next, v := window.Spend(usage, now, cost)
			before := passed[window.Begin(now)]
			if v.Allowed != (before+cost <= window.Count) {
				t.Fatalf("%d after %d of %d: %+v", cost, before, window.Count, v)
			}
			if !v.Allowed && next != usage {
				t.Fatal("a denial changed the state")
			}
			if v.Allowed {
				passed[window.Begin(now)] += cost
			}
			usage = next
		}
	})
}

func TestAWindowRefunds(t *testing.T) {
	day := quota.Window{Count: 3, Period: 24 * time.Hour}
	usage, _ := day.Spend(quota.Usage{}, noon, 2)
	if got := day.Refund(usage, noon, 1); got.Spent != 1 {
		t.Errorf("one back: %+v", got)
	}
	if got := day.Refund(usage, noon, math.MaxInt); got.Spent != 0 {
		t.Errorf("everything back: %+v", got)
	}
	if got := day.Refund(usage, noon.Add(24*time.Hour), 1); got != usage {
		t.Errorf("yesterday's: %+v", got)
	}
	if got := day.Refund(usage, noon, -5); got != usage {
		t.Errorf("a negative refund: %+v", got)
	}
}

func TestAnInvalidWindowAllowsNothing(t *testing.T) {
	for _, window := range []quota.Window{{}, {Count: -1, Period: time.Hour}, {Count: 1, Period: time.Millisecond}, {Count: 1, Period: math.MaxInt64}} {
		if err := window.Validate(); !errors.Is(err, quota.ErrWindow) {
			t.Errorf("%+v: %v", window, err)
		}
		if _, v := window.Spend(quota.Usage{}, noon, 1); v.Allowed {
			t.Errorf("%+v allowed a call", window)
		}
	}
}
