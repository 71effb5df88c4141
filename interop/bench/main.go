package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"sallyport/interop/bench/floor"
)

// floorArgument makes the program a floor: it starts itself as one.
const floorArgument = "floor"

func main() {
	if len(os.Args) > 1 && os.Args[1] == floorArgument {
		if err := floor.Main(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "floor:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx))
}

// options say what to measure.
type options struct {
	engine string // sqlite or postgres
	only   string // a word of the paths' names; empty: all
	binary string // a built product; empty: build it
	small  bool   // few operations: shows that it works, and little more
}

func run(ctx context.Context) int {
	var o options
	asJSON := flag.Bool("json", false, "print the table as JSON")
	flag.StringVar(&o.engine, "engine", "sqlite", "sqlite, or postgres if its programs are installed")
	flag.StringVar(&o.only, "only", "", "paths whose name holds this word")
	flag.StringVar(&o.binary, "binary", "", "a built sallyport (default: build one)")
	flag.BoolVar(&o.small, "small", false, "few operations: shows that it works, and little more")
	flag.Parse()
	table, err := measure(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	write := table.write
	if *asJSON {
		write = table.writeJSON
	}
	if err := write(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	if table.missed() {
		return 3
	}
	return 0
}

// measure measures every path that o asks for.
func measure(ctx context.Context, o options) (t *table, err error) {
	w, err := newWorld(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	t = &table{Version: 1, Engine: o.engine}
	for _, p := range paths {
		if !w.wants(p.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s …\n", p.name)
		row, err := p.measure(ctx, w)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		row.Path, row.Yardstick = p.name, p.yardstick
		t.add(row, p.budget)
	}
	return t, nil
}
