package console

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sallyport/pure/config"
	"sallyport/pure/review"
	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// revisions lists the configurations of the environment, newest first.
func (x *exchange) revisions() {
	before, _ := strconv.ParseInt(x.r.URL.Query().Get("before"), 10, 64)
	all, err := x.cfg.Registry.Revisions(x.r.Context(), x.live, max(0, before), listRows)
	if err != nil {
		x.failed(err)
		return
	}
	next := ""
	if n := len(all); n == listRows && all[n-1].Number > 1 {
		next = strconv.FormatInt(all[n-1].Number, 10)
	}
	table := &design.Table{
		Columns: design.Columns("Revision", "State", "Author", "Message", "Applied"), Pager: x.pager("before", next, "Newer", "Older"),
		Empty: design.Empty{What: "Nothing was applied yet.", Do: "sallyport apply DIR"},
	}
	for _, r := range all {
		state := design.State(x.liveness(r))
		if r.BreakGlass != "" {
			state.Note = "▲ break-glass"
		}
		table.Rows = append(table.Rows, design.Row{URL: x.here("revisions", strconv.FormatInt(r.Number, 10)), Cells: []design.Cell{
			design.Text(strconv.FormatInt(r.Number, 10)), state, design.Text(r.Author), design.Text(r.Message), design.Instant(r.Created),
		}})
	}
	x.show(sheet{Title: "Revisions", Parts: []part{{Table: table}}})
}

// liveness tells whether this node serves by a revision.
func (x *exchange) liveness(r environment.Revision) design.Mark {
	if s := x.live.Snapshot(); s != nil && s.Revision == r.Number {
		return design.Good("Live")
	}
	return design.Plain("Not live")
}

// revisionOf reads the revision that the path names, and its tree.
func (x *exchange) revisionOf() (r environment.Revision, tree *config.Tree, exists bool) {
	number, err := strconv.ParseInt(x.values["revision"], 10, 64)
	if err != nil || number < 1 {
		x.missing()
		return r, nil, false
	}
	r, tree, err = x.cfg.Registry.Revision(x.r.Context(), x.live, number)
	if err != nil {
		x.failed(err)
	}
	return r, tree, err == nil
}

// revision shows what one changed: who gained and lost what first, then what was
// written, then the files.
func (x *exchange) revision() {
	r, tree, exists := x.revisionOf()
	if !exists {
		return
	}
	base, ok := x.baseOf(r)
	if !ok {
		return
	}
	s := sheet{Title: fmt.Sprintf("Revision %d", r.Number), Trail: []design.Place{x.above("Revisions", "revisions")}}
	if x.who.May(operator.ChangeConfiguration, x.place()) && x.liveness(r).Word != "Live" {
		s.Actions = []design.Button{{Label: "Apply this revision again", URL: x.here("revisions", x.values["revision"], "apply"), Dialog: true, Quiet: true}}
	}
	s.Parts = append(s.Parts, part{Facts: facts(
		design.Fact{Name: "State", Cell: design.State(x.liveness(r))}, fact("Author", r.Author), fact("Message", r.Message),
		fact("Break-glass", r.BreakGlass), design.Fact{Name: "Applied", Cell: design.Instant(r.Created)},
		design.Fact{Name: "Digest", Cell: design.ID(fmt.Sprintf("%x", r.Digest))},
	)})
	s.Parts = append(s.Parts, x.accessChanges(base, tree), meaningChanges(base, tree))
	s.Parts = append(s.Parts, x.fileParts(tree)...)
	x.show(s)
}

// accessChanges tells what a revision meant: who gained and lost what, widening
// first.
func (x *exchange) accessChanges(base, tree *config.Tree) part {
	p := part{Heading: "Access, compared with the revision before", ID: "access"}
	compared, err := x.cfg.Registry.Compare(x.live, base, tree)
	if err != nil {
		p.Empty = &design.Empty{What: "One of the two no longer compiles with this release, so that they cannot be compared."}
		return p
	}
	for _, g := range compared.Gates {
		if !g.Passed {
			p.Note = &design.Note{Mark: design.Warning("Not all can be compared"), Text: g.Text, Do: g.Fix}
		}
	}
	p.Changes = reviewed(compared)
	if more := len(compared.Lines) - maxChanges; more > 0 {
		p.Links = []design.Place{{Label: fmt.Sprintf("%d more in the CSV file", more), URL: x.here("revisions", x.values["revision"], "access.csv")}}
	}
	if len(compared.Lines) == 0 && compared.Passed() {
		p.Empty = &design.Empty{What: "Nobody can get more or less than before."}
	}
	return p
}

// accessCSV is the whole comparison as a file.
func (x *exchange) accessCSV() {
	r, tree, exists := x.revisionOf()
	if !exists {
		return
	}
	base, ok := x.baseOf(r)
	if !ok {
		return
	}
	compared, err := x.cfg.Registry.Compare(x.live, base, tree)
	if err != nil {
		x.refusedPlan(err)
		return
	}
	x.csv("revision-"+strconv.FormatInt(r.Number, 10)+"-access", func(write func(...string)) error {
		for _, row := range compared.Rows() {
			write(row...)
		}
		return nil
	})
}

// baseOf is the tree of the revision before; nil before the first.
func (x *exchange) baseOf(r environment.Revision) (base *config.Tree, ok bool) {
	if r.Number == 1 {
		return nil, true
	}
	_, base, err := x.cfg.Registry.Revision(x.r.Context(), x.live, r.Number-1)
	if err != nil {
		x.failed(err)
	}
	return base, err == nil
}

// maxChanges is how many lines of a difference a page shows.
const maxChanges = 200

// reviewed are the lines of a review, as far as a page shows them: + widens, - narrows.
func reviewed(r *review.Review) (changes []design.Change) {
	for i := range r.Lines[:min(len(r.Lines), maxChanges)] {
		changes = append(changes, reviewLine(&r.Lines[i], nil))
	}
	return changes
}

func meaningChanges(base, tree *config.Tree) part {
	p := part{Heading: "What it changed", ID: "changes"}
	p.Changes, p.Links = editLines(config.Diff(base, tree))
	if len(p.Changes) == 0 {
		p.Empty = &design.Empty{What: "Nothing in meaning."}
	}
	return p
}

// editLines are what two trees disagree on, object by object.
func editLines(edits []config.Change) (lines []design.Change, more []design.Place) {
	kinds := map[config.Action]design.ChangeKind{config.Added: design.Added, config.Removed: design.Removed, config.Changed: design.Changed}
	for i, c := range edits {
		if i == maxChanges {
			return lines, []design.Place{{Label: "The rest is in the files", URL: "#files"}}
		}
		lines = append(lines, design.Change{Kind: kinds[c.Action], Text: strings.TrimPrefix(c.String(), string(c.Action)+" ")})
	}
	return lines, nil
}

// maxShownBytes is how much of a file a page shows.
const maxShownBytes = 128 << 10

// fileParts shows the files; one that is asked for by name alone, else the list.
func (x *exchange) fileParts(tree *config.Tree) []part {
	files := tree.Files()
	asked := x.r.URL.Query().Get("file")
	table := &design.Table{Columns: []design.Column{{Label: "File"}, {Label: "Bytes", Number: true}}}
	var parts []part
	for _, name := range slices.Sorted(maps.Keys(files)) {
		content := files[name]
		table.Rows = append(table.Rows, design.Row{URL: query(x.r.URL.Path, "file", name) + "#file", Cells: []design.Cell{design.Code(name), design.Text(grouped(int64(len(content))))}})
		if name == asked {
			text := strings.ToValidUTF8(string(content[:min(len(content), maxShownBytes)]), "\uFFFD")
			parts = append(parts, part{Heading: name, ID: "file", Listing: &design.Listing{Label: "The file " + name, Text: text}})
		}
	}
	return append([]part{{Heading: "Files", ID: "files", Table: table}}, parts...)
}
