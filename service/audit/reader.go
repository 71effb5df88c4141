package audit

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"sallyport/store"
)

// ReaderStore is what a [Reader] needs of the store.
type ReaderStore interface {
	AuditEvents(ctx context.Context, env store.EnvironmentID, q store.AuditQuery) (events []store.ChainedEvent, next string, err error)
	AuditTail(ctx context.Context, env store.EnvironmentID, cursor string, limit int) (events []store.ChainedEvent, next string, err error)
}

// Reader reads the ledger for people. Queries have the form of [ParseQuery].
// Both fields are required; it is safe for concurrent use.
type Reader struct {
	Store ReaderStore
	Now   func() time.Time
}

// Record is an event as it stands in the ledger. It was not verified: see
// [Prover.Verify].
type Record struct {
	At          time.Time // in UTC
	Type        string
	Actor       string
	Application string
	Customer    string
	Result      string
	Trace       string
	Detail      json.RawMessage // nil if there is none, or it cannot be read
	Personal    json.RawMessage // beside the chain; nil if there is none, or it was erased
	Erased      bool
	Chain       int
	Seq         int64
	Hash        [32]byte
}

// Events gives a page, newest first, and the cursor of the next (empty at the
// end). [ErrQuery]; store.ErrInvalid for a cursor that nobody gave.
func (r *Reader) Events(ctx context.Context, env store.EnvironmentID, query, cursor string, limit int) ([]Record, string, error) {
	q, err := ParseQuery(query, r.Now())
	if err != nil {
		return nil, "", err
	}
	q.Before, q.Limit = cursor, limit
	stored, next, err := r.Store.AuditEvents(ctx, env, q)
	records := make([]Record, len(stored))
	for i := range stored {
		records[i] = recordOf(&stored[i])
	}
	return records, next, err
}

// Tail gives those of at most limit events committed after the cursor that
// answer the query, oldest first, and the new cursor. An empty cursor gives
// none and stands at now. Errors are those of [Reader.Events].
func (r *Reader) Tail(ctx context.Context, env store.EnvironmentID, query, cursor string, limit int) ([]Record, string, error) {
	q, err := ParseQuery(query, r.Now())
	if err != nil {
		return nil, "", err
	}
	stored, next, err := r.Store.AuditTail(ctx, env, cursor, limit)
	var records []Record
	for i := range stored {
		if answers(q, &stored[i].Event) {
			records = append(records, recordOf(&stored[i]))
		}
	}
	return records, next, err
}

// answers tells whether an event is one that a query selects, as the store
// does when it reads backwards; following the ledger reads all of it.
func answers(q store.AuditQuery, e *store.Event) bool {
	same := func(asked, is string) bool { return asked == "" || asked == is }
	prefix := strings.HasSuffix(q.Type, ".") && strings.HasPrefix(e.Type, q.Type)
	refused := q.Result == "!ok" && e.Result != OK
	return (prefix || same(q.Type, e.Type)) && (refused || same(q.Result, e.Result)) &&
		same(q.Actor, e.Actor) && same(q.Application, e.Application) && same(q.Customer, e.Customer) && same(q.Trace, e.Trace) &&
		!e.At.Before(q.From) && (q.To.IsZero() || e.At.Before(q.To))
}

func recordOf(e *store.ChainedEvent) Record {
	var said struct {
		Detail json.RawMessage `json:"detail"`
	}
	_ = json.Unmarshal(e.Body, &said) // a body that was tampered with is Verify's to tell
	return Record{
		At: e.At.UTC(), Type: e.Type, Actor: e.Actor, Application: e.Application, Customer: e.Customer, Result: e.Result,
		Trace: e.Trace, Detail: said.Detail, Personal: e.Personal, Erased: e.Erased, Chain: e.Writer, Seq: e.Seq, Hash: e.Hash,
	}
}
