package main

import (
	"strings"

	"sallyport/service/audit"
	"sallyport/store"
)

// answers tells whether an event is one that a query selects, as the store
// does when it reads backwards; following the ledger reads all of it.
func answers(q store.AuditQuery, e store.Event) bool {
	same := func(asked, is string) bool { return asked == "" || asked == is }
	prefix := strings.HasSuffix(q.Type, ".") && strings.HasPrefix(e.Type, q.Type)
	refused := q.Result == "!ok" && e.Result != audit.OK
	return (prefix || same(q.Type, e.Type)) && (refused || same(q.Result, e.Result)) &&
		same(q.Actor, e.Actor) && same(q.Application, e.Application) && same(q.Customer, e.Customer) && same(q.Trace, e.Trace) &&
		!e.At.Before(q.From) && (q.To.IsZero() || e.At.Before(q.To))
}
