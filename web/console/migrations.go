package console

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// recordStates are the states of records, in the order of their way.
var recordStates = [...]struct {
	name string
	mark design.Mark
}{
	{"pending", design.Waiting("Pending")},
	{"imported", design.Good("Imported")},
	{"held", design.Warning("Held")},
	{"dropped", design.Plain("Dropped")},
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
		Columns: []design.Column{{Label: "Migration"}, {Label: "Title"}, {Label: "Pending", Number: true}, {Label: "Imported", Number: true}, {Label: "Held", Number: true}, {Label: "Dropped", Number: true}, {Label: "Total", Number: true}},
		Empty:   design.Empty{What: "The live revision has no migration.", Do: "Add an object of kind migration to the tree, and apply it."},
	}
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
	name := x.values["migration"]
	if _, exists := x.live.Snapshot().Migrations[name]; !exists {
		x.missing()
		return
	}
	standing, err := x.cfg.Intake.Standing(x.r.Context(), x.live.ID, name, heldLooked)
	if err != nil {
		x.failed(err)
		return
	}
	counts, _ := counted(standing)
	where, err := x.standingParts(name, standing)
	if err != nil {
		x.failed(err)
		return
	}
	run := part{Heading: "Newest run", Empty: &design.Empty{What: "Nothing was imported yet.", Do: "sallyport migrate run " + name + " --file EXPORT --dry-run"}}
	if r := standing.Run; r != nil {
		run.Empty, run.Facts = nil, facts(
			design.Fact{Name: "Run", Cell: design.ID(r.ID)}, fact("Source", r.Source), fact("State", r.State),
			fact("Done", grouped(r.Done)+" of "+grouped(r.Total)),
			design.Fact{Name: "Started", Cell: design.Instant(r.Started)}, design.Fact{Name: "Updated", Cell: design.Instant(r.Updated)},
		)
	}
	x.show(sheet{
		Title: "Migration " + name, Trail: []design.Place{x.above("Migrations", "migrations")}, Actions: x.migrationActions(name),
		Parts: []part{where, x.finder(name), x.reasons(name, standing.Held, counts["held"]), run},
	})
}

// finder asks for one record by its key in the source.
func (x *exchange) finder(migration string) part {
	if !x.who.May(operator.ReadRecords, x.place()) {
		return part{}
	}
	return part{Filter: &filter{
		Action: x.here("migrations", migration, "record"), Button: "Find record",
		Fields: []design.Field{{Name: "key", Label: "Key in the source", MaxLength: maxCursor}},
	}}
}

// heldLooked is how many held records are looked at for their reasons.
const heldLooked = 1000

// reasons counts why records are held.
func (x *exchange) reasons(migration string, held []intake.Held, all int64) part {
	if len(held) == 0 {
		return part{}
	}
	p := part{Heading: "Held, by reason", Table: &design.Table{Columns: []design.Column{{Label: "Reason"}, {Label: "Records", Number: true}}}}
	if all > int64(len(held)) {
		p.Lead = "Of the first " + grouped(int64(len(held))) + " by key."
	}
	counts := map[string]int64{}
	for _, h := range held {
		counts[h.Reason]++
	}
	for _, reason := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) }) {
		row := design.Row{Cells: []design.Cell{design.Text(reason), design.Text(grouped(counts[reason]))}}
		if x.who.May(operator.ReadRecords, x.place()) {
			row.URL = query(x.here("migrations", migration, "records"), "state", "held", "reason", reason)
		}
		p.Table.Rows = append(p.Table.Rows, row)
	}
	return p
}

// recordPage reads which records are asked for; none without a state that has any.
func (x *exchange) recordPage() (page intake.RecordPage, ok bool) {
	q := x.r.URL.Query()
	page = intake.RecordPage{Migration: x.values["migration"], State: q.Get("state"), After: q.Get("after"), Limit: listRows}
	_, exists := x.live.Snapshot().Migrations[page.Migration]
	return page, exists && (page.State == "imported" || page.State == "held" || page.State == "dropped") && len(page.After) <= maxCursor
}

// viewed records that somebody was shown records.
func (x *exchange) viewed(page intake.RecordPage, records int) bool {
	return x.record(audit.Entry{Type: audit.RecordsViewed, Detail: map[string]any{"migration": page.Migration, "state": page.State, "records": records}})
}

// records shows single records of the ledger, in one state, or of one reason.
func (x *exchange) records() {
	page, ok := x.recordPage()
	if !ok {
		x.missing()
		return
	}
	reason := x.r.URL.Query().Get("reason")
	if reason != "" {
		page.Limit = heldLooked // no index knows reasons: a page is what these hold of it
	}
	found, next, err := x.cfg.Intake.Records(x.r.Context(), x.live.ID, page)
	if err != nil {
		x.failed(err)
		return
	}
	found = slices.DeleteFunc(found, func(r intake.Record) bool { return reason != "" && r.Reason != reason })
	if !x.viewed(page, len(found)) {
		return
	}
	table := &design.Table{
		Columns: []design.Column{{Label: "Key"}, {Label: "Reason"}, {Label: "Detail"}, {Label: "Row", Number: true}, {Label: "Customer"}, {Label: "When"}},
		Empty:   design.Empty{What: "No record is " + page.State + "."},
	}
	if reason != "" {
		table.Caption, table.Empty.What = "For the reason "+reason, "None of these is held for that reason; the next page may have some."
	}
	if reason == "" && next != "" {
		table.Empty.What = "None of the records that were looked at is " + page.State + "; the next page may have some."
	}
	for _, r := range found {
		table.Rows = append(table.Rows, design.Row{URL: query(x.here("migrations", page.Migration, "record"), "key", r.Key), Cells: x.recordCells(r)})
	}
	name, pager := page.Migration, x.pager("after", next, "Back", "Next")
	x.show(sheet{
		Title: "Records " + page.State, Trail: []design.Place{x.above("Migrations", "migrations"), x.above(name, "migrations", name)},
		Parts: []part{{Table: table, Pager: &pager}, {Links: []design.Place{{Label: "CSV file", URL: query(x.here("migrations", name, "records.csv"), "state", page.State)}}}},
	})
}

func (x *exchange) recordCells(r intake.Record) []design.Cell {
	row := ""
	if r.Row > 0 {
		row = strconv.FormatInt(r.Row, 10)
	}
	return []design.Cell{design.Text(r.Key), design.Text(r.Reason), design.Text(r.Detail), design.Text(row), x.customerCell(r.Customer), design.Instant(r.At)}
}

// customerCell names a customer, with a link for whoever may follow it.
func (x *exchange) customerCell(id string) design.Cell {
	cell := design.Code(id)
	if _, err := customer.ParseID(id); err == nil && x.who.May(operator.ReadCustomers, x.place()) {
		cell.URL = x.here("customers", id)
	}
	return cell
}
