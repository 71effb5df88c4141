package limit

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sallyport/pure/quota"
)

func TestCountersThatGoAwayAndComeBackAreToldOfOnceEach(t *testing.T) {
	var said bytes.Buffer
	between := &fakeCounters{arrival: map[string]time.Time{}}
	w := Watch(between, slog.New(slog.NewTextHandler(&said, nil)))
	limit := quota.Limit{Count: 1, Period: time.Hour, Burst: 2}
	ask := func() {
		for range 3 {
			_, _ = w.Spend(t.Context(), "b", limit, time.Now(), 1)
			_ = w.Refund(t.Context(), "b", limit, time.Now())
		}
	}
	for _, step := range []struct {
		away        bool
		gone, again int // how often each was said
	}{{false, 0, 0}, {true, 1, 0}, {false, 1, 1}, {true, 2, 1}} {
		between.away = step.away
		ask()
		gone, again := strings.Count(said.String(), "do not answer"), strings.Count(said.String(), "answer again")
		if gone != step.gone || again != step.again || w.Answer() == step.away {
			t.Errorf("with counters away=%v: %d and %d lines, answering %v", step.away, gone, again, w.Answer())
		}
	}
}

// slowCounters answer nobody, each after a while.
type slowCounters struct{ asked atomic.Int64 }

func (c *slowCounters) Spend(context.Context, string, quota.Limit, time.Time, int) (quota.Verdict, error) {
	c.asked.Add(1)
	time.Sleep(250 * time.Millisecond)
	return quota.Verdict{}, context.DeadlineExceeded
}

func (c *slowCounters) Refund(context.Context, string, quota.Limit, time.Time) error { return nil }

func TestOfManyRequestsOneWaitsForCountersThatAreSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &slowCounters{}
		l := New(slow)
		limit := quota.Limit{Count: 1000, Period: time.Second, Burst: 1000}
		l.Spend(Bucket{Kind: "x"}, limit, time.Now(), 1) // learns that they are away
		time.Sleep(retryShared)
		var waited atomic.Int64
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				began := time.Now()
				l.Spend(Bucket{Kind: "x"}, limit, began, 1)
				if time.Since(began) > 0 {
					waited.Add(1)
				}
			})
		}
		all.Wait()
		if waited.Load() != 1 || slow.asked.Load() != 2 {
			t.Errorf("%d of 100 waited, and they were asked %d times", waited.Load(), slow.asked.Load())
		}
	})
}
