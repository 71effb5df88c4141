package storetest

import (
	"testing"

	"sallyport/store"
)

// Search is something that is looked for in a table that grows without end, and the
// index that must lead to it in every engine.
type Search struct {
	Name  string
	Query store.AuditQuery
	Table string
	Index string
	Or    string // another that leads to it as well, if a planner thinks so
	Least int    // statements that look for it
}

// Searches are the searches of the ledger, by what leads to them.
var Searches = []Search{
	{"everything", store.AuditQuery{}, "audit_events", "audit_events_at", "", 1},
	{"a time", store.AuditQuery{From: at(0), To: at(90)}, "audit_events", "audit_events_at", "", 1},
	{"the most frequent type", store.AuditQuery{Type: "token.issued"}, "audit_events", "audit_events_at", "", 2},
	{"a type", store.AuditQuery{Type: "role.granted"}, "audit_events", "audit_events_type", "", 1},
	{"types that begin so", store.AuditQuery{Type: "role."}, "audit_events", "audit_events_type", "", 2},
	{"refused types that begin so", store.AuditQuery{Type: "role.", Result: "!ok"}, "audit_events", "audit_events_type", "audit_events_refused", 3},
	{"a type of an application", store.AuditQuery{Type: "role.granted", Application: "a"}, "audit_events", "audit_events_type", "", 2},
	{"types of an application", store.AuditQuery{Type: "role.", Application: "a"}, "audit_events", "audit_events_application", "", 2},
	{"an application", store.AuditQuery{Application: "a", From: at(0)}, "audit_events", "audit_events_application", "", 1},
	{"a customer", store.AuditQuery{Customer: "cus_1"}, "audit_events", "audit_events_customer", "", 1},
	{"a customer of an application", store.AuditQuery{Customer: "cus_1", Application: "a", Type: "role.granted"}, "audit_events", "audit_events_customer", "", 2},
	{"an operator", store.AuditQuery{Actor: "operator/rita"}, "audit_events", "audit_events_operator", "", 1},
	{"another actor", store.AuditQuery{Actor: "application/a"}, "audit_events", "audit_events_at", "", 2},
	{"refusals", store.AuditQuery{Result: "!ok", To: at(90)}, "audit_events", "audit_events_refused", "", 1},
	{"one kind of refusal", store.AuditQuery{Result: "no-rule"}, "audit_events", "audit_events_refused", "", 2},
	{"refusals of an application", store.AuditQuery{Application: "a", Result: "!ok"}, "audit_events", "audit_events_application", "audit_events_refused", 2},
	{"what succeeded", store.AuditQuery{Result: "ok"}, "audit_events", "audit_events_at", "", 2},
}

// Searched runs a search against a store in which it finds something at the first
// look, and more behind.
func Searched(t *testing.T, s store.Store, search Search) {
	b := newBench(t, s)
	for i := range 4 {
		e := store.Event{At: at(i), Type: "role.granted", Actor: "operator/rita", Application: "a", Customer: "cus_1", Result: "no-rule"}
		if q := search.Query; q.Type == "token.issued" || q.Result == "ok" || q.Actor == "application/a" {
			e.Type, e.Actor, e.Result = "token.issued", "application/a", "ok"
		}
		b.record(e)
	}
	q := search.Query
	q.Look, q.Limit = 2, 1
	for pages := range 2 {
		events, next, err := b.AuditEvents(b.ctx, b.env, q)
		b.ok(err)
		if q.Before = next; len(events) != 1 || next == "" {
			b.Errorf("page %d holds %d events, and its next is %q", pages, len(events), next)
		}
	}
}
