package intake_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/service/intake"
	"sallyport/store"
)

const (
	diesAt   = "INTAKE_TEST_DIES_AT" // point
	diesTime = "INTAKE_TEST_TIME"    // how often it is passed before
	diesOn   = "INTAKE_TEST_STORE"
	people   = 400
)

// TestDies is the process that the next test kills.
func TestDies(t *testing.T) {
	point := os.Getenv(diesAt)
	if point == "" {
		t.Skip("runs as another test's victim")
	}
	left, _ := strconv.Atoi(os.Getenv(diesTime))
	svc := mortal(t, openAt(t, os.Getenv(diesOn)), point, left)
	bringing(t, svc, "399", "398")
	if _, err := svc.WrapWeak(t.Context(), env); err != nil {
		t.Fatal(err)
	}
	admitting(t, svc, arrival(t, "stranger"))
}

// mortal is a service that kills its process when it passes a point.
func mortal(t *testing.T, s store.Store, point string, left int) *intake.Service {
	return service(s, func(c *intake.Config) {
		c.Crash = func(at string) {
			if at != point {
				return
			}
			if left == 0 {
				self, _ := os.FindProcess(os.Getpid())
				self.Kill() // nothing is flushed, closed or said
				select {}
			}
			left--
		}
	})
}

// bringing imports the export while people of it come by themselves.
func bringing(t *testing.T, svc *intake.Service, keys ...string) intake.Report {
	t.Helper()
	report, err := svc.Import(t.Context(), intake.Request{
		Env: env, Plan: plan(t), Source: source(export(people)), Progress: func(p intake.Progress) {
			if p.Phase == intake.Moving && len(keys) > 0 {
				admitting(t, svc, arrival(t, keys[0]))
				keys = keys[1:]
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestKilledAtAnyPointNobodyIsLostOrDoubled(t *testing.T) {
	type death struct {
		point string
		after int
	}
	deaths := []death{
		{intake.BeforeKeys, 0},
		{intake.AfterKeys, 0},
		{intake.BeforeStart, 0},
		{intake.AfterStart, 0},
		{intake.BeforeBatch, 1},
		{intake.WithinBatch, 0},
		{intake.WithinBatch, 2},
		{intake.AfterBatch, 1},
		{intake.BeforeFinish, 0},
		{intake.AfterFinish, 0},
		{intake.BeforeWrap, 3},
		{intake.AfterWrap, 5},
		{intake.BeforeAdmit, 0},
		{intake.WithinAdmit, 0},
		{intake.AfterAdmit, 0},
		{intake.BeforeRefresh, 0},
		{intake.AfterRefresh, 0},
	}
	for _, point := range intake.CrashPoints() {
		if !slices.Contains(goingPoints(), point) && !slices.ContainsFunc(deaths, func(d death) bool { return d.point == point }) {
			t.Errorf("nobody dies at %s", point)
		}
	}
	for _, death := range deaths {
		t.Run(death.point, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			victim := exec.Command(os.Args[0], "-test.run=^TestDies$")
			victim.Env = append(os.Environ(), diesAt+"="+death.point, diesTime+"="+strconv.Itoa(death.after), diesOn+"="+path)
			if output, err := victim.CombinedOutput(); err == nil || victim.ProcessState.ExitCode() != -1 {
				t.Fatalf("it was not killed: %v\n%s", err, output)
			}
			s := openAt(t, path)
			sumsToItsTotal(t, s)
			svc := service(s)
			admitting(t, svc, arrival(t, "stranger"))
			admitting(t, svc, arrival(t, "397"))
			sumsToItsTotal(t, s)
			report := bringing(t, svc, "396", "395")
			want := whatExportHolds(people)
			want[store.RecordImported]++
			if diff := cmp.Diff(want, report.Ledger); diff != "" {
				t.Error(diff)
			}
			sumsToItsTotal(t, s)
			everybodyIsThereOnce(t, s)
			if _, err := svc.WrapWeak(t.Context(), env); err != nil {
				t.Error(err)
			}
			if weak, err := s.WeakCredentials(t.Context(), env, [16]byte{}, 10); err != nil || len(weak) > 0 {
				t.Errorf("%d weak hashes are left, %v", len(weak), err)
			}
		})
	}
}

// sumsToItsTotal holds the ledger to its promise at this moment.
func sumsToItsTotal(t *testing.T, s store.Store) {
	t.Helper()
	counts, err := s.RecordCounts(t.Context(), env, "meterman")
	if err != nil {
		t.Fatal(err)
	}
	run, err := s.Run(t.Context(), env, "meterman", "")
	var sum int64
	for _, n := range counts {
		sum += n
	}
	beside := int64(0)
	for _, key := range []string{"stranger", "395", "396", "397", "398", "399"} {
		if m, err := s.LedgerRecord(t.Context(), env, "meterman", key); err == nil && m.Way == store.WayJIT && m.Run == "" {
			beside++ // when no run counted them
		}
	}
	// Whoever came beside the run is done when the run comes to them.
	met := sum - beside - counts[store.RecordPending] - run.Done
	if err == nil && (sum != run.Total+beside || met < 0 || run.State == "done" && met > 0) || err != nil && sum != beside {
		t.Errorf("ledger %v, run %d of %d, %v", counts, run.Done, run.Total, err)
	}
}

func everybodyIsThereOnce(t *testing.T, s store.Store) {
	t.Helper()
	found := map[string]int{}
	page := store.CustomerPage{Kind: "username", Prefix: "customer.", Limit: 200}
	for {
		rows, err := s.FindCustomers(t.Context(), env, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			found[row.Identifier.Value]++
			page.After = row.Cursor
		}
		if len(rows) < page.Limit {
			break
		}
	}
	delete(found, "customer.stranger")
	if len(found) != people {
		t.Errorf("%d people, want %d", len(found), people)
	}
	for i := range people {
		if n := found["customer."+strconv.Itoa(i)]; n != 1 {
			t.Errorf("customer %d is there %d times", i, n)
		}
	}
}
