package console

import (
	"fmt"
	"strconv"
	"strings"

	"sallyport/pure/review"
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
	s.Parts = append(s.Parts, part{Facts: x.changeFacts(c)})
	s.Parts = append(s.Parts, x.reviewParts(c)...)
	s.Parts = append(s.Parts, gateParts(c)...)
	s.Parts = append(s.Parts, history(c))
	if recalled := recalledPart(c); recalled.Table != nil {
		s.Parts = append(s.Parts, recalled)
	}
	s.Parts = append(s.Parts, written(c))
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
		design.Fact{Name: "State", Cell: state}, fact("Reason", c.Change.Reason), fact("Proposed by", c.Change.AuthorName),
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

// reviewSections are headed as below, in this order.
var reviewSections = [...]struct {
	section     review.Section
	heading, id string
	none        string
}{
	{review.Widening, "Somebody can have more", "widening", "Nobody can get more than before."},
	{review.Credentials, "Who is taken for whom", "credentials", ""},
	{review.Narrowing, "Somebody can have less", "narrowing", ""},
	{review.Neutral, "Nobody has more or less by this", "neutral", ""},
}

// reviewParts are the lines of a review, section by section, those that widen first.
func (x *exchange) reviewParts(c *promotion.Shown) []part {
	parts := []part{{Heading: "What it means", ID: "meaning", Lead: c.Review.Summary() + "."}}
	if c.Counts.Partial {
		parts[0].Note = &design.Note{Mark: design.Warning("Counted in part"), Text: "Customers are in too many different sets of groups to count them all: there may be more than told."}
	}
	for _, section := range reviewSections {
		p := part{Heading: section.heading, ID: section.id}
		more := 0
		for i := range c.Review.Lines {
			if l := &c.Review.Lines[i]; l.Section == section.section {
				if len(p.Changes) == maxChanges {
					more++
					continue
				}
				p.Changes = append(p.Changes, reviewLine(l))
			}
		}
		if more > 0 {
			p.Empty = &design.Empty{What: fmt.Sprintf("%d more are not shown.", more), Do: "sallyport change show " + x.values["change"] + " --json"}
		}
		if len(p.Changes) == 0 {
			if section.none == "" || c.Review.Lines == nil && !c.Review.Passed() {
				continue
			}
			p.Empty = &design.Empty{What: section.none}
		}
		parts = append(parts, p)
	}
	return parts
}

// reviewLine is one line with what a decision needs to know of it.
func reviewLine(l *review.Line) design.Change {
	line := design.Change{Kind: design.Changed, Text: l.Sentence}
	switch {
	case l.Widens:
		line.Kind = design.Added
	case l.Section == review.Narrowing:
		line.Kind = design.Removed
	}
	var notes []string
	if example := l.Example(); example != "" && l.Widens {
		notes = append(notes, "For example: "+example+".")
	}
	for _, who := range l.Who {
		if who.Customers != nil {
			notes = append(notes, fmt.Sprintf("%s: %s customers now.", who.Text, about(who)))
		}
	}
	if len(l.Data) > 0 {
		notes = append(notes, "Data: "+strings.Join(l.Data, ", ")+".")
	}
	line.Note = strings.Join(notes, " ")
	return line
}

// about tells how many customers a population has: at most, where more than groups
// decides.
func about(p review.Population) string {
	word := "about "
	if len(p.Has) > 0 || p.From != nil || len(p.When) > 0 || p.OlderThan > 0 || p.NoOlderThan > 0 {
		word = "at most "
	}
	return word + grouped(*p.Customers)
}

// gateParts tell what the change passes; of what has ended there is nothing to tell.
func gateParts(c *promotion.Shown) []part {
	if c.Change.State != "open" && c.Change.State != "approved" {
		return nil
	}
	p := part{Heading: "What it must pass", ID: "gates"}
	for _, g := range c.Review.Gates {
		s := step{Mark: design.Good("Passed"), Name: g.Name, Text: g.Text}
		if !g.Passed {
			s.Mark = design.Bad("Stopped")
			if g.Fix != "" {
				s.Text += ": " + g.Fix
			}
		}
		p.Steps = append(p.Steps, s)
	}
	return []part{p}
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
