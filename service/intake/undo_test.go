package intake_test

import (
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/store"
)

// acted writes that a customer did something here.
func acted(t testing.TB, s store.Store, id customer.ID, kind audit.Type) {
	t.Helper()
	log := audit.New(s, time.Now, rand.Reader)
	at := found(t, s, 1).Customer.Updated.AddDate(0, 0, 1)
	event := log.Event(audit.Entry{At: at, Type: kind, Actor: audit.Customer(id.String()), Customer: id.String()})
	if err := s.Record(t.Context(), env, event); err != nil {
		t.Fatal(err)
	}
}

func undoing(t testing.TB, svc *intake.Service, run string, dry bool) intake.UndoReport {
	t.Helper()
	report, err := svc.Undo(t.Context(), intake.UndoRequest{Env: env, Migration: "meterman", Run: run, DryRun: dry})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestAnUndoRemovesWhoDidNothingHereAndSaysBeforeWhoStays(t *testing.T) {
	s := open(t)
	svc := service(s)
	admitting(t, svc, arrival(t, "9"))
	first := importing(t, svc, header+row(1)+row(2)+row(3)+row(4)+row(9)+row(5, set("hash", "12ab")))
	second := importing(t, svc, header+row(1)+row(2, set("name", "New"))+row(6)+row(7))
	acted(t, s, found(t, s, 3).Customer.ID, audit.SignedIn)
	acted(t, s, found(t, s, 4).Customer.ID, audit.PasswordChanged)
	acted(t, s, found(t, s, 4).Customer.ID, audit.SignedIn)
	acted(t, s, found(t, s, 6).Customer.ID, audit.FactorEnrolled)
	acted(t, s, found(t, s, 7).Customer.ID, audit.CustomerViewed) // by somebody else
	before, err := s.RecordWays(t.Context(), env, "meterman")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		run              string
		removed, updated int64
		stay             map[intake.StayReason]int64
	}{
		{second.Run, 1, 1, map[intake.StayReason]int64{"changed-here": 1}},
		{first.Run, 2, 0, map[intake.StayReason]int64{"signed-in": 1, "password-changed": 1}},
	} {
		dry := undoing(t, svc, c.run, true)
		real := undoing(t, svc, c.run, false)
		for _, report := range []intake.UndoReport{dry, real} {
			if report.Removed != c.removed || report.Updated != c.updated || cmp.Diff(c.stay, report.Stay) != "" {
				t.Errorf("dry %v: %+v", report.DryRun, report)
			}
		}
		if diff := cmp.Diff(dry.Records, real.Records); diff != "" || int64(len(real.Records)) != c.removed+c.updated+int64(len(c.stay)) {
			t.Errorf("records %+v: %s", real.Records, diff)
		}
		_, err := svc.Undo(t.Context(), intake.UndoRequest{Env: env, Migration: "meterman", Run: c.run})
		if !errors.Is(err, intake.ErrNotUndoable) {
			t.Errorf("undone twice: %v", err)
		}
	}
	want := map[string]string{
		"1": "pending undone", "2": "pending undone", "3": "imported", "4": "imported", "5": "held broken-hash", "6": "imported", "7": "pending undone", "9": "imported kept-here",
	}
	for key, state_ := range want {
		if got := state(t, s, key); got != state_ {
			t.Errorf("%s is %q, want %q", key, got, state_)
		}
	}
	_, err = s.PersonByIdentifier(t.Context(), env, customer.Email, "c1@harbourlight.test")
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("1 is here still: %v", err)
	}
	again := importing(t, svc, header+row(1)+row(2, set("name", "New"))+row(3)+row(4)+row(5, set("hash", "12ab"))+row(6)+row(7)+row(9))
	after, err := s.RecordWays(t.Context(), env, "meterman")
	if diff := cmp.Diff(before, after); diff != "" || err != nil || again.Summary.Records != 3 {
		t.Errorf("brought back: %+v %v %s", again, err, diff)
	}
}

func TestARunThatIsNotDoneIsNotUndone(t *testing.T) {
	s := open(t)
	svc := service(s)
	if _, err := svc.Undo(t.Context(), intake.UndoRequest{Env: env, Migration: "meterman", Run: "r-1"}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of no run: %v", err)
	}
	run := store.Run{Migration: "meterman", ID: "r-1", State: "paused", Total: 3, Started: time.UnixMicro(1), Updated: time.UnixMicro(1)}
	if err := s.Write(t.Context(), env, func(tx store.Tx) error { return tx.StartRun(t.Context(), run) }); err != nil {
		t.Fatal(err)
	}
	if _, err := svc.Undo(t.Context(), intake.UndoRequest{Env: env, Migration: "meterman", Run: "r-1"}); !errors.Is(err, intake.ErrNotUndoable) {
		t.Errorf("of one that is paused: %v", err)
	}
}

func TestNobodyBringsBackWhoWasErased(t *testing.T) {
	s := open(t)
	svc := service(s)
	importing(t, svc, header+row(1)+row(2))
	one := found(t, s, 1)
	if n, err := svc.Erase(t.Context(), env, one.Customer.ID); n != 1 || err != nil {
		t.Fatalf("%d records, %v", n, err)
	}
	if err := s.Write(t.Context(), env, func(tx store.Tx) error {
		return tx.RemoveCustomer(t.Context(), one.Customer.ID, one.Customer.Version)
	}); err != nil {
		t.Fatal(err)
	}
	report := importing(t, svc, header+row(1, set("name", "Once more"))+row(2)+row(3))
	if diff := cmp.Diff(map[store.RecordState]int64{store.RecordImported: 2, store.RecordErased: 1}, report.Ledger); diff != "" || report.Fresh != 1 {
		t.Errorf("%+v %s", report, diff)
	}
	if reason := heldFor(t, svc, arrival(t, "1")); reason != intake.Erased {
		t.Errorf("just in time: %s", reason)
	}
	if _, err := s.PersonByIdentifier(t.Context(), env, customer.Username, "customer.1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("1 is here: %v", err)
	}
	line, err := svc.LookUp(t.Context(), env, "meterman", "1")
	if err != nil || line.State != "erased" || line.Key == "1" || line.Customer != "" || line.Row != 0 {
		t.Errorf("the ledger has %+v, %v", line, err)
	}
}

func TestEachFieldTellsWhereItCameFrom(t *testing.T) {
	s := open(t)
	svc := service(s)
	first := importing(t, svc, header+row(1))
	second := importing(t, svc, header+row(1, set("email", "new@harbourlight.test")))
	c := found(t, s, 1).Customer
	c.Name = "Their own"
	if err := s.Write(t.Context(), env, func(tx store.Tx) error { return tx.UpdateCustomer(t.Context(), c) }); err != nil {
		t.Fatal(err)
	}
	p, err := svc.Provenance(t.Context(), env, "meterman", "1")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range p.Fields {
		still := "changed"
		if f.Still {
			still = "still"
		}
		got[f.Target] = f.From + " " + f.Run + " " + f.Way + " " + still
	}
	want := map[string]string{
		"state": " " + first.Run + " bulk still", "username": "login " + first.Run + " bulk still", "name": "name " + first.Run + " bulk changed",
		"password": "hash " + first.Run + " bulk still", "email": "email " + second.Run + " bulk still",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := svc.Provenance(t.Context(), env, "meterman", "2"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of nobody: %v", err)
	}
}

// goingPoints are those around people who go.
func goingPoints() []string {
	return []string{
		intake.BeforeUndo, intake.AfterUndo, intake.BeforeRemove, intake.WithinRemove, intake.AfterRemove,
		intake.BeforeUndone, intake.AfterUndone, intake.BeforeErase, intake.AfterErase,
	}
}

// TestDiesUndoing is the process that the next test kills.
func TestDiesUndoing(t *testing.T) {
	point := os.Getenv(diesAt)
	if point == "" {
		t.Skip("runs as another test's victim")
	}
	left, _ := strconv.Atoi(os.Getenv(diesTime))
	s := openAt(t, os.Getenv(diesOn))
	svc := mortal(t, s, point, left)
	report := importing(t, svc, export(people))
	acted(t, s, found(t, s, 3).Customer.ID, audit.SignedIn)
	acted(t, s, found(t, s, 390).Customer.ID, audit.SignedIn)
	if _, err := svc.Erase(t.Context(), env, found(t, s, 200).Customer.ID); err != nil {
		t.Fatal(err)
	}
	undoing(t, svc, report.Run, false)
}

func TestAnUndoThatIsKilledGoesOnWhereItWas(t *testing.T) {
	for _, point := range goingPoints() {
		t.Run(point, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			victim := exec.Command(os.Args[0], "-test.run=^TestDiesUndoing$")
			left := 0
			if point == intake.WithinRemove || point == intake.AfterRemove {
				left = 3
			}
			victim.Env = append(os.Environ(), diesAt+"="+point, diesTime+"="+strconv.Itoa(left), diesOn+"="+path)
			if output, err := victim.CombinedOutput(); err == nil || victim.ProcessState.ExitCode() != -1 {
				t.Fatalf("it was not killed: %v\n%s", err, output)
			}
			s := openAt(t, path)
			holdsAll(t, s)
			svc := service(s)
			if state(t, s, "200") != "erased erased" { // died before
				if _, err := svc.Erase(t.Context(), env, found(t, s, 200).Customer.ID); err != nil {
					t.Fatal(err)
				}
			}
			run, err := s.Run(t.Context(), env, "meterman", "")
			if err != nil {
				t.Fatal(err)
			}
			if run.State != "undone" {
				report := undoing(t, svc, run.ID, false)
				stay := report.Stay[intake.SignedInHere]
				if stay != 2 || report.Removed != people+1-3 {
					t.Errorf("report %+v, %d removed", report.Stay, report.Removed)
				}
			}
			holdsAll(t, s)
			counts, err := s.RecordCounts(t.Context(), env, "meterman")
			want := map[store.RecordState]int64{
				store.RecordPending: people + 1 - 3, store.RecordImported: 2, store.RecordErased: 1, store.RecordHeld: 7, store.RecordDropped: 1,
			}
			if diff := cmp.Diff(want, counts); diff != "" || err != nil {
				t.Error(err, diff)
			}
			again := importing(t, svc, export(people))
			want[store.RecordPending], want[store.RecordImported] = 0, people
			delete(want, store.RecordPending)
			if diff := cmp.Diff(want, again.Ledger); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// holdsAll tells that every record of the export is in a state.
func holdsAll(t *testing.T, s store.Store) {
	t.Helper()
	counts, err := s.RecordCounts(t.Context(), env, "meterman")
	var sum, want int64
	for _, n := range counts {
		sum += n
	}
	for _, n := range whatExportHolds(people) {
		want += n
	}
	if sum != want || err != nil {
		t.Errorf("the states sum to %d, want %d: %v, %v", sum, want, counts, err)
	}
}

// Whoever signs in, and out again, between the look at them and their removal stays.
func TestWhoSignsInBesideAnUndoStays(t *testing.T) {
	s := open(t)
	run := importing(t, service(s), header+row(1)+row(2)).Run
	came := false
	svc := service(s, func(c *intake.Config) {
		c.Crash = func(at string) {
			if at == intake.BeforeRemove && !came {
				came = true
				acted(t, s, found(t, s, 1).Customer.ID, audit.SignedIn)
			}
		}
	})
	report := undoing(t, svc, run, false)
	if report.Removed != 1 || report.Stay[intake.SignedInHere] != 1 || state(t, s, "1") != "imported" || state(t, s, "2") != "pending undone" {
		t.Errorf("report %+v, %s and %s", report, state(t, s, "1"), state(t, s, "2"))
	}
}
