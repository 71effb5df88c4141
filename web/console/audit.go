package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sallyport/service/audit"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// maxQuery bounds what is typed into the ledger's search, in bytes.
const maxQuery = 1000

// starters are searches that the ledger begins with.
var starters = [...]string{"result:!ok after:24h", "type:revision.", "type:signin. after:1h", "type:role.", "type:customer.viewed"}

// eventURL leads to an event, for whoever may read the ledger.
func (x *exchange) eventURL(e audit.Record) string {
	if !x.who.May(operator.ReadAudit, x.place()) {
		return ""
	}
	return x.here("audit", strconv.Itoa(e.Chain), strconv.FormatInt(e.Seq, 10))
}

// events finds events by a query of key:value.
func (x *exchange) events() {
	q := x.r.URL.Query()
	typed, cursor := q.Get("q"), q.Get("cursor")
	search := &design.Search{
		Label: "Search events", Hint: "type: actor: application: customer: result: trace: after: before: – for example type:token. result:!ok after:1h",
		Name: "q", Value: typed, Button: "Search", MaxLength: maxQuery,
	}
	s := sheet{Title: "Audit", Parts: []part{{Search: search}}}
	if x.who.May(operator.VerifyAudit, x.place()) {
		s.Actions = []design.Button{{Label: "Verify the chain", URL: x.here("audit", "verify"), Quiet: true}}
	}
	window, next, err := x.searchLedger(typed, cursor, windowRows)
	switch {
	case errors.Is(err, errSlow):
		search.Wrong, s.Status = err.Error(), http.StatusServiceUnavailable
		x.show(s)
		return
	case errors.Is(err, audit.ErrQuery):
		search.Wrong, s.Status = err.Error(), http.StatusBadRequest
		x.show(s)
		return
	case err != nil:
		x.failed(err)
		return
	}
	found := window
	if len(window) > listRows { // else it is the page, with its cursor, and was dear to find
		if found, next, err = x.searchLedger(typed, cursor, listRows); err != nil {
			x.failed(err)
			return
		}
	}
	if !x.record(audit.Entry{Type: audit.AuditRead, Detail: map[string]any{"query": typed, "personal": false}}) {
		return
	}
	search.Terms, search.Starters = x.auditChips(typed, window)
	if len(window) > 1 {
		s.Parts = append(s.Parts, part{Bars: histogram(window)})
	}
	pager := x.pager("cursor", next, "Newer", "Older")
	s.Parts = append(s.Parts, part{Table: x.eventTable(found, pager), Pager: &pager})
	if len(found) > 0 {
		s.Parts = append(s.Parts, part{Links: []design.Place{
			{Label: "CSV file", URL: query(x.here("audit.csv"), "q", typed)}, {Label: "NDJSON file", URL: query(x.here("audit.ndjson"), "q", typed)},
		}})
	}
	x.show(s)
}

// searchPatience is how long a search of the ledger may take. What no index finds,
// and is rare, would be looked for in all of it.
const searchPatience = 5 * time.Second

var errSlow = errors.New("this search takes too long; say in which time, such as after:24h, or about which application, customer or trace")

// searchLedger reads a page of what a query finds; errSlow if that takes too long.
func (x *exchange) searchLedger(typed, cursor string, limit int) ([]audit.Record, string, error) {
	ctx, cancel := context.WithTimeout(x.r.Context(), searchPatience)
	defer cancel()
	found, next, err := x.cfg.Ledger.Events(ctx, x.live.ID, typed, cursor, limit)
	if err != nil && ctx.Err() != nil && x.r.Context().Err() == nil {
		err = errSlow
	}
	return found, next, err
}

func (x *exchange) eventTable(found []audit.Record, pager design.Pager) *design.Table {
	table := &design.Table{
		Columns: design.Columns("When", "What happened", "Result", "Trace"),
		Empty:   design.Empty{What: "No event is like that.", Do: "Take a word out, or begin with one of the searches above."},
	}
	if pager.Older != "" { // a page looks at so much and no more
		table.Empty = design.Empty{What: "None of the events that were looked at is like that.", Do: "Look at older ones, or name an application, a customer, a type or a time."}
	}
	for _, e := range found {
		trace := design.Cell{}
		if e.Trace != "" {
			trace = design.Cell{Text: e.Trace, Code: true, URL: query(x.here("audit"), "q", "trace:"+e.Trace)}
		}
		table.Rows = append(table.Rows, design.Row{Cells: []design.Cell{
			{At: e.At, URL: x.eventURL(e)}, {Text: sentence(e), Note: e.Type}, design.State(resultOf(e)), trace,
		}})
	}
	return table
}

// auditChips lead to the search without each word that it has, and with words
// that what it found makes useful. Words of the ledger's search have no quotation
// marks, and each key stands there once.
func (x *exchange) auditChips(typed string, found []audit.Record) (terms, more []design.Place) {
	words := strings.Fields(typed)
	for i, word := range words {
		rest := strings.Join(append(append([]string{}, words[:i]...), words[i+1:]...), " ")
		terms = append(terms, design.Place{Label: word, URL: query(x.here("audit"), "q", rest)})
	}
	if len(words) == 0 {
		for _, word := range starters {
			more = append(more, design.Place{Label: word, URL: query(x.here("audit"), "q", word)})
		}
	}
	has := func(key string) bool {
		for _, w := range words {
			if strings.HasPrefix(w, key+":") {
				return true
			}
		}
		return false
	}
	for _, s := range completions(found) {
		if !has(s.key) {
			more = append(more, design.Place{Label: s.key + ":" + s.value, URL: query(x.here("audit"), "q", strings.Join(append(words, s.key+":"+s.value), " "))})
		}
	}
	return terms, more
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
	s := sheet{Title: sentence(proof.Record), Trail: []design.Place{x.above("Audit", "audit")}, Parts: []part{{Facts: x.eventFacts(proof.Record)}}}
	changes, rest := beforeAfter(proof.Detail)
	if len(changes) > 0 {
		s.Parts = append(s.Parts, part{Heading: "Before and after", Changes: changes})
	}
	if rest != "" {
		s.Parts = append(s.Parts, part{Heading: "Detail", Listing: &design.Listing{Label: "The detail of the event", Text: rest}})
	}
	switch {
	case proof.Erased:
		s.Parts = append(s.Parts, part{Heading: "Personal", Lead: "Erased."})
	case personal:
		s.Parts = append(s.Parts, part{Heading: "Personal", Listing: &design.Listing{Label: "The personal part of the event", Text: indented(proof.Personal)}})
	}
	x.show(sheet{Title: s.Title, Trail: s.Trail, Parts: append(s.Parts, chainPart(proof))})
}

func (x *exchange) eventFacts(e audit.Record) []design.Fact {
	trace := design.Code(e.Trace)
	if e.Trace != "" {
		trace.URL = query(x.here("audit"), "q", "trace:"+e.Trace)
	}
	application := design.Code(e.Application)
	if s := x.live.Snapshot(); s != nil && s.Applications[e.Application] != nil && x.who.May(operator.ReadConfiguration, x.place()) {
		application.URL = x.here("applications", e.Application)
	}
	return facts(
		design.Fact{Name: "When", Cell: design.Instant(e.At)}, design.Fact{Name: "Type", Cell: design.Code(e.Type)},
		design.Fact{Name: "Who", Cell: design.Code(e.Actor)}, design.Fact{Name: "Result", Cell: design.State(resultOf(e))},
		design.Fact{Name: "Application", Cell: application}, design.Fact{Name: "Customer", Cell: x.customerCell(e.Customer)},
		design.Fact{Name: "Trace", Cell: trace},
	)
}

func chainPart(proof audit.Proof) part {
	linked := design.Cell{Mark: design.Good("Holds"), Note: "it follows from its predecessor and its content"}
	if !proof.Linked {
		linked = design.Cell{Mark: design.Bad("Broken"), Note: "it does not follow from its predecessor: it was changed"}
	}
	return part{Heading: "Chain", Facts: []design.Fact{
		fact("Place", fmt.Sprintf("event %d of chain %d", proof.Seq, proof.Chain)),
		{Name: "Link", Cell: linked},
		{Name: "Hash", Cell: design.ID(fmt.Sprintf("%x", proof.Hash))},
		{Name: "Hash before it", Cell: design.ID(fmt.Sprintf("%x", proof.Previous))},
	}}
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
	note := &design.Note{Mark: design.Good("Every link of every chain holds, and so does every signature"), Text: "What came after the newest signature is linked, but not signed for yet."}
	if !verdict.OK() {
		note = &design.Note{Mark: design.Bad("The ledger is not what was written"), Text: "Keep the database as it is, and compare it with a copy of the ledger kept elsewhere."}
	}
	findings := part{}
	for _, f := range verdict.Findings {
		findings.Heading = "Findings"
		at := fmt.Sprintf("chain %d", f.Writer)
		if f.Seq > 0 {
			at += fmt.Sprintf(", event %d", f.Seq)
		}
		findings.Changes = append(findings.Changes, design.Change{Kind: design.Removed, Text: at + ": " + f.What})
	}
	x.show(sheet{Title: "Chain proof", Trail: []design.Place{x.above("Audit", "audit")}, Fresh: &design.AsOf{At: x.cfg.Now()}, Parts: []part{{Note: note}, {Facts: facts(
		fact("Events", grouped(verdict.Events)), fact("Chains", strconv.Itoa(verdict.Chains)), design.Fact{Name: "Signed until", Cell: design.Instant(verdict.SignedAt)},
		fact("Checkpoints held to", strconv.Itoa(verdict.Checkpoints)), fact("Not signed for yet", grouped(verdict.Unsigned)),
		fact("Personal parts erased", grouped(verdict.Erased)),
	)}, findings}})
}
