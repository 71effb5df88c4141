package footfall_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"sallyport/pure/funnel"
	"sallyport/service/footfall"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// world is counts over a store that a test can make fail.
type world struct {
	store.Store
	*footfall.Service
	env  store.EnvironmentID
	now  time.Time
	fail bool
}

func (w *world) Write(ctx context.Context, env store.EnvironmentID, f func(store.Tx) error) error {
	if w.fail {
		return store.ErrUnavailable
	}
	return w.Store.Write(ctx, env, f)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 11, 22, 10, 5, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	opened, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db"), Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	w.Store = opened
	err = opened.Write(t.Context(), store.System, func(tx store.Tx) (err error) {
		w.env, err = tx.CreateEnvironment(t.Context(), store.Environment{Tenant: "hl", Name: "production", Created: w.now})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Service = footfall.New(footfall.Config{Store: w, Now: clock, Log: slog.New(slog.DiscardHandler)})
	return w
}

func (w *world) see(flow string, known bool, seen ...funnel.Observation) {
	w.Observe(w.env, funnel.Visit{Journey: "sign-in", Brand: "acme", Application: "my-account", Known: known, Flow: flow, Seen: seen})
}

func (w *world) read(t *testing.T, asked footfall.Asked) funnel.StepSummary {
	t.Helper()
	all, err := w.Read(t.Context(), w.env, nil, asked)
	if err != nil || len(all) != 1 || len(all[0].Steps) != 1 {
		t.Fatalf("%+v %v", all, err)
	}
	return all[0].Steps[0]
}

func TestWhatIsSeenIsCountedWithItsTime(t *testing.T) {
	w := newWorld(t)
	w.see("a", true, funnel.Observation{Step: "code", Outcome: funnel.Shown})
	w.see("b", false, funnel.Observation{Step: "code", Outcome: funnel.Shown})
	w.now = w.now.Add(20 * time.Second)
	w.see("a", true, funnel.Observation{Step: "code", Outcome: funnel.Refused}, funnel.Observation{Step: "code", Outcome: funnel.Done})
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := w.read(t, footfall.Asked{})
	if s.Shown != 2 || s.Done != 1 || s.Refused != 1 || s.Gone != 1 || s.Drop != 50 || s.Took[3] != 1 {
		t.Errorf("%+v", s)
	}
	if s := w.read(t, footfall.Asked{Device: "new"}); s.Shown != 1 || s.Done != 0 || s.Drop != 100 {
		t.Errorf("%+v", s)
	}
}

func TestWhatCannotBeWrittenIsWrittenLater(t *testing.T) {
	w := newWorld(t)
	w.see("a", true, funnel.Observation{Step: "code", Outcome: funnel.Shown})
	w.fail = true
	if err := w.Flush(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Fatal(err)
	}
	w.see("b", true, funnel.Observation{Step: "code", Outcome: funnel.Shown})
	w.fail = false
	for range 2 {
		if err := w.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if s := w.read(t, footfall.Asked{}); s.Shown != 2 {
		t.Errorf("%+v", s)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	w := newWorld(t)
	for n := range 30_000 {
		w.see(fmt.Sprint(n), true, funnel.Observation{Step: fmt.Sprint(n), Outcome: funnel.Shown})
	}
	if err := w.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := w.Read(t.Context(), w.env, nil, footfall.Asked{})
	if err != nil || len(all) != 1 || len(all[0].Steps) != 20_000 {
		t.Errorf("%d %v", len(all[0].Steps), err)
	}
}
