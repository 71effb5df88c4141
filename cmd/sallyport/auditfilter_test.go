package main

import (
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/store"
)

func TestFollowingSelectsWhatQueryingSelects(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	event := store.Event{
		At: at, Type: "token.refused", Actor: "application/payright", Application: "payright", Result: "access-denied", Trace: "0h2k",
	}
	for _, test := range []struct {
		query string
		want  bool
	}{
		{"", true},
		{"type:token.", true},
		{"type:token", false},
		{"type:token.refused result:!ok application:payright", true},
		{"type:token.issued", false},
		{"result:ok", false},
		{"result:access-denied trace:0h2k", true},
		{"actor:application/payright customer:cus_x", false},
		{"after:2026-11-22T10:00:00Z", true},
		{"before:2026-11-22T10:00:00Z", false},
		{"after:1h", true},
		{"after:1h before:30m", false},
	} {
		t.Run(test.query, func(t *testing.T) {
			q, err := audit.ParseQuery(test.query, at)
			if err != nil {
				t.Fatal(err)
			}
			if got := answers(q, event); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
