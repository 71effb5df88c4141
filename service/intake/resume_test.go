package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/service/intake"
	"sallyport/store"
)

// counting counts what is asked of the ledger, and what waits for the writer.
type counting struct {
	store.Store
	lookups, writes int
}

func (c *counting) KnownRecords(ctx context.Context, env store.EnvironmentID, migration string, keys []string) (map[string]store.KnownRecord, error) {
	c.lookups++
	return c.Store.KnownRecords(ctx, env, migration, keys)
}

func (c *counting) Write(ctx context.Context, env store.EnvironmentID, do func(store.Tx) error) error {
	c.writes++
	return c.Store.Write(ctx, env, do)
}

// until imports a file until so many rows are done.
func until(t testing.TB, s store.Store, text string, rows int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := service(s).Import(ctx, intake.Request{
		Env: env, Plan: plan(t), Source: source(text), Progress: func(p intake.Progress) {
			if p.Phase == intake.Moving && p.Rows >= rows {
				cancel()
			}
		},
	})
	if !errors.Is(err, intake.ErrPaused) {
		t.Fatal("not paused:", err)
	}
}

// A run that goes on beside people who sign in must not wait for them once for every
// record that it brought before.
func TestGoingOnAsksTheLedgerForNoRecordThatCameBefore(t *testing.T) {
	s := open(t)
	until(t, s, export(3000), 2500)
	before, err := s.RecordCounts(t.Context(), env, "meterman")
	if err != nil {
		t.Fatal(err)
	}
	asked, first := &counting{Store: s}, 0
	report, err := service(asked).Import(t.Context(), intake.Request{
		Env: env, Plan: plan(t), Source: source(export(3000)), Progress: func(p intake.Progress) {
			if p.Phase == intake.Moving && first == 0 {
				first = asked.writes
			}
		},
	})
	if err != nil || !report.Resumed {
		t.Fatal(report, err)
	}
	if asked.lookups != 0 || first > 4 { // the run is taken over, its key is made, and the first batch is tried
		t.Errorf("the ledger was asked %d times, and %d writes came before the first row", asked.lookups, first)
	}
	if diff := cmp.Diff(whatExportHolds(3000), report.Ledger); diff != "" {
		t.Error(diff)
	}
	if report.Fresh != before[store.RecordPending] || report.Absent != 0 {
		t.Errorf("%d were fresh and %d absent, want %d and 0", report.Fresh, report.Absent, before[store.RecordPending])
	}
	delete(before, store.RecordPending)
	if diff := cmp.Diff(before, report.Known); diff != "" {
		t.Errorf("known: %s", diff)
	}
}

// What a first survey counted is told by a run that goes on, too.
func TestGoingOnTellsWhoIsAbsent(t *testing.T) {
	s := open(t)
	importing(t, service(s), header+line(0)+line(1)+line(2))
	var newer strings.Builder
	newer.WriteString(header)
	for n := 2; n < 600; n++ {
		newer.WriteString(line(n))
	}
	until(t, s, newer.String(), 200)
	report := importing(t, service(s), newer.String())
	if !report.Resumed || report.Absent != 2 || report.Known[store.RecordImported]+report.Fresh != 598 || report.Ledger[store.RecordImported] != 600 {
		t.Errorf("report %+v", report)
	}
}

// Another worker that ends the run while its source is surveyed leaves nothing to count.
func TestAfterAnotherWorkerEndedTheRunNothingIsCountedAgain(t *testing.T) {
	s := open(t)
	file := export(5000)
	until(t, s, file, 1000)
	ended := false
	_, err := service(s).Import(t.Context(), intake.Request{
		Env: env, Plan: plan(t), Source: source(file), Progress: func(p intake.Progress) {
			if !ended && p.Phase == intake.Surveying && p.Of > 0 { // it knows of the run by now
				ended = true
				importing(t, service(s), file)
			}
		},
	})
	if !errors.Is(err, intake.ErrTakenOver) {
		t.Error(err)
	}
	counts, err := s.RecordCounts(t.Context(), env, "meterman")
	if diff := cmp.Diff(whatExportHolds(5000), counts); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if again := importing(t, service(s), file); again.Run != "" || again.Fresh != 0 {
		t.Errorf("report %+v", again)
	}
}

// BenchmarkResume prints how long a run of 100,000 rows takes until its first new row,
// when a tenth of it was done before and when nine tenths were, beside twenty who sign
// in each second.
func BenchmarkResume(b *testing.B) {
	const n = 100_000
	file := export(n)
	for b.Loop() {
		s := open(b)
		for _, done := range []int64{n / 10, 9 * n / 10} {
			until(b, s, file, done)
			began, took := time.Now(), time.Duration(0)
			ctx, cancel := context.WithCancel(b.Context())
			go beside(ctx, b, s)
			_, err := service(s).Import(ctx, intake.Request{
				Env: env, Plan: plan(b), Source: source(file), Progress: func(p intake.Progress) {
					if p.Phase == intake.Moving && took == 0 {
						took = time.Since(began)
						cancel()
					}
				},
			})
			if cancel(); !errors.Is(err, intake.ErrPaused) {
				b.Fatal(err)
			}
			b.ReportMetric(float64(took.Milliseconds()), fmt.Sprintf("ms-at-%d", done))
		}
	}
}

// beside writes as sign-ins do.
func beside(ctx context.Context, b *testing.B, s store.Store) {
	for tick := time.NewTicker(50 * time.Millisecond); ctx.Err() == nil; {
		err := s.Write(ctx, env, func(tx store.Tx) error {
			return tx.Audit(ctx, store.Event{At: time.Now(), Type: "customer.signed-in", Actor: "system", Body: []byte("{}")})
		})
		if err != nil && ctx.Err() == nil {
			b.Error(err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}
