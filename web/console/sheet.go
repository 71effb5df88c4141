package console

import (
	"net/http"

	"sallyport/web/design"
)

// sheet is a page of the console, as parts in their order.
type sheet struct {
	Status  int // 0: 200
	Title   string
	Trail   []design.Place  // the pages above it
	Actions []design.Button // what can be done with what the page is about
	Fresh   *design.AsOf    // how old its figures are; nil: they are live
	Tabs    design.Tabs     // the pages of the same thing
	Done    *design.Note    // what became of the form before it; nil: nothing. show sets it
	Parts   []part
	Beside  []part // what a decision needs beside Parts, as who decides and what stops it
}

// part is a piece of a page. Members that are set are shown in this order.
type part struct {
	Live              *region
	Heading, ID, Lead string
	Note              *design.Note
	Calm              bool // the note is not announced: it stands in a region that looks again by itself
	Search            *design.Search
	Filter            *filter
	Facts             []design.Fact
	Tiles             []design.Tile
	Bars              *bars
	Table             *design.Table
	Matrix            *design.Matrix
	Pager             *design.Pager
	Timeline          []design.Moment
	Changes           []design.Change
	Gauge             *design.Progress
	Reader            *design.TokenReader
	Steps             []step
	Listing           *design.Listing
	Form              *design.Form
	Empty             *design.Empty
	Links             []design.Place
}

// step is one line of an explanation, with lines of its own.
type step struct {
	Mark       design.Mark
	Name, Text string
	Facts      []design.Fact
	Steps      []step
}

// filter is a search of several fields.
type filter struct {
	Action string // where it leads; empty: the page itself
	Hidden []design.Hidden
	Fields []design.Field
	Button string
}

var sheetPage = parse("sheet")

// show answers with a sheet. What became of the form before it is said first,
// and each form on it is bound to the session.
func (x *exchange) show(s sheet) {
	if said := x.wasDone(); said != "" {
		s.Done = &design.Note{Mark: design.Good("Done"), Text: said}
	}
	if s.Status == 0 {
		s.Status = http.StatusOK
	}
	for i := range s.Parts {
		if form := s.Parts[i].Form; form != nil {
			token, err := x.token()
			if err != nil {
				x.broken(err)
				return
			}
			form.Hidden = append(form.Hidden, design.Hidden{Name: formField, Value: token})
		}
	}
	x.render(s.Status, sheetPage, design.Console{Title: s.Title, Trail: s.Trail, Actions: s.Actions, Fresh: s.Fresh, Tabs: s.Tabs, Data: s})
}

// facts leaves out those that say nothing.
func facts(all ...design.Fact) []design.Fact {
	var said []design.Fact
	for _, f := range all {
		if !f.Cell.IsZero() {
			said = append(said, f)
		}
	}
	return said
}

// fact is a fact of plain words.
func fact(name, text string) design.Fact { return design.Fact{Name: name, Cell: design.Text(text)} }

// codes lists literals.
func codes(all []string) design.Cell {
	c := design.Cell{}
	for _, text := range all {
		c.List = append(c.List, design.Code(text))
	}
	return c
}

// tags shows words that nothing leads from.
func tags(all []string) design.Cell {
	c := design.Cell{}
	for _, text := range all {
		c.Tags = append(c.Tags, design.Place{Label: text})
	}
	return c
}
