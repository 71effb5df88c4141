package main

import (
	"errors"
	"io"
	"net/http"
	"sync"
)

// handlerTransport answers requests from a handler in this process. The body
// arrives as the handler writes it, so progress shows as it would over a socket.
type handlerTransport struct {
	handler http.Handler
	running *sync.WaitGroup // requests that are being answered
}

// RoundTrip implements http.RoundTripper.
func (t handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	reader, writer := io.Pipe()
	answer := &piped{header: http.Header{}, body: writer, begun: make(chan struct{})}
	request := r.Clone(r.Context())
	request.RequestURI, request.Host, request.RemoteAddr = r.URL.RequestURI(), r.URL.Host, "@"
	if request.Body == nil {
		request.Body = http.NoBody
	}
	t.running.Go(func() {
		defer func() { _ = errors.Join(writer.Close(), request.Body.Close()) }()
		defer unlessUnread()
		t.handler.ServeHTTP(answer, request)
		answer.begin(http.StatusOK)
	})
	select {
	case <-answer.begun:
	case <-r.Context().Done():
		_ = reader.Close()
		return nil, r.Context().Err()
	}
	return &http.Response{
		StatusCode: answer.status, Status: http.StatusText(answer.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.sent, Body: reader, ContentLength: -1, Request: r,
	}, nil
}

// unlessUnread lets a handler's panic be the process's, but for one over an answer that
// whoever asked has closed: they had read what they wanted, and a server of net/http
// would end that request alone.
func unlessUnread() {
	reason := recover()
	if err, is := reason.(error); reason != nil && !(is && errors.Is(err, io.ErrClosedPipe)) {
		panic(reason)
	}
}

// piped is a ResponseWriter whose body is read while it is written.
type piped struct {
	header http.Header
	body   *io.PipeWriter
	once   sync.Once
	begun  chan struct{} // closed when status and sent are set
	status int
	sent   http.Header
}

func (p *piped) begin(status int) {
	p.once.Do(func() {
		p.status, p.sent = status, p.header.Clone()
		close(p.begun)
	})
}

// Header implements http.ResponseWriter.
func (p *piped) Header() http.Header { return p.header }

// WriteHeader implements http.ResponseWriter.
func (p *piped) WriteHeader(status int) { p.begin(status) }

// Write implements http.ResponseWriter.
func (p *piped) Write(b []byte) (int, error) {
	p.begin(http.StatusOK)
	return p.body.Write(b)
}

// Flush implements http.Flusher: nothing is held back.
func (p *piped) Flush() { p.begin(http.StatusOK) }
