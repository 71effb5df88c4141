package promotion_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/promotion"
	"sallyport/store"
)

const (
	diesAt = "PROMOTION_TEST_DIES_AT"
	diesOn = "PROMOTION_TEST_STORE"
)

// TestDies is the process that the next test kills: it applies a change and undoes it.
func TestDies(t *testing.T) {
	point := os.Getenv(diesAt)
	if point == "" {
		t.Skip("runs as another test's victim")
	}
	w := worldAt(t, os.Getenv(diesOn), func(c *promotion.Config) {
		c.Crash = func(at string) {
			if at == point {
				self, _ := os.FindProcess(os.Getpid())
				self.Kill() // nothing is flushed, closed or said
				select {}
			}
		}
	})
	applied := w.applied(widerPeople)
	_, err := w.service.Undo(t.Context(), w.live, applied.Change.Number, "", kim)
	w.must(err)
}

// standing is what is left of an apply and its undo, which must be whole.
type standing struct {
	revision int64
	first    store.ChangeState // of the change
	undoneBy int64
	changes  int
	recalls  int // rows, and entries of the feed
	applied  int // events
	undone   int
}

func TestKilledAtAnyPointAnApplyIsWholeOrNotThere(t *testing.T) {
	var (
		waits   = standing{revision: 1, first: store.ChangeApproved, changes: 1}
		applied = standing{revision: 2, first: store.ChangeApplied, changes: 1, applied: 1}
		undone  = standing{revision: 3, first: store.ChangeApplied, undoneBy: 2, changes: 2, recalls: 1, applied: 1, undone: 1}
	)
	left := map[string]standing{
		promotion.BeforeApply: waits, promotion.WithinApply: waits, promotion.AfterApply: applied,
		promotion.BeforeUndo: applied, promotion.WithinUndo: applied, promotion.AfterUndo: undone,
	}
	for _, point := range promotion.CrashPoints() {
		t.Run(point, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			victim := exec.Command(os.Args[0], "-test.run=^TestDies$")
			victim.Env = append(os.Environ(), diesAt+"="+point, diesOn+"="+path)
			if output, err := victim.CombinedOutput(); err == nil || victim.ProcessState.ExitCode() != -1 {
				t.Fatalf("it was not killed: %v\n%s", err, output)
			}
			w := worldAt(t, path, func(*promotion.Config) {})
			if got := w.standing(); got != left[point] {
				t.Fatalf("left is %+v, want %+v", got, left[point])
			}
			w.goesOn(left[point])
			if got := w.standing(); got != undone {
				t.Errorf("in the end there is %+v", got)
			}
		})
	}
}

func (w *world) standing() (s standing) {
	w.Helper()
	c := w.change(1)
	s.revision, s.first, s.undoneBy = w.head(w.live), c.State, c.UndoneBy
	list, err := w.service.List(w.Context(), w.live, promotion.Page{Limit: 9})
	w.must(err)
	rows, err := w.store.Recalls(w.Context(), w.live.ID, 2)
	w.must(err)
	s.changes, s.recalls = len(list), len(rows)
	if heard := w.heard(0); len(heard) != len(rows) {
		w.Errorf("%d recalls are stored and %d told", len(rows), len(heard))
	}
	s.applied, s.undone = len(w.events(audit.ChangeApplied)), len(w.events(audit.ChangeUndone))
	if n := len(w.events(audit.RevisionApplied)); int64(n) != s.revision {
		w.Errorf("%d events tell of %d revisions", n, s.revision)
	}
	return s
}

// goesOn does what was not done yet.
func (w *world) goesOn(from standing) {
	w.Helper()
	if from.first == store.ChangeApproved {
		_, err := w.apply(1)
		w.must(err)
	}
	if from.undoneBy == 0 {
		_, err := w.service.Undo(w.Context(), w.live, 1, "", kim)
		w.must(err)
	}
}

var _ promotion.Environments = (*environment.Registry)(nil)
