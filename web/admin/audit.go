package admin

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/operator"
)

// Event is one event of the audit ledger.
type Event struct {
	At          time.Time       `json:"at"`
	Type        string          `json:"type"`
	Actor       string          `json:"actor"`
	Application string          `json:"application,omitempty"`
	Customer    string          `json:"customer,omitempty"`
	Result      string          `json:"result"`
	Trace       string          `json:"trace,omitempty" doc:"Reference that the caller was shown"`
	Detail      json.RawMessage `json:"detail,omitempty"`
	Personal    json.RawMessage `json:"personal,omitempty" doc:"Only if asked for: addresses, user agents"`
	Erased      bool            `json:"erased,omitempty" doc:"The personal part was erased"`
	Chain       int             `json:"chain"`
	Seq         int64           `json:"seq"`
	Hash        string          `json:"hash"`
}

// Events is a page of the audit ledger.
type Events struct {
	Version int     `json:"version"`
	Place   string  `json:"environment"`
	Events  []Event `json:"events"`
	Next    string  `json:"next,omitempty" doc:"cursor of the next page"`
}

// Verified is the outcome of a verification.
type Verified struct {
	audit.Verdict
	Place string `json:"environment"`
	OK    bool   `json:"ok"`
}

// AuditQuery is who looks for which events.
type AuditQuery struct {
	Place
	Caller
	Query    string `query:"query" maxLength:"1000" doc:"Words such as type:token. result:!ok after:1h"`
	Personal bool   `query:"personal" doc:"Show personal parts; that they were read is recorded"`
}

func (a *api) auditRoutes() {
	route(a, right{operator.ReadAudit, there}, huma.Operation{
		OperationID: "query-audit", Method: http.MethodGet, Path: here("/audit/events"),
		Summary: "Find audit events, newest first",
	}, func(ctx context.Context, in *struct {
		AuditQuery
		Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50"`
		Cursor string `query:"cursor" maxLength:"200"`
	},
	) (*answer[Events], error) {
		live, err := a.ledger(ctx, in.AuditQuery)
		if err != nil {
			return nil, err
		}
		events, next, err := a.cfg.Ledger.Events(ctx, live.ID, in.Query, in.Cursor, in.Limit)
		if err == nil {
			err = a.recordReading(ctx, live, in.AuditQuery)
		}
		return say(Events{1, name(live), shown(events, in.Personal), next}), err
	})
	route(a, right{operator.VerifyAudit, there}, huma.Operation{
		OperationID: "verify-audit", Method: http.MethodGet, Path: here("/audit/verification"),
		Summary: "Walk every chain and hold it to the signed checkpoints",
	}, func(ctx context.Context, in *struct{ Place }) (*answer[Verified], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		ctx, release, err := a.attended(ctx) // it reads the whole ledger
		if err != nil {
			return nil, err
		}
		defer release()
		verdict, err := a.cfg.Prover.Verify(ctx, live.ID)
		if err != nil {
			return nil, err
		}
		return say(Verified{*verdict, name(live), verdict.OK()}), nil
	})
	route(a, right{operator.ReadAudit, there}, huma.Operation{
		OperationID: "tail-audit", Method: http.MethodGet, Path: here("/audit/tail"),
		Summary:   "Follow audit events as they are committed, one JSON object a line",
		Responses: streamOf("Events"),
	}, a.tail)
}

// ledger finds the environment whose events are asked for. Their personal parts
// are for fewer people than the rest.
func (a *api) ledger(ctx context.Context, q AuditQuery) (*environment.Live, error) {
	if q.Personal {
		if err := a.also(ctx, operator.ReadPersonal, q.place()); err != nil {
			return nil, err
		}
	}
	return a.at(q.Place)
}

// recordReading leaves a trace of who looked, and for what.
func (a *api) recordReading(ctx context.Context, live *environment.Live, q AuditQuery) error {
	return a.cfg.Audit.Record(ctx, live.ID, audit.Entry{
		Type: audit.AuditRead, Actor: q.actor(), Detail: map[string]any{"query": q.Query, "personal": q.Personal},
	})
}

// shown leaves out what was not asked for.
func shown(records []audit.Record, personal bool) []Event {
	events := make([]Event, len(records))
	for i, r := range records {
		events[i] = Event{
			At: r.At, Type: r.Type, Actor: r.Actor, Application: r.Application, Customer: r.Customer, Result: r.Result,
			Trace: r.Trace, Detail: r.Detail, Erased: r.Erased, Chain: r.Chain, Seq: r.Seq, Hash: hex.EncodeToString(r.Hash[:]),
		}
		if personal {
			events[i].Personal = r.Personal
		}
	}
	return events
}
