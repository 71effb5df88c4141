package main

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// signInTime is how long login waits for the browser.
const signInTime = 10 * time.Minute

// backPath is where the browser comes back to.
const backPath = "/signed-in"

// back waits on a port of this machine for the browser to come back with a code
// (RFC 8252 §7.3).
type back struct {
	address string // redirect URI
	state   string
	issuer  string
	host    string
	server  *http.Server
	answers chan backAnswer
}

type backAnswer struct {
	code string
	err  error
}

// listenBack listens. Only this machine can connect.
func listenBack(issuer string) (*back, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("waiting for the browser: %w", err)
	}
	host := listener.Addr().String()
	b := &back{
		address: "http://" + host + backPath, state: secretText(), issuer: issuer, host: host, answers: make(chan backAnswer, 1),
	}
	b.server = &http.Server{Handler: b, ReadHeaderTimeout: headerTimeout, ReadTimeout: headerTimeout, WriteTimeout: headerTimeout, MaxHeaderBytes: maxHeaderBytes}
	go func() { _ = b.server.Serve(listener) }()
	return b, nil
}

// close lets the browser have its page first.
func (b *back) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = b.server.Shutdown(ctx)
}

// wait gives the code.
func (b *back) wait(ctx context.Context) (string, error) {
	timer := time.NewTimer(signInTime)
	defer timer.Stop()
	select {
	case answer := <-b.answers:
		return answer.code, answer.err
	case <-ctx.Done():
		return "", errStopped
	case <-timer.C:
		return "", &exitError{exitSignIn, errors.New("nobody signed in within ten minutes\n  fix: run the command again")}
	}
}

// ServeHTTP takes the answer that belongs to our own request. Any page can send a
// browser here; what does not know the state ends nothing.
func (b *back) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	query := r.URL.Query()
	if r.Host != b.host || r.URL.Path != backPath || r.Method != http.MethodGet ||
		subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(b.state)) != 1 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	answer := backAnswer{code: query.Get("code")}
	switch {
	case query.Get("iss") != b.issuer: // RFC 9207: an answer of somebody else
		answer = backAnswer{err: errors.New("the answer came from another authorization server; nothing was done with it")}
	case query.Get("error") != "":
		refused := &oauthRefusal{query.Get("error"), query.Get("error_description")}
		answer = backAnswer{err: &exitError{exitSignIn, fmt.Errorf("nobody was signed in: %w", refused)}}
	case answer.code == "":
		answer = backAnswer{err: errors.New("the answer of the authorization server has no code")}
	}
	if answer.err != nil {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte("The sign-in did not work. The terminal tells why.\n"))
	} else {
		_, _ = w.Write([]byte("You are signed in. You can close this window and go on at the terminal.\n"))
	}
	select {
	case b.answers <- answer:
	default: // the same answer a second time
	}
}
