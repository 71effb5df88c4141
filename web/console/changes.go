package console

import (
	"fmt"
	"strconv"

	"sallyport/service/operator"
	"sallyport/service/promotion"
	"sallyport/web/design"
)

// stateMarks are the states of a change, as pages say them.
var stateMarks = map[promotion.State]design.Mark{
	"open": design.Waiting("Open"), "approved": design.Waiting("Approved"), "applied": design.Good("Applied"),
	"rejected": design.Plain("Rejected"), "withdrawn": design.Plain("Withdrawn"), "superseded": design.Plain("Superseded"),
}

// changes lists what was proposed to the environment, newest first.
func (x *exchange) changes() {
	q := x.r.URL.Query()
	page := promotion.Page{Limit: listRows}
	page.Before, _ = strconv.ParseInt(q.Get("before"), 10, 64)
	page.Before = max(0, page.Before)
	if state, err := promotion.ParseState(q.Get("state")); err == nil {
		page.States = []promotion.State{state}
	}
	list, err := x.cfg.Promotion.List(x.r.Context(), x.live, page)
	if err != nil {
		x.failed(err)
		return
	}
	next := ""
	if n := len(list); n == listRows {
		next = strconv.FormatInt(list[n-1].Number, 10)
	}
	table := &design.Table{
		Columns: design.Columns("Change", "State", "Title", "Proposed by", "Proposed", "Became"), Pager: x.pager("before", next, "Newer", "Older"),
		Empty: design.Empty{What: "Nothing is proposed.", Do: "sallyport promote FROM " + x.live.Name},
	}
	for _, c := range list {
		number := strconv.FormatInt(c.Number, 10)
		table.Rows = append(table.Rows, design.Row{URL: x.here("changes", number), Cells: []design.Cell{
			design.Text(number), design.State(stateMarks[c.State]), design.Text(c.Title), design.Text(c.AuthorName), design.Instant(c.Created), design.Text(became(c)),
		}})
	}
	s := sheet{Title: "Changes", Parts: []part{{Filter: x.stateFilter(q.Get("state"))}, {Table: table}}}
	if x.who.May(operator.ChangeConfiguration, x.place()) {
		s.Actions = []design.Button{
			{Label: "Promote from another environment", URL: x.here("promote")},
			{Label: "Propose a scope", URL: x.here("propose-scope"), Quiet: true},
			{Label: "Edit a file", URL: x.here("edit"), Quiet: true},
		}
	}
	x.show(s)
}

func (x *exchange) stateFilter(state string) *filter {
	options := []design.Option{{Value: "", Label: "Any"}}
	for _, s := range promotion.States() {
		options = append(options, design.Option{Value: string(s), Label: stateMarks[s].Word})
	}
	return &filter{Fields: []design.Field{{Name: "state", Label: "State", Options: options, Value: state, Optional: true}}, Button: "Show"}
}

// became tells what came of a change.
func became(c promotion.Change) string {
	switch {
	case c.UndoneBy > 0:
		return fmt.Sprintf("revision %d, undone by change %d", c.Revision, c.UndoneBy)
	case c.Revision > 0:
		return fmt.Sprintf("revision %d", c.Revision)
	case c.FollowUp > 0:
		return fmt.Sprintf("change %d", c.FollowUp)
	}
	return ""
}

// changeOf reads the change that the path names.
func (x *exchange) changeOf() (shown *promotion.Shown, exists bool) {
	number, err := strconv.ParseInt(x.values["change"], 10, 64)
	if err != nil || number < 1 {
		x.missing()
		return nil, false
	}
	shown, err = x.cfg.Promotion.Show(x.r.Context(), x.live, number)
	if err != nil {
		x.failed(err)
	}
	return shown, err == nil
}

// change shows one: what it means, what it must pass, who looked at it.
func (x *exchange) change() {
	c, exists := x.changeOf()
	if !exists {
		return
	}
	s := sheet{
		Title: fmt.Sprintf("Change %d: %s", c.Change.Number, c.Change.Title), Trail: []design.Place{x.above("Changes", "changes")},
		Actions: x.moves(c),
	}
	judged, err := x.judgedOf(c)
	if err != nil {
		x.failed(err)
		return
	}
	if recalled := recalledPart(c); recalled.Table != nil {
		s.Parts = append(s.Parts, recalled)
	}
	s.Parts = append(s.Parts, x.reviewParts(c, judged)...)
	s.Parts = append(s.Parts, boardParts(c)...)
	s.Parts = append(s.Parts, written(c))
	s.Beside = append([]part{{Heading: "About it", ID: "about", Facts: x.changeFacts(c)}}, gateParts(c, judged)...)
	s.Beside = append(s.Beside, history(c))
	x.show(s)
}

func (x *exchange) changeFacts(c *promotion.Shown) []design.Fact {
	base := design.Text(fmt.Sprintf("revision %d of %s", c.Change.Base, x.live.Name))
	if c.Change.Base > 0 {
		base.URL = x.here("revisions", strconv.FormatInt(c.Change.Base, 10))
	}
	state := design.State(stateMarks[c.Change.State])
	state.Note = became(c.Change)
	return facts(
		design.Fact{Name: "State", Cell: state}, fact("In short", c.Review.Summary()), fact("Reason", c.Change.Reason), fact("Proposed by", c.Change.AuthorName),
		design.Fact{Name: "Proposed", Cell: design.Instant(c.Change.Created)}, fact("Source", c.Change.Source),
		design.Fact{Name: "Made on", Cell: base}, x.related("Undoes", c.Change.Undoes), x.related("Stands in the place of", c.Change.Follows),
		x.related("Undone by", c.Change.UndoneBy), x.related("Superseded by", c.Change.FollowUp), fact("Note", c.Change.Note),
	)
}

// related leads to another change.
func (x *exchange) related(name string, number int64) design.Fact {
	if number == 0 {
		return design.Fact{}
	}
	cell := design.Text(fmt.Sprintf("change %d", number))
	cell.URL = x.here("changes", strconv.FormatInt(number, 10))
	return design.Fact{Name: name, Cell: cell}
}

// history tells who did what with it, newest last.
func history(c *promotion.Shown) part {
	p := part{Heading: "What happened", ID: "history", Timeline: []design.Moment{{What: "Proposed", At: c.Change.Created, Who: c.Change.AuthorName}}}
	for _, a := range c.Approvals {
		m := design.Moment{What: "Approved", At: a.At, Who: a.Name}
		if a.Carried > 0 {
			m.What = fmt.Sprintf("Approved as change %d, which meant the same", a.Carried)
		}
		if !a.Counts {
			m.Mark, m.What = design.Warning("Does not count"), m.What+": "+a.Why
		}
		p.Timeline = append(p.Timeline, m)
	}
	if !c.Change.Ended.IsZero() {
		p.Timeline = append(p.Timeline, design.Moment{What: stateMarks[c.Change.State].Word, At: c.Change.Ended, Who: c.Change.EndedBy})
	}
	return p
}

func recalledPart(c *promotion.Shown) part {
	if len(c.Recalls) == 0 {
		return part{}
	}
	table := &design.Table{Columns: design.Columns("Application", "Server", "Issued with", "Under revisions")}
	for _, r := range c.Recalls {
		what := design.Text("anything")
		if len(r.Scopes) > 0 {
			what = codes(r.Scopes)
		}
		table.Rows = append(table.Rows, design.Row{Cells: []design.Cell{design.Text(r.Application), design.Text(r.Server), what, design.Text(fmt.Sprintf("%d to %d", r.From, r.To))}})
	}
	return part{Heading: "What it recalled", ID: "recalled", Lead: "Access tokens and refresh families that no node honours any more.", Table: table}
}

// written is what was edited, object by object.
func written(c *promotion.Shown) part {
	p := part{Heading: "What is written otherwise", ID: "edits"}
	p.Changes, p.Links = editLines(c.Edits)
	if len(p.Changes) == 0 {
		p.Empty = &design.Empty{What: "Nothing in meaning."}
	}
	return p
}
