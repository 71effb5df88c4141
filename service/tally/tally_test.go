package tally_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
	"sallyport/service/tally"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// world is a tally over a store, at an instant that a test moves.
type world struct {
	*testing.T
	*tally.Tally
	env  store.EnvironmentID
	now  time.Time
	fail error
	store.Store
}

func (w *world) Write(ctx context.Context, env store.EnvironmentID, do func(store.Tx) error) error {
	if w.fail != nil {
		return w.fail
	}
	return w.Store.Write(ctx, env, do)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: t.TempDir() + "/sallyport.db"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w := &world{T: t, Store: s, now: time.Date(2026, 11, 22, 23, 59, 0, 0, time.UTC)}
	err = s.Write(t.Context(), store.System, func(tx store.Tx) (err error) {
		w.env, err = tx.CreateEnvironment(t.Context(), store.Environment{Tenant: "t", Name: "e", Created: w.now})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Tally = tally.New(tally.Config{Store: w, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler)})
	return w
}

func (w *world) flush() {
	w.Helper()
	if err := w.Flush(w.Context()); err != nil {
		w.Fatal(err)
	}
}

func (w *world) uses() tally.Uses {
	w.Helper()
	u, err := w.Uses(w.Context(), w.env, "apps")
	if err != nil {
		w.Fatal(err)
	}
	return u
}

func day(n int) time.Time { return time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC) }

func TestTheLastDayOfAScopeOutlivesTheNode(t *testing.T) {
	w := newWorld(t)
	w.Issued(w.env, "apps", "mobile", []access.Scope{"openid", "billing.read.bill"}, 900, 700)
	w.Issued(w.env, "apps", "mobile", []access.Scope{"billing.read.bill"}, 900, 0)
	w.Issued(w.env, "enterprise", "payright", []access.Scope{"usage.read.interval"}, 500, 0)
	w.flush()
	w.now = w.now.Add(2 * time.Minute)
	w.Issued(w.env, "apps", "my-account", []access.Scope{"billing.read.bill"}, 900, 0)
	w.flush()
	u := w.uses()
	if diff := cmp.Diff(map[string]time.Time{"mobile": day(22), "my-account": day(23)}, u.Of("billing.read.bill")); diff != "" {
		t.Error(diff)
	}
	if u.Since != day(22) || u.Last("billing.read.bill") != day(23) {
		t.Errorf("recorded since %s, last used %s", u.Since, u.Last("billing.read.bill"))
	}
	if len(u.Of("openid")) != 0 || !u.Last("usage.read.interval").IsZero() {
		t.Error("it tells of OpenID Connect's own scopes, or of another server's")
	}
}

func TestADayIsWrittenOnceAndAfterTroubleAgain(t *testing.T) {
	w := newWorld(t)
	w.fail = store.ErrUnavailable
	w.Issued(w.env, "apps", "mobile", []access.Scope{"billing.read.bill"}, 900, 0)
	if err := w.Flush(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("a store that is away gives %v", err)
	}
	w.fail = nil
	w.flush()
	if w.uses().Last("billing.read.bill") != day(22) {
		t.Error("what could not be written is lost")
	}
	w.fail = errors.New("written again")
	w.Issued(w.env, "apps", "mobile", []access.Scope{"billing.read.bill"}, 900, 0)
	w.flush()
}

func TestSizesAreMeasuredByApplicationAndServer(t *testing.T) {
	w := newWorld(t)
	for bytes := 1; bytes <= 1000; bytes++ {
		w.Issued(w.env, "apps", "mobile", nil, bytes, 0)
	}
	w.Issued(w.env, "apps", "my-account", nil, 20_000, 640)
	w.Issued(w.env+1, "apps", "mobile", nil, 1, 1)
	want := []tally.Measured{
		{Server: "apps", Application: "mobile", Access: tally.Spread{Tokens: 1000, Median: 512, P95: 960, Most: 1000}},
		{
			Server: "apps", Application: "my-account", Access: tally.Spread{Tokens: 1, Median: 20_000, P95: 20_000, Most: 20_000},
			ID: tally.Spread{Tokens: 1, Median: 640, P95: 640, Most: 640},
		},
	}
	if diff := cmp.Diff(want, w.Sizes(w.env)); diff != "" {
		t.Error(diff)
	}
}

func TestManyCanCountAtOnce(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 500 {
				w.Issued(w.env, "apps", "mobile", []access.Scope{"a.read.b", access.Scope("c.read." + string(rune('a'+i%26)))}, 100+i, 0)
				if i%100 == 0 {
					_ = w.Flush(context.Background())
				}
			}
		})
	}
	all.Wait()
	w.flush()
	if got := w.Sizes(w.env)[0].Access; got.Tokens != 4000 || got.Most != 599 {
		t.Errorf("%+v", got)
	}
	if w.uses().Last("c.read.z") != day(22) {
		t.Error("a scope is lost")
	}
}

// A token costs a signature, some 25 microseconds; counting it should not show.
func BenchmarkIssued(b *testing.B) {
	t := tally.New(tally.Config{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	scopes := []access.Scope{"openid", "offline_access", "billing.read.bill", "billing.write.payment", "outage.write.report"}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			t.Issued(2, "apps", "my-account", scopes, 912, 744)
		}
	})
}
