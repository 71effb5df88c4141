package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"sync/atomic"
	"time"
)

// addresses gives every sign-in a source of its own: what counts sources is not
// what is measured.
type addresses struct{ next atomic.Int64 }

func (a *addresses) take() (address string, n int) {
	n = int(a.next.Add(1))
	return fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255), n
}

// passwordSignIn compares whole sign-ins, from the application's request to its
// code, with the hash.
func passwordSignIn(ctx context.Context, w *world) (row, error) {
	if err := w.issuing(); err != nil {
		return row{}, err
	}
	request := w.authorization("openid billing.read.bill", verifier)
	var from addresses
	c := w.sized(2, 16, 7)
	c.product = side{cpu: w.cpu(w.server), do: func(int) error {
		address, n := from.take()
		_, err := w.visitor(address).signIn(request, login(n))
		return err
	}}
	c.floor = w.asking(w.oauth, func() *http.Request { return post(w.oauth.url+"/hash", url.Values{"password": {password}}) })
	return c.run(ctx)
}

// storm compares how long tokens take while customers sign in with when nobody does.
func storm(ctx context.Context, w *world) (row, error) {
	if err := w.issuing(); err != nil {
		return row{}, err
	}
	const rate, signingIn = 200, 8
	lasting := 4 * time.Second
	if w.options.small {
		lasting = time.Second
	}
	if _, err := w.tokensAt(ctx, rate, lasting/4); err != nil {
		return row{}, err
	}
	quiet, err := w.tokensAt(ctx, rate, lasting)
	if err != nil {
		return row{}, err
	}
	request := w.authorization("openid billing.read.bill", verifier)
	from := &addresses{}
	from.next.Store(1 << 20)
	stormy, cancel := context.WithCancel(ctx)
	var done atomic.Int64
	var all sync.WaitGroup
	for range signingIn {
		all.Go(func() {
			for stormy.Err() == nil {
				address, n := from.take()
				if _, err := w.visitor(address).signIn(request, login(n)); err == nil {
					done.Add(1)
				}
			}
		})
	}
	busy, err := w.tokensAt(ctx, rate, lasting)
	cancel()
	all.Wait()
	if err == nil && done.Load() == 0 {
		err = errors.New("nobody could sign in")
	}
	r := row{Unit: "ms", Product: percentile(busy, 99), Floor: percentile(quiet, 99), Remark: fmt.Sprintf("%d sign-ins in %v", done.Load(), lasting)}
	r.Ratio = r.Product / r.Floor
	r.Low, r.High = r.Ratio, r.Ratio
	return r, err
}

// tokensAt asks for tokens at a steady rate, however long they take, and gives their
// milliseconds, counted from when each should have been asked for.
func (w *world) tokensAt(ctx context.Context, rate int, lasting time.Duration) ([]float64, error) {
	count := int(lasting.Seconds() * float64(rate))
	took, failed := make([]float64, count), make([]error, count)
	began := time.Now()
	var all sync.WaitGroup
	for i := range count {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		all.Go(func() {
			_, failed[i] = w.token()
			took[i] = time.Since(due).Seconds() * 1000
		})
	}
	all.Wait()
	return took, errors.Join(append(failed, ctx.Err())...)
}

// part is a file that a page draws in.
var part = regexp.MustCompile(`<(?:link|img|script)\b[^>]*?\b(?:href|src)="([^"]+)"`)

// signInPage counts what a browser fetches to show the first page.
func signInPage(_ context.Context, w *world) (row, error) {
	if err := w.serving(); err != nil {
		return row{}, err
	}
	v := w.visitor("198.51.100.200")
	next := get(w.authorization("openid billing.read.bill", verifier))
	var page answer
	for range 5 {
		next.Header.Set("Accept-Encoding", "gzip")
		var err error
		if page, err = v.visit(next); err != nil {
			return row{}, err
		}
		location := page.header.Get("Location")
		if location == "" {
			break
		}
		to, err := next.URL.Parse(location)
		if err != nil {
			return row{}, err
		}
		next = get(to.String())
	}
	if page.status != http.StatusOK {
		return row{}, fmt.Errorf("the sign-in page has status %d", page.status)
	}
	return w.weigh(next.URL, page)
}

// weigh adds a page and its parts, as they were sent.
func (w *world) weigh(at *url.URL, page answer) (row, error) {
	total, parts := len(page.body), map[string]bool{}
	compressed := page.header.Get("Content-Encoding") == "gzip"
	text := page.body
	if compressed {
		reader, err := gzip.NewReader(bytes.NewReader(page.body))
		if err != nil {
			return row{}, err
		}
		if text, err = io.ReadAll(reader); err != nil {
			return row{}, err
		}
	}
	for _, match := range part.FindAllSubmatch(text, -1) {
		to, err := at.Parse(string(match[1]))
		if err != nil || parts[to.String()] || to.Scheme == "data" {
			continue
		}
		parts[to.String()] = true
		a, err := w.want(http.StatusOK, get(to.String(), "Accept-Encoding", "gzip"))
		if err != nil {
			return row{}, err
		}
		total += len(a.body)
		compressed = compressed && a.header.Get("Content-Encoding") == "gzip"
	}
	r := row{Unit: "KB", Product: float64(total) / 1000, Remark: fmt.Sprintf("page and %d parts", len(parts))}
	if !compressed {
		r.Remark += ", not all compressed"
	}
	return r, nil
}
