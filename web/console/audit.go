package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"sallyport/service/audit"
	"sallyport/service/operator"
	"sallyport/web/design"
)

var (
	eventsPage = parse("events")
	eventPage  = parse("event")
	verifyPage = parse("verify")
)

type eventRow struct {
	URL, At, Type, Actor, Application, Customer, Trace string
	Result                                             design.Mark
}

func (x *exchange) eventRow(e audit.Record) eventRow {
	row := eventRow{At: instant(e.At), Type: e.Type, Actor: e.Actor, Application: e.Application, Customer: e.Customer, Trace: e.Trace, Result: design.Good("ok")}
	if x.who.May(operator.ReadAudit, x.place()) {
		row.URL = x.here("audit", strconv.Itoa(e.Chain), strconv.FormatInt(e.Seq, 10))
	}
	if e.Result != audit.OK {
		row.Result = design.Bad(e.Result)
	}
	return row
}

// events finds events by a query of key:value.
func (x *exchange) events() {
	q := x.r.URL.Query()
	typed := q.Get("q")
	data := struct {
		Search   design.Search
		Starters []design.Place
		Verify   string
		Rows     []eventRow
		Pager    design.Pager
	}{Search: design.Search{
		Label: "Search events", Hint: "type: actor: application: customer: result: trace: after: before: – for example type:token. result:!ok after:1h",
		Name: "q", Value: typed, Button: "Search", MaxLength: 1000,
	}}
	for _, starter := range []string{"result:!ok after:24h", "type:revision.", "type:signin. after:1h", "type:customer.viewed"} {
		data.Starters = append(data.Starters, design.Place{Label: starter, URL: query(x.here("audit"), "q", starter)})
	}
	if x.who.May(operator.VerifyAudit, x.place()) {
		data.Verify = x.here("audit", "verify")
	}
	found, next, err := x.cfg.Ledger.Events(x.r.Context(), x.live.ID, typed, q.Get("cursor"), listRows)
	switch {
	case errors.Is(err, audit.ErrQuery):
		data.Search.Wrong = err.Error()
		x.page(http.StatusBadRequest, "Audit", eventsPage, data)
		return
	case err != nil:
		x.failed(err)
		return
	}
	if !x.record(audit.Entry{Type: audit.AuditRead, Detail: map[string]any{"query": typed, "personal": false}}) {
		return
	}
	for _, e := range found {
		data.Rows = append(data.Rows, x.eventRow(e))
	}
	data.Pager = x.pager("cursor", next, "Newer", "Older")
	x.page(http.StatusOK, "Audit", eventsPage, data)
}

// event shows one event, and how its chain holds it.
func (x *exchange) event() {
	chain, err := strconv.Atoi(x.values["chain"])
	seq, wrong := strconv.ParseInt(x.values["seq"], 10, 64)
	if err != nil || wrong != nil || chain < 0 || seq < 1 {
		x.missing()
		return
	}
	proof, err := x.cfg.Prover.Event(x.r.Context(), x.live.ID, chain, seq)
	if err != nil {
		x.failed(err)
		return
	}
	personal := x.who.May(operator.ReadPersonal, x.place()) && proof.Personal != nil
	seen := audit.Entry{Type: audit.AuditRead, Detail: map[string]any{"query": fmt.Sprintf("event %d of chain %d", seq, chain), "personal": personal}}
	if !x.record(seen) {
		return
	}
	data := struct {
		eventRow
		Detail, Personal, Hash, Previous string
		Erased, Linked                   bool
		Chain                            int
		Seq                              int64
		CustomerURL, TraceURL            string
	}{
		eventRow: x.eventRow(proof.Record), Detail: indented(proof.Detail), Erased: proof.Erased, Linked: proof.Linked, Chain: chain, Seq: seq,
		Hash: fmt.Sprintf("%x", proof.Hash), Previous: fmt.Sprintf("%x", proof.Previous),
	}
	if personal {
		data.Personal = indented(proof.Personal)
	}
	if proof.Customer != "" && x.who.May(operator.ReadCustomers, x.place()) {
		data.CustomerURL = x.here("customers", proof.Customer)
	}
	if proof.Trace != "" {
		data.TraceURL = query(x.here("audit"), "q", "trace:"+proof.Trace)
	}
	x.page(http.StatusOK, proof.Type, eventPage, data, x.above("Audit", "audit"))
}

func indented(raw json.RawMessage) string {
	var out bytes.Buffer
	if len(raw) == 0 || json.Indent(&out, raw, "", "  ") != nil {
		return string(raw)
	}
	return out.String()
}

// verify walks every chain.
func (x *exchange) verify() {
	verdict, err := x.cfg.Prover.Verify(x.r.Context(), x.live.ID)
	if err != nil {
		x.failed(err)
		return
	}
	x.page(http.StatusOK, "Chain proof", verifyPage, struct {
		*audit.Verdict
		Signed string
	}{verdict, instant(verdict.SignedAt)}, x.above("Audit", "audit"))
}
