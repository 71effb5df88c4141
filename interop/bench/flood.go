package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// flood is what comes of a flood of guesses: more at once than can be hashed or wait.
type flood struct {
	quiet, busy []float64 // milliseconds of tokens, before and meanwhile
	rest, peak  float64   // bytes that the server holds
	looked      int64     // guesses that were looked at
	turned      int64     // those that were asked to come back
	lasting     time.Duration
}

// floods are measured once, whatever is read off them.
type floods struct {
	once sync.Once
	flood
	err error
}

// guessesPerSecond is some times what two cores can hash, so that the queue is full all the
// time. They come at this rate however long answers take, as they would from many machines,
// and with their pages already open, so that what is measured is the server.
const guessesPerSecond = 100

// poised is a visitor who has a password page open.
type poised struct {
	*visitor
	at, customer string
}

// poise opens pages for so many guesses, each from an address of its own.
func (w *world) poise(n int) ([]poised, error) {
	request, from := w.authorization("openid billing.read.bill", verifier), &addresses{}
	from.next.Store(1 << 21)
	all, failed := make([]poised, n), make([]error, n)
	var group sync.WaitGroup
	next := make(chan int)
	for range 8 {
		group.Go(func() {
			for i := range next {
				address, number := from.take()
				p := poised{visitor: w.visitor(address), customer: fmt.Sprintf("nobody.%d", number)}
				if p.at, failed[i] = p.signInPage(request, ""); failed[i] == nil {
					_, failed[i] = p.fill(p.at, url.Values{"username": {p.customer}})
				}
				all[i] = p
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	group.Wait()
	return all, errors.Join(failed...)
}

// guess sends one, and tells whether it was looked at or turned away.
func (p poised) guess() (looked bool, err error) {
	a, err := p.fill(p.at, url.Values{"username": {p.customer}, "password": {"a guess"}})
	switch {
	case err != nil:
		return false, err
	case a.status == http.StatusUnprocessableEntity:
		return true, nil
	case a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != "":
		return false, nil
	}
	return false, fmt.Errorf("a guess was answered with %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
}

// signInPage gives the address of the page that an application's request leads to, or of
// what somebody does instead.
func (v *visitor) signInPage(request, instead string) (string, error) {
	next := request
	for range 4 {
		a, err := v.visit(get(next))
		if err != nil {
			return "", err
		}
		location := a.header.Get("Location")
		if location == "" {
			return next, nil
		}
		to, err := get(next).URL.Parse(location)
		if err != nil {
			return "", err
		}
		if next = to.String(); instead != "" && to.Query().Get("t") != "" {
			next, instead = next+"&instead="+instead, ""
		}
	}
	return "", errors.New("the redirections do not end")
}

// fill sends a form of our own page.
func (v *visitor) fill(at string, form url.Values) (answer, error) {
	r := post(at, form, "Sec-Fetch-Site", "same-origin")
	r.Header.Set("Origin", r.URL.Scheme+"://"+r.URL.Host)
	return v.visit(r)
}

// inFlood floods the server, asks for tokens meanwhile, and looks at what it holds.
func (w *world) inFlood(ctx context.Context) (*flood, error) {
	w.floods.once.Do(func() { w.floods.err = w.measureFlood(ctx, &w.floods.flood) })
	return &w.floods.flood, w.floods.err
}

func (w *world) measureFlood(ctx context.Context, f *flood) error {
	if err := w.issuing(); err != nil {
		return err
	}
	const rate = 100
	f.lasting = 6 * time.Second
	if w.options.small {
		f.lasting = 1500 * time.Millisecond
	}
	if _, err := w.tokensAt(ctx, rate, f.lasting/4); err != nil {
		return err
	}
	var err error
	if f.quiet, err = w.tokensAt(ctx, rate, f.lasting); err != nil {
		return err
	}
	if f.rest, _, err = residentOf(w.server.cmd.Process.Pid); err != nil {
		return err
	}
	pages, err := w.poise(int(f.lasting.Seconds() * guessesPerSecond))
	if err != nil {
		return err
	}
	watched, cancel := context.WithCancel(ctx)
	defer cancel()
	var all sync.WaitGroup
	var looked, turned atomic.Int64
	failed := make([]error, len(pages))
	all.Go(func() { f.peak = w.highest(watched) })
	all.Go(func() {
		var guesses sync.WaitGroup
		began := time.Now()
		for i, p := range pages {
			time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / guessesPerSecond)))
			guesses.Go(func() {
				saw, err := p.guess()
				switch failed[i] = err; {
				case saw:
					looked.Add(1)
				case err == nil:
					turned.Add(1)
				}
			})
		}
		guesses.Wait()
		cancel()
	})
	f.busy, err = w.tokensAt(ctx, rate, f.lasting)
	all.Wait()
	f.looked, f.turned = looked.Load(), turned.Load()
	if err = errors.Join(append(failed, err)...); err == nil && (f.looked == 0 || f.turned == 0) {
		err = fmt.Errorf("%d guesses were looked at and %d turned away: that is no flood", f.looked, f.turned)
	}
	return err
}

// highest is the most that the server holds until ctx ends.
func (w *world) highest(ctx context.Context) (peak float64) {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for ctx.Err() == nil {
		if now, _, err := residentOf(w.server.cmd.Process.Pid); err == nil {
			peak = max(peak, now)
		}
		<-again.C
	}
	return peak
}

// floodMemory is what the server holds at most in a flood.
func floodMemory(ctx context.Context, w *world) (row, error) {
	f, err := w.inFlood(ctx)
	if err != nil {
		return row{}, err
	}
	return row{Unit: "MiB", Product: f.peak / (1 << 20), Remark: fmt.Sprintf("%.0f before it", f.rest/(1<<20))}, nil
}

// floodTokens is how long tokens take in a flood.
func floodTokens(ctx context.Context, w *world) (row, error) {
	f, err := w.inFlood(ctx)
	if err != nil {
		return row{}, err
	}
	r := row{Unit: "ms", Product: percentile(f.busy, 99), Floor: percentile(f.quiet, 99)}
	r.Ratio = r.Product / r.Floor
	r.Low, r.High = r.Ratio, r.Ratio
	r.Remark = fmt.Sprintf("%d looked at and %d asked to come back in %v", f.looked, f.turned, f.lasting)
	return r, nil
}
