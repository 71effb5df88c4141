package subscribe_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/service/subscribe"
	"sallyport/store"
)

// moody is a store that fails while it is told to.
type moody struct {
	store.Writer
	failing atomic.Bool
}

func (m *moody) Write(ctx context.Context, env store.EnvironmentID, do func(store.Tx) error) error {
	if m.failing.Load() {
		return store.ErrUnavailable
	}
	return m.Writer.Write(ctx, env, do)
}

func (w *world) usage(subscription string) (calls, bytes int64) {
	w.T.Helper()
	lines, err := w.Store.Usage(context.Background(), w.Live.ID, store.UsageQuery{
		Subscription: subscription, From: w.Now().Add(-time.Hour), To: w.Now().Add(time.Hour), Limit: 100,
	})
	w.Must(err)
	for _, line := range lines {
		calls, bytes = calls+line.Calls, bytes+line.Bytes
	}
	return calls, bytes
}

func TestNoCallIsCountedTwiceOrLost(t *testing.T) {
	w := newWorld(t)
	writer := &moody{Writer: w.Store}
	m := subscribe.NewMeter(subscribe.MeterConfig{Store: writer, Now: w.Now, Log: slog.New(slog.DiscardHandler)})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 500 {
				m.Count(w.Live, "sub_1", "billing/payments", 1, 10)
				if i == 100 {
					writer.failing.Store(true)
				}
				if i%100 == 50 {
					if err := m.Flush(context.Background()); err != nil && !errors.Is(err, store.ErrUnavailable) {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	writer.failing.Store(false)
	w.Must(m.Flush(t.Context()))
	w.Must(m.Flush(t.Context()))
	if calls, bytes := w.usage("sub_1"); calls != 4000 || bytes != 40_000 {
		t.Errorf("%d calls and %d bytes were counted, of 4000 and 40000", calls, bytes)
	}
}

func TestTheMeterWritesWhenItEnds(t *testing.T) {
	w := newWorld(t)
	m := subscribe.NewMeter(subscribe.MeterConfig{Store: w.Store, Now: w.Now, Log: slog.New(slog.DiscardHandler)})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { m.Run(ctx); close(ended) }()
	m.Count(w.Live, "", "billing/status", 1, 5)
	stop()
	<-ended
	if calls, _ := w.usage(subscribe.Anonymous); calls != 1 {
		t.Errorf("%d calls without a key were counted", calls)
	}
}

func TestCallsAreCountedOverAllSubscriptions(t *testing.T) {
	w := newWorld(t)
	c := w.create("payright", "standard")
	m := subscribe.NewMeter(subscribe.MeterConfig{Store: w.Store, Now: w.Now, Log: slog.New(slog.DiscardHandler)})
	m.Count(w.Live, c.ID, "billing/list", 3, 10)
	m.Count(w.Live, "", "billing/status", 2, 10)
	w.Must(m.Flush(t.Context()))
	for _, test := range []struct {
		from, to time.Duration
		want     int64
	}{{-time.Hour, time.Minute, 5}, {-2 * time.Hour, -time.Hour, 0}} {
		calls, all, err := w.subs.Called(t.Context(), w.Live, w.Now().Add(test.from), w.Now().Add(test.to))
		if calls != test.want || !all || err != nil {
			t.Errorf("from %v to %v: %d, %t, %v", test.from, test.to, calls, all, err)
		}
	}
}
