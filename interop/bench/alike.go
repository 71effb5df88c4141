package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// asked is a question that tells of nobody whether they are known: it gives how long the
// answer took whose time could tell.
type asked func(v *visitor, request, address string) (time.Duration, error)

// timed is a form, and how long its answer takes.
func (v *visitor) timed(at string, form url.Values, want int) (time.Duration, error) {
	began := time.Now()
	a, err := v.fill(at, form)
	took := time.Since(began)
	if err == nil && a.status != want {
		err = fmt.Errorf("status %d, want %d: %.300s", a.status, want, a.body)
	}
	return took, err
}

func wrongPassword(v *visitor, request, address string) (time.Duration, error) {
	at, err := v.signInPage(request, "")
	if err != nil {
		return 0, err
	}
	if _, err := v.timed(at, url.Values{"username": {address}}, http.StatusSeeOther); err != nil {
		return 0, err
	}
	return v.timed(at, url.Values{"username": {address}, "password": {"a guess"}}, http.StatusUnprocessableEntity)
}

// codeFor has a code sent by another journey.
func codeFor(journey string) asked {
	return func(v *visitor, request, address string) (time.Duration, error) {
		at, err := v.signInPage(request, journey)
		if err != nil {
			return 0, err
		}
		return v.timed(at, url.Values{"username": {address}}, http.StatusSeeOther)
	}
}

// alike compares how long answers about customers take with those about nobody, in turns.
// The range is where the ratio of the medians lies with a confidence of 95 percent.
func alike(ask asked) func(context.Context, *world) (row, error) {
	return func(ctx context.Context, w *world) (row, error) {
		if err := w.issuing(); err != nil {
			return row{}, err
		}
		pairs, workers := 300, 4
		if w.options.small {
			pairs = 12
		}
		request := w.authorization("openid", verifier)
		first := int(w.pairs.Add(int64(pairs)))
		var mu sync.Mutex
		var known, unknown []float64
		work, failed := make(chan int), make(chan error, workers)
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				for n := range work {
					names := []string{login(n) + "@harbourlight.test", fmt.Sprintf("nobodys.%04d@harbourlight.test", n)}
					for turn := range 2 {
						one := (turn + n) % 2
						took, err := ask(w.visitor(fmt.Sprintf("10.%d.%d.%d", 128+one, n>>8&255, n&255)), request, names[one])
						if err != nil {
							select {
							case failed <- err:
							default:
							}
							continue
						}
						mu.Lock()
						if one == 0 {
							known = append(known, took.Seconds()*1000)
						} else {
							unknown = append(unknown, took.Seconds()*1000)
						}
						mu.Unlock()
					}
				}
			})
		}
		for n := range pairs {
			work <- first + n
		}
		close(work)
		all.Wait()
		select {
		case err := <-failed:
			return row{}, err
		default:
		}
		r := row{Unit: "ms", Product: median(known), Floor: median(unknown), Remark: fmt.Sprintf("%d pairs, 95%% confidence", pairs)}
		r.Ratio = r.Product / r.Floor
		r.Low, r.High = confidence(known, unknown)
		if r.Ratio < 1 { // being faster tells as much
			r.Ratio, r.Low, r.High = 1/r.Ratio, 1/r.High, 1/r.Low
		}
		return r, ctx.Err()
	}
}

// confidence is between what the ratio of two medians lies in 95 of 100 samples that are
// drawn again from those that there are (bootstrap).
func confidence(of, to []float64) (low, high float64) {
	r := rand.New(rand.NewPCG(5, 2))
	again := func(from []float64) float64 {
		drawn := make([]float64, len(from))
		for i := range drawn {
			drawn[i] = from[r.IntN(len(from))]
		}
		return median(drawn)
	}
	ratios := make([]float64, 1000)
	for i := range ratios {
		ratios[i] = again(of) / again(to)
	}
	slices.Sort(ratios)
	return ratios[25], ratios[974]
}
