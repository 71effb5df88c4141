package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"
)

func TestAVisitorWhoNeverSendsItsFormHoldsNothing(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"a form that is read": func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body) },
		"one that is refused": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
	} {
		t.Run(name, func(t *testing.T) {
			n := &node{options: nodeOptions{log: slog.New(slog.DiscardHandler)}}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			n.serve(l, listener{handler: handler, whole: 50 * time.Millisecond})
			defer func() { _ = n.servers[0].Shutdown(context.Background()) }()
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(5 * time.Second))
			_, _ = io.WriteString(c, "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\ngrant")
			if _, err := io.Copy(io.Discard, c); err != nil {
				t.Errorf("the connection is held: %v", err)
			}
		})
	}
}
