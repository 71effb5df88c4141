package console

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
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

// accessChanges tells who gained and lost what, widening first.
func (x *exchange) accessChanges(base, tree *config.Tree) part {
	p := part{Heading: "Access, compared with the revision before", ID: "access"}
	changes, doubts, err := x.cfg.Registry.Compare(x.live, base, tree)
	if err != nil {
		p.Empty = &design.Empty{What: "One of the two no longer compiles with this release, so that they cannot be compared."}
		return p
	}
	for _, d := range doubts {
		p.Note = &design.Note{Mark: design.Warning("Not all can be compared"), Text: d.What, Do: d.Fix}
	}
	for i, c := range changes {
		if i == maxChanges {
			p.Links = []design.Place{{Label: fmt.Sprintf("%d more in the CSV file", len(changes)-maxChanges), URL: x.here("revisions", x.values["revision"], "access.csv")}}
			break
		}
		p.Changes = append(p.Changes, accessChange(c))
	}
	if len(changes) == 0 && len(doubts) == 0 {
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
	changes, _, err := x.cfg.Registry.Compare(x.live, base, tree)
	if err != nil {
		x.refusedPlan(err)
		return
	}
	x.csv("revision-"+strconv.FormatInt(r.Number, 10)+"-access", func(write func(...string)) error {
		write("server", "application", "scope", "before", "after", "longest_before_seconds", "longest_after_seconds", "widens")
		for _, c := range changes {
			write(c.Server, c.Application, c.Scope, c.Before.String(), c.After.String(), strconv.FormatInt(c.LongestBefore, 10), strconv.FormatInt(c.LongestAfter, 10), strconv.FormatBool(c.Widens))
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

// accessChange tells one cell: + widens, - narrows.
func accessChange(c environment.AccessChange) design.Change {
	who := c.Application
	if who == "" {
		who = "any future application"
	}
	line := design.Change{Kind: design.Removed, Text: fmt.Sprintf("%s %s at %s: %s → %s", who, c.Scope, c.Server, c.Before, c.After)}
	if c.Widens {
		line.Kind = design.Added
	}
	if c.Before == c.After {
		line.Text = fmt.Sprintf("%s %s at %s: longest access token %s → %s", who, c.Scope, c.Server, lasting(c.LongestBefore), lasting(c.LongestAfter))
	}
	if w := c.Witness; w != nil {
		line.Note = "For example: " + witness(w)
	}
	return line
}

func lasting(seconds int64) string {
	return config.Duration(time.Duration(seconds) * time.Second).String()
}

// witness tells a way to get something.
func witness(w *access.Witness) string {
	said := []string{string(w.Grant)}
	if len(w.Groups) > 0 {
		said = append(said, fmt.Sprintf("a customer of %v", w.Groups))
	}
	if w.Address.IsValid() {
		said = append(said, "from "+w.Address.String())
	}
	if !w.At.IsZero() {
		said = append(said, "at "+instant(w.At)+" UTC")
	}
	return strings.Join(append(said, "by rule "+string(w.Policy)+"/"+string(w.Rule)), ", ")
}

func meaningChanges(base, tree *config.Tree) part {
	p := part{Heading: "What it changed", ID: "changes"}
	kinds := map[config.Action]design.ChangeKind{config.Added: design.Added, config.Removed: design.Removed, config.Changed: design.Changed}
	for i, c := range config.Diff(base, tree) {
		if i == maxChanges {
			p.Links = append(p.Links, design.Place{Label: "The rest is in the files", URL: "#files"})
			break
		}
		p.Changes = append(p.Changes, design.Change{Kind: kinds[c.Action], Text: strings.TrimPrefix(c.String(), string(c.Action)+" ")})
	}
	if len(p.Changes) == 0 {
		p.Empty = &design.Empty{What: "Nothing in meaning."}
	}
	return p
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
