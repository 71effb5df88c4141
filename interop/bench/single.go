package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// coldStart starts the server on existing data, from its first instruction to the
// ready file, which appears when every listener answers.
func coldStart(_ context.Context, w *world) (row, error) {
	var took, used []float64
	times := 10
	if w.options.small {
		times = 3
	}
	for range times {
		began := time.Now()
		server, r, err := w.product.serve()
		if err != nil {
			return row{}, err
		}
		took = append(took, time.Since(began).Seconds()*1000)
		cpu, err := server.cpu()
		if err != nil {
			return row{}, err
		}
		used = append(used, microseconds(cpu)/1000)
		_, err = w.want(http.StatusOK, get(r.URL+"/healthz"))
		w.client.CloseIdleConnections()
		if err := errors.Join(err, server.stop()); err != nil {
			return row{}, err
		}
	}
	return row{Unit: "ms", Product: median(took), Remark: fmt.Sprintf("%.0f–%.0f, CPU %.0f ms", slices.Min(took), slices.Max(took), median(used))}, nil
}

// idleMemory is what the server holds when nobody has come yet.
func idleMemory(_ context.Context, w *world) (row, error) {
	if err := w.serving(); err != nil {
		return row{}, err
	}
	wait := 10 * time.Second
	if w.options.small {
		wait = 3 * time.Second // it gives back what its start needed a second after that
	}
	time.Sleep(wait)
	resident, own, err := residentOf(w.server.cmd.Process.Pid)
	return row{Unit: "MiB", Product: resident / (1 << 20), Remark: fmt.Sprintf("%.0f its own, the rest pages of the program", own/(1<<20))}, err
}

// importing runs the import's own benchmark, which inserts the same rows raw.
func importing(_ context.Context, w *world) (row, error) {
	times := "3x"
	if w.options.small {
		times = "1x"
	}
	out, err := w.goBenchmark("./service/intake", "^BenchmarkImport$", times)
	if err != nil {
		return row{}, err
	}
	raw, imported := figures(out, "raw/s"), figures(out, "imported/s")
	if len(raw) != 1 || len(imported) != 1 {
		return row{}, fmt.Errorf("no figures in %s", out)
	}
	r := row{Unit: "µs", Product: 1e6 / imported[0], Floor: 1e6 / raw[0], Remark: fmt.Sprintf("wall time; %.0f customers/s", imported[0])}
	r.Ratio = r.Product / r.Floor
	r.Low, r.High = r.Ratio, r.Ratio
	return r, nil
}

// comingAlong runs the benchmark of people who are taken along as they sign in, which
// makes one hash alone beside each: what is above it is the product's.
func comingAlong(_ context.Context, w *world) (row, error) {
	times := "40x"
	if w.options.small {
		times = "5x"
	}
	out, err := w.goBenchmark("./service/jit", "^BenchmarkComingAlong$", times)
	if err != nil {
		return row{}, err
	}
	over, whole := figures(out, "ms-over-hash"), figures(out, "×hash")
	if len(over) != 1 || len(whole) != 1 {
		return row{}, fmt.Errorf("no figures in %s", out)
	}
	// A loaded machine may find the hash alone to be dearer than all.
	return row{Unit: "ms", Product: max(over[0], 0.001), Remark: fmt.Sprintf("CPU; %.2f hashes in all", whole[0])}, nil
}

// accessMatrix is the slowest arrangement of policies in the proof's own benchmark.
func accessMatrix(_ context.Context, w *world) (row, error) {
	return w.slowest("^BenchmarkProve$/^300x", "arrangements")
}

// largeMatrix is the same of the large size, with how it grew from a small one.
func largeMatrix(_ context.Context, w *world) (row, error) {
	r, err := w.slowest("^BenchmarkProve$/^1000x", "arrangements")
	if err != nil {
		return row{}, err
	}
	smaller := []float64{}
	for _, size := range []string{"^100x", "^300x.*fallThrough"} {
		less, err := w.slowest("^BenchmarkProve$/"+size, "arrangements")
		if err != nil {
			return row{}, err
		}
		smaller = append(smaller, less.Product)
	}
	r.Remark += fmt.Sprintf("; of 100, 300 and 1,000 applications %.0f, %.0f and %.0f ms", smaller[0], smaller[1], r.Product)
	return r, nil
}

// accessDifference is the slowest edit of one rule in the comparison's own benchmark.
func accessDifference(_ context.Context, w *world) (row, error) {
	return w.slowest("^BenchmarkDiff$", "edits")
}

// slowest is the slowest of some benchmarks of pure/access.
func (w *world) slowest(name, what string) (row, error) {
	times := "5x"
	if w.options.small {
		times = "1x"
	}
	out, err := w.goBenchmark("./pure/access", name, times)
	if err != nil {
		return row{}, err
	}
	each := figures(out, "ns/op")
	if len(each) == 0 {
		return row{}, fmt.Errorf("no figures in %s", out)
	}
	return row{Unit: "ms", Product: slices.Max(each) / 1e6, Remark: fmt.Sprintf("slowest of %d %s", len(each), what)}, nil
}

// goBenchmark runs a benchmark of the product's module.
func (w *world) goBenchmark(pkg, name, times string) ([]byte, error) {
	out, err := goCommand(w.root, "test", "-run", "^$", "-bench", name, "-benchtime", times, pkg).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("benchmark %s of %s: %w\n%s", name, pkg, err, out)
	}
	return out, nil
}

// figures are those of a unit in a benchmark's output.
func figures(out []byte, unit string) []float64 {
	var all []float64
	form := regexp.MustCompile(`\s([0-9.e+-]+) ` + regexp.QuoteMeta(unit) + `(?:\s|$)`)
	for line := range bytes.Lines(out) {
		if match := form.FindSubmatch(line); match != nil {
			if figure, err := strconv.ParseFloat(string(match[1]), 64); err == nil {
				all = append(all, figure)
			}
		}
	}
	return all
}
