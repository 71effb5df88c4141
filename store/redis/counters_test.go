package redis_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"pgregory.net/rapid"

	"sallyport/pure/quota"
	"sallyport/store"
	"sallyport/store/redis"
)

// start gives counters on a server of the test's own.
func start(t *testing.T) (*redis.Counters, *miniredis.Miniredis) {
	t.Helper()
	server := miniredis.RunT(t)
	counters, err := redis.Open(t.Context(), "redis://"+server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(counters.Close)
	return counters, server
}

var began = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func TestTheScriptAnswersWhatQuotaAnswers(t *testing.T) {
	counters, server := start(t)
	rapid.Check(t, func(t *rapid.T) {
		server.FlushAll()
		limit := quota.Limit{Count: rapid.IntRange(1, 50).Draw(t, "count"), Burst: rapid.IntRange(1, 20).Draw(t, "burst")}
		// Whole microseconds a call, so that both can be exact.
		limit.Period = time.Duration(limit.Count) * time.Duration(rapid.IntRange(1, 5_000_000).Draw(t, "interval")) * time.Microsecond
		now, arrival := began, time.Time{}
		for range rapid.IntRange(1, 30).Draw(t, "calls") {
			now = now.Add(time.Duration(rapid.IntRange(0, 10_000_000).Draw(t, "pause")) * time.Microsecond)
			if rapid.IntRange(0, 5).Draw(t, "refund") == 0 {
				arrival = quota.Refund(limit, arrival, now, 1)
				if err := counters.Refund(context.Background(), "x", limit, now); err != nil {
					t.Fatal(err)
				}
				continue
			}
			cost := rapid.IntRange(0, limit.Burst+1).Draw(t, "cost")
			var want quota.Verdict
			arrival, want = quota.Spend(limit, arrival, now, cost)
			got, err := counters.Spend(context.Background(), "x", limit, now, cost)
			if err != nil {
				t.Fatal(err)
			}
			if cost > limit.Burst {
				got.Remaining, got.ResetAfter = want.Remaining, want.ResetAfter // asked of nobody
			}
			if got != want {
				t.Fatalf("got %+v, want %+v", got, want)
			}
		}
	})
}

func TestManyNodesNeverSpendTheSameCredit(t *testing.T) {
	counters, _ := start(t)
	limit := quota.Limit{Count: 1, Period: time.Hour, Burst: 25}
	var admitted atomic.Int64
	var wait sync.WaitGroup
	for range 100 {
		wait.Go(func() {
			if verdict, err := counters.Spend(context.Background(), "shared", limit, began, 1); err == nil && verdict.Allowed {
				admitted.Add(1)
			}
		})
	}
	wait.Wait()
	if admitted.Load() != 25 {
		t.Errorf("%d calls admitted of a burst of 25", admitted.Load())
	}
}

func TestCountersAreApartByName(t *testing.T) {
	counters, _ := start(t)
	limit := quota.Limit{Count: 1, Period: time.Hour, Burst: 1}
	for _, name := range []string{"a", "b"} {
		verdict, err := counters.Spend(t.Context(), name, limit, began, 1)
		if err != nil || !verdict.Allowed {
			t.Errorf("%s: %+v, %v", name, verdict, err)
		}
	}
}

func TestAServerThatGoesAwayIsUnavailableAndComesBack(t *testing.T) {
	counters, server := start(t)
	limit := quota.Limit{Count: 1, Period: time.Second, Burst: 1}
	server.SetError("LOADING")
	if _, err := counters.Spend(t.Context(), "x", limit, began, 1); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	server.SetError("")
	if verdict, err := counters.Spend(t.Context(), "x", limit, began, 1); err != nil || !verdict.Allowed {
		t.Errorf("after its return: %+v, %v", verdict, err)
	}
}

func TestAnErrorNeverRepeatsThePassword(t *testing.T) {
	_, err := redis.Open(t.Context(), "redis://operator:opensesame@127.0.0.1:1/0")
	if !errors.Is(err, store.ErrUnavailable) || strings.Contains(err.Error(), "opensesame") {
		t.Errorf("got %v", err)
	}
}
