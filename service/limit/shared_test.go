package limit

import (
	"context"
	"errors"
	"testing"
	"time"

	"sallyport/pure/quota"
)

// fakeCounters answer from memory, or fail.
type fakeCounters struct {
	arrival map[string]time.Time
	asked   int
	away    bool
}

func (c *fakeCounters) Spend(_ context.Context, name string, limit quota.Limit, now time.Time, cost int) (quota.Verdict, error) {
	c.asked++
	if c.away {
		return quota.Verdict{}, errors.New("gone")
	}
	arrival, verdict := quota.Spend(limit, c.arrival[name], now, cost)
	c.arrival[name] = arrival
	return verdict, nil
}

func (c *fakeCounters) Refund(_ context.Context, name string, limit quota.Limit, now time.Time) error {
	if c.away {
		return errors.New("gone")
	}
	c.arrival[name] = quota.Refund(limit, c.arrival[name], now, 1)
	return nil
}

func TestTwoNodesShareOneLimitAndKeepItWhenTheCountersAreGone(t *testing.T) {
	between := &fakeCounters{arrival: map[string]time.Time{}}
	one, two := New(between), New(between)
	limit := quota.Limit{Count: 1, Period: time.Hour, Burst: 2}
	b := Bucket{Environment: 7, Kind: "key", Name: "sub_1"}
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for i, l := range []*Limiter{one, two} {
		if !l.Spend(b, limit, now, 1).Allowed {
			t.Fatalf("call %d of a burst of 2 was refused", i+1)
		}
	}
	if two.Spend(b, limit, now, 1).Allowed {
		t.Error("the third call was allowed: the nodes do not share the limit")
	}
	one.Refund(b, limit, now)
	if !two.Spend(b, limit, now, 1).Allowed {
		t.Error("a call that one node gave back was not there for the other")
	}
	between.away = true
	for range 2 {
		if !one.Spend(b, limit, now, 1).Allowed {
			t.Error("a call was refused because the counters are gone")
		}
	}
	asked := between.asked
	if one.Spend(b, limit, now, 1).Allowed {
		t.Error("the node alone allowed more than the limit")
	}
	if between.asked != asked {
		t.Error("counters that were gone a moment ago were asked again at once")
	}
}
