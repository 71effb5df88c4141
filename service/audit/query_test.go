package audit_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/service/audit"
	"sallyport/store"
)

var at = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func TestAQueryIsReadAsItIsTyped(t *testing.T) {
	for _, test := range []struct {
		text string
		want store.AuditQuery
	}{
		{"", store.AuditQuery{}},
		{"  \t\n ", store.AuditQuery{}},
		{"type:token.", store.AuditQuery{Type: "token."}},
		{"type:token.issued", store.AuditQuery{Type: "token.issued"}},
		{"actor:application/payright", store.AuditQuery{Actor: "application/payright"}},
		{"application:payright customer:cus_1", store.AuditQuery{Application: "payright", Customer: "cus_1"}},
		{"result:ok", store.AuditQuery{Result: "ok"}},
		{"result:!ok", store.AuditQuery{Result: "!ok"}},
		{"trace:3v2p7hetmq9mbwk1", store.AuditQuery{Trace: "3v2p7hetmq9mbwk1"}},
		{"actor:operator/a:b", store.AuditQuery{Actor: "operator/a:b"}}, // the first colon parts
		{"after:2026-11-22T09:00:00Z", store.AuditQuery{From: at.Add(-time.Hour)}},
		{"after:2026-11-22T10:00:00+01:00", store.AuditQuery{From: at.Add(-time.Hour)}},
		{"after:2026-11-22T09:00", store.AuditQuery{From: at.Add(-time.Hour)}},
		{"after:2026-11-22 before:2026-11-23", store.AuditQuery{From: at.Add(-10 * time.Hour), To: at.Add(14 * time.Hour)}},
		{"after:15m", store.AuditQuery{From: at.Add(-15 * time.Minute)}},
		{"after:1h30m before:90s", store.AuditQuery{From: at.Add(-90 * time.Minute), To: at.Add(-90 * time.Second)}},
		{"after:30d", store.AuditQuery{From: at.AddDate(0, 0, -30)}},
		{"after:36500d", store.AuditQuery{From: at.AddDate(0, 0, -36500)}},
		{"before:0s", store.AuditQuery{To: at}},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := audit.ParseQuery(test.text, at)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAQueryThatCannotBeReadSaysWhy(t *testing.T) {
	for _, test := range []struct{ text, why string }{
		{"token.issued", `"token.issued" is not one of type:`},
		{"type:", `"type:" is not one of`},
		{":x", `":x" is not one of`},
		{"user:robin", `"user:robin" is not one of`},
		{"Type:token.", `"Type:token." is not one of`},
		{"type:a type:b", "type: stands there twice"},
		{"result:!scope", "only result:!ok"},
		{"after:yesterday", "neither an instant"},
		{"after:-1h", "neither an instant"},
		{"after:d", "neither an instant"},
		{"after:1.5d", "neither an instant"},
		{"after:1h30d", "neither an instant"},
		{"after:36501d", "neither an instant"},
		{"after:65535d", "neither an instant"},
		{"after:99999999999d", "neither an instant"},
		{"before:2026-13-01", "neither an instant"},
		{"before:2540400h", "neither an instant"},
		{"type:a\x00b", "no text"},
		{"type:\xff", "no text"},
		{"type:" + strings.Repeat("x", 1000), "longer than 1000"},
		{strings.Repeat("ä", 400), "…"},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := audit.ParseQuery(test.text, at)
			if !errors.Is(err, audit.ErrQuery) || !strings.Contains(err.Error(), test.why) || len(err.Error()) > 300 {
				t.Errorf("error is %v", err)
			}
			if got != (store.AuditQuery{}) {
				t.Errorf("and half a query: %+v", got)
			}
		})
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{"", "type:token. result:!ok after:30d", "before:2026-11-22T10:00:00Z", "actor:a:b", "after:1h30d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := audit.ParseQuery(text, at)
		if err != nil {
			if !errors.Is(err, audit.ErrQuery) || q != (store.AuditQuery{}) {
				t.Fatalf("%+v, %v", q, err)
			}
			return
		}
		// What was read says what was typed, whatever its order and spaces.
		again, err := audit.ParseQuery(typed(q), at)
		if err != nil || !again.From.Equal(q.From) || !again.To.Equal(q.To) {
			t.Fatalf("%q: %+v, %v", typed(q), again, err)
		}
		again.From, again.To = q.From, q.To
		if again != q {
			t.Fatalf("%+v became %+v", q, again)
		}
	})
}

// typed writes a query in the form that ParseQuery reads.
func typed(q store.AuditQuery) string {
	var words []string
	add := func(key, value string) {
		if value != "" {
			words = append(words, key+":"+value)
		}
	}
	instant := func(key string, t time.Time) {
		if !t.IsZero() {
			add(key, t.Format(time.RFC3339Nano))
		}
	}
	instant("before", q.To)
	instant("after", q.From)
	add("trace", q.Trace)
	add("result", q.Result)
	add("customer", q.Customer)
	add("application", q.Application)
	add("actor", q.Actor)
	add("type", q.Type)
	return strings.Join(words, "  ")
}
