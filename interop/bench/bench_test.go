package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sallyport/interop/bench/floor"
)

// TestMain lets the test binary play the floors, as the command does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == floorArgument {
		if err := floor.Main(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// generous is how far above its budget a path may be in the small form: few
// operations on a machine that does other things say no more.
const generous = 3

// tolerance is that of one path. What a process holds is the same on any machine, so it
// is held to its budget, but for what differs from one kernel to the next.
func tolerance(path string) float64 {
	if path == "idle memory" {
		return 1.1
	}
	return generous
}

// The small form of make bench: every path runs, and none is wildly off.
func TestEveryPathIsMeasuredAndNearItsBudget(t *testing.T) {
	if _, err := cpuOf(os.Getpid()); err != nil {
		t.Skip(err)
	}
	table, err := measure(t.Context(), options{engine: "sqlite", small: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Rows) != len(paths) {
		t.Errorf("%d of %d paths were measured", len(table.Rows), len(paths))
	}
	for _, r := range table.Rows {
		use := r.use()
		if math.IsNaN(use) || math.IsInf(use, 0) || use <= 0 {
			t.Errorf("%s: %v of its budget, which is no figure", r.Path, use)
		}
		// A percentile of wall time belongs to the machine's other work.
		if use > tolerance(r.Path) && !strings.Contains(r.Path, "p99") {
			t.Errorf("%s: %.1f %s against %.1f, %.1f times its budget", r.Path, r.Product, r.Unit, r.Floor, use)
		}
	}
	checkTable(t, table)
}

// checkTable holds both forms of the table to its rows.
func checkTable(t *testing.T, table *table) {
	t.Helper()
	var text, encoded bytes.Buffer
	if err := table.write(&text); err != nil {
		t.Fatal(err)
	}
	if err := table.writeJSON(&encoded); err != nil {
		t.Fatal(err)
	}
	var read struct {
		Version int
		Rows    []struct{ Path string }
	}
	if err := json.Unmarshal(encoded.Bytes(), &read); err != nil || read.Version != 1 || len(read.Rows) != len(table.Rows) {
		t.Errorf("JSON of version %d with %d rows: %v", read.Version, len(read.Rows), err)
	}
	for _, r := range table.Rows {
		if !strings.Contains(text.String(), r.Path) {
			t.Errorf("the table lacks %s:\n%s", r.Path, &text)
		}
	}
	t.Logf("\n%s", &text)
}

func TestARowIsKeptUpToItsBudgetAndNotBeyond(t *testing.T) {
	cases := []struct {
		name   string
		row    row
		budget budget
		kept   bool
	}{
		{"a ratio at its budget", row{Ratio: 1.5}, budget{Ratio: 1.5}, true},
		{"a ratio above it", row{Ratio: 1.51}, budget{Ratio: 1.5}, false},
		{"an absolute figure below", row{Product: 99}, budget{Absolute: 100}, true},
		{"an absolute figure above", row{Product: 101}, budget{Absolute: 100}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var all table
			all.add(c.row, c.budget)
			if all.Rows[0].Kept != c.kept || all.missed() == c.kept {
				t.Errorf("kept is %v", all.Rows[0].Kept)
			}
		})
	}
}

func TestPercentilesAreFiguresThatWereMeasured(t *testing.T) {
	var hundred []float64
	for i := range 100 {
		hundred = append(hundred, float64(100-i))
	}
	for p, want := range map[int]float64{1: 1, 50: 50, 99: 99, 100: 100} {
		if got := percentile(hundred, p); got != want {
			t.Errorf("percentile %d is %v, want %v", p, got, want)
		}
	}
	if got := median([]float64{7}); got != 7 {
		t.Errorf("the median of one is %v", got)
	}
}

func TestFiguresAreReadFromABenchmark(t *testing.T) {
	out := []byte("BenchmarkProve/policies=1-2 \t 5\t 12345678 ns/op\nBenchmarkImport-2 1 3e+06 ns/op 12.5 raw/s 7 imported/s\n")
	for unit, want := range map[string]int{"ns/op": 2, "raw/s": 1, "imported/s": 1, "B/op": 0} {
		if got := figures(out, unit); len(got) != want {
			t.Errorf("%s: %v", unit, got)
		}
	}
}

// The floor must do the work that it is a yardstick of: what it signs is a token
// that its own verification takes, and takes no longer when it was changed.
func TestTheFloorSignsAndCommits(t *testing.T) {
	p, err := startFloor(floor.Config{
		Role: floor.OAuth, Secrets: map[string]string{machine: "s"}, Driver: "sqlite",
		Database: "file:" + filepath.Join(t.TempDir(), "floor.db"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	})
	w := &world{ctx: t.Context(), client: newClient(), secret: "s"}
	for _, path := range []string{"/token", "/code", "/refresh"} {
		a, err := w.want(200, w.tokenRequest(p.url+path))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(a.body, []byte(`"access_token":"ey`)) {
			t.Errorf("%s answered %s", path, a.body)
		}
	}
	w.secret = "wrong"
	if _, err := w.want(401, w.tokenRequest(p.url+"/token")); err != nil {
		t.Error(err)
	}
}
