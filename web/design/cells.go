package design

import "time"

// Cell is what stands in a table or beside the name of a fact. Members that are
// set are shown one after the other; the zero Cell shows nothing.
type Cell struct {
	Mark   Mark      // a state
	At     time.Time // an instant, shown in UTC, by script in the reader's zone
	Text   string
	URL    string // where Text or At leads
	Code   bool   // Text is an id or another literal
	Copied bool   // with a button that copies Text; implies Code
	Tags   []Place
	Note   string // said quietly behind the rest
	List   []Cell
}

// IsZero tells whether the cell shows nothing.
func (c Cell) IsZero() bool {
	return c.Mark == Mark{} && c.At.IsZero() && c.Text == "" && len(c.Tags) == 0 && c.Note == "" && len(c.List) == 0
}

// Text is a cell of plain words.
func Text(text string) Cell { return Cell{Text: text} }

// Code is a cell with a literal, such as an address or a scope.
func Code(text string) Cell { return Cell{Text: text, Code: true} }

// ID is a cell with a literal that people take elsewhere.
func ID(text string) Cell { return Cell{Text: text, Copied: true} }

// Link is a cell that leads somewhere.
func Link(text, url string) Cell { return Cell{Text: text, URL: url} }

// State is a cell that tells a state.
func State(m Mark) Cell { return Cell{Mark: m} }

// Instant is a cell that tells when; the zero time shows nothing.
func Instant(t time.Time) Cell { return Cell{At: t} }

// Fact is one line about a thing. Its component "facts" takes []Fact.
type Fact struct {
	Name string
	Cell Cell
}

// Table is a list of things of a kind: a head that stays, rows that become
// cards where there is little room. The first cell of a row is its name.
type Table struct {
	Caption string // may be empty
	Columns []Column
	Rows    []Row
	Select  *Select // what can be done with chosen rows; nil: they cannot be chosen
	Pager   Pager
	Empty   Empty // shown instead when there is no row
}

// Column is the head of one.
type Column struct {
	Label  string
	Number bool // figures, which stand right
}

// Columns gives heads of words.
func Columns(labels ...string) []Column {
	all := make([]Column, len(labels))
	for i, label := range labels {
		all[i].Label = label
	}
	return all
}

// Row is one thing of a table, with a cell for each column.
type Row struct {
	URL   string // its own page
	Value string // what is sent when it is chosen; empty: it cannot be
	Cells []Cell
}

// Head is the first cell, which leads to the row's page.
func (r Row) Head() Cell {
	head := r.Cells[0]
	if r.URL != "" {
		head.URL, head.Code, head.Copied = r.URL, head.Code || head.Copied, false
	}
	return head
}

// Name is what the row is read out as.
func (r Row) Name() string {
	if len(r.Cells) == 0 {
		return r.Value
	}
	return r.Cells[0].Text
}

// Select makes a table a form of checkboxes with buttons below it.
type Select struct {
	Name    string // of the field that is sent once for each chosen row
	Noun    string // what rows are, in the plural
	Action  string // where the form goes; empty: the page itself
	Hidden  []Hidden
	Buttons []Button
}

// Pager leads to the pages before and behind; an empty address is none.
type Pager struct{ Newer, NewerLabel, Older, OlderLabel string }

// Matrix is a grid of states, each with its explanation. With script, arrow keys
// move about in it, and Enter explains in a panel beside it.
type Matrix struct {
	Caption string // read out
	Corner  string // what the rows are
	Columns []string
	Rows    []MatrixRow
	Empty   Empty
}

// MatrixRow has a cell for each column.
type MatrixRow struct {
	Label, URL string
	Cells      []MatrixCell
}

// MatrixCell is a state and where it is explained.
type MatrixCell struct {
	Mark   Mark
	URL    string
	Wrong  bool   // not as it should be: it is framed
	Dotted bool   // it depends: its word is underlined by dots
	Note   string // what else the cell says, read out
}

// Tile is a figure on a page that gives an overview. Its component "tiles" takes
// []Tile.
type Tile struct {
	Label string
	Mark  Mark // in place of the label, for a figure that is a state's
	Value string
	Note  string
	URL   string
}

// Moment is something that happened. Its component "timeline" takes []Moment.
type Moment struct {
	At        time.Time // zero: it is so, whenever it began
	What, URL string
	Mark      Mark
	Who, Note string
}

// Told tells whether there is more to say than what happened.
func (m Moment) Told() bool { return !m.At.IsZero() || m.Who != "" || m.Note != "" }

// Behind is the note, after whatever stands before it.
func (m Moment) Behind() string {
	if m.Note == "" || m.At.IsZero() && m.Who == "" {
		return m.Note
	}
	return ". " + m.Note
}

// Change is one line of a difference. Its component "changes" takes []Change.
type Change struct {
	Kind ChangeKind
	Text string
	Note string // what it means; may be empty
	// Facts say the rest of a line that would be too long for one: Text is its
	// headline then.
	Facts []Fact
}

// ChangeKind says what became of a line.
type ChangeKind int

// The kinds of change.
const (
	Changed ChangeKind = iota
	Added
	Removed
)

// Tone is the class of the line.
func (c Change) Tone() string { return [...]string{"change", "add", "remove"}[c.Kind] }

// Sign stands before the line.
func (c Change) Sign() string { return [...]string{"~", "+", "-"}[c.Kind] }

// Word is the sign read out.
func (c Change) Word() string { return [...]string{"Changed", "Added", "Removed"}[c.Kind] }

// Listing is a text to read or to take away, such as a command.
type Listing struct{ Label, Text string }
