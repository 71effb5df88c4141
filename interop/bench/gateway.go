package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"

	"sallyport/interop/bench/floor"
)

// callers of the gateway at once.
const callers = 32

// forwarding starts the server, the back end and the bare proxy.
func (w *world) forwarding() error {
	if err := w.serving(); err != nil || w.proxy != nil {
		return err
	}
	keys, err := w.want(http.StatusOK, get(w.ready.Issuers["enterprise"]+"/jwks"))
	if err != nil {
		return err
	}
	w.proxy, err = startFloor(floor.Config{
		Role: floor.Proxy, Keys: keys.body, Backend: w.backend.url,
		Certificate: w.papers.certificate, Key: w.papers.key, Authority: w.papers.authority,
	})
	return err
}

// token is a fresh one of the machine.
func (w *world) token() (string, error) {
	a, err := w.want(http.StatusOK, w.tokenRequest(w.ready.Issuers["enterprise"]+"/token"))
	if err != nil {
		return "", err
	}
	var t tokens
	err = json.Unmarshal(a.body, &t)
	return t.Access, err
}

// call is the same call on either side.
func (w *world) call(at, token string) error {
	a, err := w.want(http.StatusOK, get(at+"/payments", "Subscription-Key", w.key, "Authorization", "Bearer "+token))
	if err == nil && len(a.body) < 1000 {
		err = errors.New("not the back end's answer")
	}
	return err
}

func gatewaySeen(ctx context.Context, w *world) (row, error) {
	if err := w.forwarding(); err != nil {
		return row{}, err
	}
	token, err := w.token()
	if err != nil {
		return row{}, err
	}
	c := w.sized(callers, 4000, 7)
	c.product = side{cpu: w.cpu(w.server), do: func(int) error { return w.call(w.ready.Gateway+"/billing", token) }}
	c.floor = side{cpu: w.cpu(w.proxy), do: func(int) error { return w.call(w.proxy.url+"/bare", token) }}
	return c.run(ctx)
}

func gatewayNew(ctx context.Context, w *world) (row, error) {
	if err := w.forwarding(); err != nil {
		return row{}, err
	}
	var fresh []string
	var used atomic.Int64
	next := func() string { return fresh[used.Add(1)-1] }
	mint := func(operations int) error {
		fresh = make([]string, operations)
		used.Store(0)
		var made atomic.Int64
		minting := contest{workers: connections}
		return minting.load(ctx, side{do: func(int) (err error) {
			fresh[made.Add(1)-1], err = w.token()
			return err
		}}, operations)
	}
	again := func(int) error { // the floor remembers nothing
		used.Store(0)
		return nil
	}
	c := w.sized(callers, 2000, 7)
	c.product = side{cpu: w.cpu(w.server), prepare: mint, do: func(int) error { return w.call(w.ready.Gateway+"/billing", next()) }}
	c.floor = side{cpu: w.cpu(w.proxy), prepare: again, do: func(int) error { return w.call(w.proxy.url+"/verified", next()) }}
	return c.run(ctx)
}
