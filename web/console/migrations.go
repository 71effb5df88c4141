package console

import (
	"cmp"
	"maps"
	"slices"

	"sallyport/service/intake"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// recordState is a state of records, and how it is told.
type recordState struct {
	name string
	mark design.Mark
}

// recordStates are all of them, in the order of their way.
var recordStates = [...]recordState{
	{"pending", design.Waiting("Pending")},
	{"staged", design.Waiting("Staged")},
	{"imported", design.Good("Imported")},
	{"held", design.Warning("Held")},
	{"dropped", design.Plain("Dropped")},
	{"erased", design.Plain("Erased")},
}

func recordMark(state string) design.Mark {
	for _, s := range recordStates {
		if s.name == state {
			return s.mark
		}
	}
	return design.Plain(state)
}

// migrations lists them with where their records are.
func (x *exchange) migrations() {
	table := &design.Table{
		Columns: []design.Column{{Label: "Migration"}, {Label: "Title"}},
		Empty:   design.Empty{What: "The live revision has no migration.", Do: "Add an object of kind migration to the tree, and apply it."},
	}
	for _, s := range recordStates {
		table.Columns = append(table.Columns, design.Column{Label: s.mark.Word, Number: true})
	}
	table.Columns = append(table.Columns, design.Column{Label: "Total", Number: true})
	all := x.live.Snapshot().Migrations
	for _, name := range slices.Sorted(maps.Keys(all)) {
		standing, err := x.cfg.Intake.Standing(x.r.Context(), x.live.ID, name, 0)
		if err != nil {
			x.failed(err)
			return
		}
		row := design.Row{URL: x.here("migrations", name), Cells: []design.Cell{design.Text(name), design.Text(all[name].Title)}}
		counts, total := counted(standing)
		for _, s := range recordStates {
			row.Cells = append(row.Cells, design.Text(grouped(counts[s.name])))
		}
		table.Rows = append(table.Rows, design.Row{URL: row.URL, Cells: append(row.Cells, design.Text(grouped(total)))})
	}
	x.show(sheet{Title: "Migrations", Parts: []part{{Table: table}}})
}

// counted gives the records of each state, and their sum.
func counted(s intake.Standing) (counts map[string]int64, total int64) {
	counts = map[string]int64{}
	for state, n := range s.Records {
		counts[string(state)] = n
		total += n
	}
	return counts, total
}

// migration shows where the records are; the states sum to the total.
func (x *exchange) migration() {
	m := x.askedMigration()
	if m == nil {
		return
	}
	standing, err := x.cfg.Intake.Standing(x.r.Context(), x.live.ID, m.Name, reasonsLooked)
	if err != nil {
		x.failed(err)
		return
	}
	where, err := x.standingParts(m.Name, standing)
	if err != nil {
		x.failed(err)
		return
	}
	s := x.aboutMigration(m.Name, "", "Migration "+m.Name)
	s.Trail = s.Trail[:1]
	s.Parts = []part{where}
	if _, total := counted(standing); total == 0 {
		s.Parts = append(s.Parts, part{Empty: x.begin(m.Name)})
	}
	s.Parts = append(s.Parts, x.reasons(m.Name, standing), x.finder(m.Name))
	x.show(s)
}

// begin says what to do where nothing was imported yet.
func (x *exchange) begin(name string) *design.Empty {
	e := &design.Empty{What: "Nothing was imported yet.", Do: "Assess an export first. Then: sallyport migrate run " + name + " --file EXPORT --dry-run"}
	if x.who.May(operator.RunMigration, x.place()) {
		e.Ways = []design.Button{{Label: "Assess an export", URL: x.here("migrations", name, "assess")}}
	}
	return e
}

// finder asks for one record by its key in the source.
func (x *exchange) finder(migration string) part {
	if !x.who.May(operator.ReadRecords, x.place()) {
		return part{}
	}
	return part{Heading: "One record", Filter: &filter{
		Action: x.here("migrations", migration, "record"), Button: "Find record",
		Fields: []design.Field{{Name: "key", Label: "Key in the source", MaxLength: maxCursor}},
	}}
}

// reasons counts why records are held.
func (x *exchange) reasons(migration string, standing intake.Standing) part {
	held := standing.Held
	if len(held) == 0 {
		return part{}
	}
	p := part{Heading: "Held, by reason", Table: &design.Table{Columns: []design.Column{{Label: "Reason"}, {Label: "Records", Number: true}}}}
	if counts, _ := counted(standing); counts["held"] > int64(len(held)) {
		p.Lead = "Of the first " + grouped(int64(len(held))) + " by key."
	}
	counts := map[string]int64{}
	for _, h := range held {
		counts[h.Reason]++
	}
	for _, reason := range commonest(counts) {
		row := design.Row{Cells: []design.Cell{design.Code(reason), design.Text(grouped(counts[reason]))}}
		if x.who.May(operator.ReadRecords, x.place()) {
			row.URL = query(x.here("migrations", migration, "records"), "state", "held", "reason", reason)
		}
		p.Table.Rows = append(p.Table.Rows, row)
	}
	return p
}

// commonest gives words by how often they occur.
func commonest(counts map[string]int64) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
}
