package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// side is one of the two that are compared.
type side struct {
	cpu func() (time.Duration, error) // used so far by all that serves it
	// prepare is called before each round and is not measured; nil if there is
	// nothing to do.
	prepare func(operations int) error
	do      func(worker int) error
}

// contest is a comparison: rounds of so many operations on either side, in turns.
type contest struct {
	workers, operations, rounds int
	product, floor              side
}

// spend puts a round's load on a side and gives the CPU time of one operation.
func (c contest) spend(ctx context.Context, s side, operations int) (time.Duration, error) {
	if s.prepare != nil {
		if err := s.prepare(operations); err != nil {
			return 0, err
		}
	}
	before, err := s.cpu()
	if err != nil {
		return 0, err
	}
	if err := c.load(ctx, s, operations); err != nil {
		return 0, err
	}
	after, err := s.cpu()
	return (after - before) / time.Duration(operations), err
}

// load shares operations among workers. The first failure ends it: a server that
// refuses is fast.
func (c contest) load(ctx context.Context, s side, operations int) error {
	var left atomic.Int64
	left.Store(int64(operations))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for worker := range c.workers {
		all.Go(func() {
			for ctx.Err() == nil && left.Add(-1) >= 0 {
				if err := s.do(worker); err != nil {
					cancel(err)
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// run warms both sides and then measures them in turns.
func (c contest) run(ctx context.Context) (row, error) {
	var products, floors, ratios []float64
	for round := range c.rounds + 1 {
		operations := c.operations
		if round == 0 {
			operations = max(operations/4, c.workers)
		}
		product, err := c.spend(ctx, c.product, operations)
		if err != nil {
			return row{}, fmt.Errorf("product: %w", err)
		}
		floor, err := c.spend(ctx, c.floor, operations)
		if err != nil {
			return row{}, fmt.Errorf("floor: %w", err)
		}
		if round > 0 {
			products, floors = append(products, microseconds(product)), append(floors, microseconds(floor))
			ratios = append(ratios, float64(product)/float64(floor))
		}
	}
	r := row{Unit: "µs", Product: median(products), Floor: median(floors), Low: slices.Min(ratios), High: slices.Max(ratios)}
	r.Ratio = r.Product / r.Floor
	return r, nil
}

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func median(of []float64) float64 { return percentile(of, 50) }

// percentile is the smallest figure that p percent of all do not exceed.
func percentile(of []float64, p int) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}
