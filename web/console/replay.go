package console

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/operator"
	"sallyport/service/replay"
	"sallyport/web/design"
)

const (
	// replayEvents is how much of the ledger a page looks at, and replayPatience how
	// long; the command line looks at more.
	replayEvents   = 20_000
	replayPatience = 10 * time.Second
)

// spans are how far back a page can look.
var spans = []struct {
	name string
	age  time.Duration
}{{"1h", time.Hour}, {"24h", 24 * time.Hour}, {"7d", 7 * 24 * time.Hour}, {"30d", 30 * 24 * time.Hour}}

// replay asks past requests again of a stored revision. Trees are the command
// line's to bring: see web/admin.
func (x *exchange) replay() {
	if !x.who.May(operator.ReadAccess, x.place()) || !x.who.May(operator.ReadAudit, x.place()) {
		x.refuse()
		return
	}
	q := x.r.URL.Query()
	s := sheet{Title: "Replay", Trail: []design.Place{x.above("Access", "access")}, Parts: []part{
		{Lead: "Past decisions, made again by another revision: who would have got more, and who less. Nothing is changed, and nobody is named."},
		{Filter: x.replayFilter(q.Get("since"), q.Get("revision"))},
	}}
	if q.Get("since") == "" {
		s.Parts = append(s.Parts, part{Empty: &design.Empty{
			What: "Nothing was replayed yet.", Do: "Choose how far back and which revision. For a tree that is not applied: sallyport access replay DIR --since 7d --env " + x.live.Tenant + "/" + x.live.Name,
		}})
		x.show(s)
		return
	}
	candidate, ok := x.candidate(q.Get("revision"))
	if !ok {
		return
	}
	answered, ok := x.replayed(candidate, spanOf(q.Get("since")))
	if !ok {
		return
	}
	s.Parts = append(s.Parts, answered...)
	x.show(s)
}

func (x *exchange) replayFilter(since, revision string) *filter {
	back := design.Field{Name: "since", Label: "Requests of the last", Value: since, Optional: true}
	for _, span := range spans {
		back.Options = append(back.Options, design.Option{Value: span.name, Label: span.name})
	}
	if revision == "" {
		revision = strconv.FormatInt(x.live.Snapshot().Revision, 10)
	}
	return &filter{Button: "Replay", Fields: []design.Field{back, {Name: "revision", Label: "Against revision", Value: revision, MaxLength: 19, Autocomplete: "off", Optional: true}}}
}

// spanOf reads how far back; what is none of those offered is an hour.
func spanOf(text string) time.Duration {
	for _, span := range spans {
		if span.name == text {
			return span.age
		}
	}
	return spans[0].age
}

// candidate compiles a stored revision as it would be here.
func (x *exchange) candidate(text string) (*config.Snapshot, bool) {
	number, err := strconv.ParseInt(text, 10, 64)
	if text == "" || err == nil && number == x.live.Snapshot().Revision {
		return x.live.Snapshot(), true
	}
	if err != nil || number < 1 {
		x.missing()
		return nil, false
	}
	_, tree, err := x.cfg.Registry.Revision(x.r.Context(), x.live, number)
	if err != nil {
		x.failed(err)
		return nil, false
	}
	compiled, _, err := x.cfg.Registry.Compiled(x.live, tree)
	if err != nil {
		x.say(409, "Replay", "That revision cannot become this environment's configuration any more: "+err.Error(), "Choose another.")
		return nil, false
	}
	stored := *compiled
	stored.Revision = number
	return &stored, true
}

// replayed runs and tells. What does not fit into the page's time is cut.
func (x *exchange) replayed(candidate *config.Snapshot, age time.Duration) ([]part, bool) {
	now := x.cfg.Now()
	if !x.record(audit.Entry{Type: audit.AuditRead, Detail: map[string]any{
		"replay": true, "from": now.Add(-age).UTC(), "to": now.UTC(), "candidate": candidate.Revision, "personal": false,
	}}) {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(x.r.Context(), replayPatience)
	defer cancel()
	r, err := replay.Run(ctx, x.cfg.Replayed, x.live.ID, replay.Wish{Candidate: candidate, From: now.Add(-age), To: now, Events: replayEvents})
	if err != nil && ctx.Err() == nil {
		x.failed(err)
		return nil, false
	}
	table := &design.Table{
		Columns: []design.Column{{Label: "Change"}, {Label: "Application"}, {Label: "Server"}, {Label: "Scope"}, {Label: "Times", Number: true}, {Label: "Why"}, {Label: "Example"}},
		Empty:   design.Empty{What: "No decision would have been another."},
	}
	for _, c := range r.Changes {
		mark := design.Warning(string(c.Kind))
		if !c.Kind.Widens() {
			mark = design.Plain(string(c.Kind))
		}
		example := design.Link("event", x.here("audit", strconv.Itoa(c.Example.Chain), strconv.FormatInt(c.Example.Seq, 10)))
		example.Note = c.Example.Trace
		table.Rows = append(table.Rows, design.Row{Cells: []design.Cell{
			design.State(mark), design.Text(string(c.Application)), design.Text(c.Server), design.Code(string(c.Scope)), design.Text(grouped(int64(c.Count))), design.Text(c.Why), example,
		}})
	}
	tiles := []design.Tile{
		{Label: "Asked again", Value: grouped(int64(r.Replayed)), Note: grouped(int64(r.Same)) + " the same"},
		{Label: "Would have got more", Value: grouped(int64(r.More)), Note: "decisions"},
		{Label: "Would have got less", Value: grouped(int64(r.Less)), Note: "decisions"},
		{Label: "Not asked again", Value: grouped(int64(r.Undecided + r.Erased + r.Unreadable)), Note: fmt.Sprintf("%d no decision, %d erased, %d unreadable", r.Undecided, r.Erased, r.Unreadable)},
	}
	parts := []part{{Tiles: tiles}, {Heading: "Differences", ID: "differences", Table: table}}
	if r.Cut || !r.Complete {
		note := design.Note{Mark: design.Warning("Cut"), Text: "There were more events than the page looks at. It went back to " + instant(r.Earliest) + " UTC.", Do: strings.Join([]string{"All of it: sallyport access replay --since", age.String(), "--events 1000000"}, " ")}
		parts = append([]part{{Note: &note}}, parts...)
	}
	return parts, true
}

// toReplay leads to the replay, for whoever may open it.
func (x *exchange) toReplay() part {
	if !x.who.May(operator.VerifyAudit, x.place()) {
		return part{}
	}
	return part{Links: []design.Place{{Label: "Replay past requests against a revision", URL: x.here("replay")}}}
}
