package audit_test

import (
	"context"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/store"
)

// oneEvent is a ledger of one event, that a tail meets.
type oneEvent struct {
	audit.ReaderStore
	event store.ChainedEvent
}

func (o oneEvent) AuditTail(context.Context, store.EnvironmentID, string, int) ([]store.ChainedEvent, string, error) {
	return []store.ChainedEvent{o.event}, "next", nil
}

func TestFollowingSelectsWhatQueryingSelects(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	reader := audit.Reader{Now: func() time.Time { return at }, Store: oneEvent{event: store.ChainedEvent{Event: store.Event{
		At: at, Type: "token.refused", Actor: "application/payright", Application: "payright", Result: "access-denied", Trace: "0h2k",
		Body: []byte(`{"detail":{"scope":"openid"}}`),
	}}}}
	for _, test := range []struct {
		query string
		want  int
	}{
		{"", 1},
		{"type:token.", 1},
		{"type:token", 0},
		{"type:token.refused result:!ok application:payright", 1},
		{"type:token.issued", 0},
		{"result:ok", 0},
		{"result:access-denied trace:0h2k", 1},
		{"actor:application/payright customer:cus_x", 0},
		{"after:2026-11-22T10:00:00Z", 1},
		{"before:2026-11-22T10:00:00Z", 0},
		{"after:1h", 1},
		{"after:1h before:30m", 0},
	} {
		t.Run(test.query, func(t *testing.T) {
			got, next, err := reader.Tail(t.Context(), 1, test.query, "here", 10)
			if err != nil || next != "next" || len(got) != test.want {
				t.Fatalf("got %+v, %q, %v", got, next, err)
			}
			if test.want == 1 && string(got[0].Detail) != `{"scope":"openid"}` {
				t.Errorf("detail %s", got[0].Detail)
			}
		})
	}
}

func TestWhatIsReadOfTheLedgerIsWhatWasRecorded(t *testing.T) {
	w := newWorld(t)
	reader := audit.Reader{Store: w.store, Now: time.Now}
	_, here, err := reader.Tail(t.Context(), w.env, "", "", 10)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.log().Record(t.Context(), w.env, audit.Entry{Type: audit.SecretCreated, Actor: audit.Operator("rita"), Detail: map[string]string{"a": "b"}}); err != nil {
		t.Fatal(err)
	}
	page, _, err := reader.Events(t.Context(), w.env, "type:secret.created", "", 10)
	if err != nil || len(page) != 1 || page[0].Actor != "operator/rita" || string(page[0].Detail) != `{"a":"b"}` || page[0].Seq == 0 {
		t.Errorf("got %+v, %v", page, err)
	}
	if tail, _, err := reader.Tail(t.Context(), w.env, "", here, 10); err != nil || len(tail) != 1 || tail[0].Seq != page[0].Seq {
		t.Errorf("following gives %+v, %v", tail, err)
	}
}
