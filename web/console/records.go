package console

import (
	"slices"
	"strconv"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// reasonsLooked is how many records are looked at for their reasons, which no index
// knows.
const reasonsLooked = 1000

// hasLines tells whether the records of a state have lines in the ledger to list.
func hasLines(state string) bool {
	return state != "pending" && slices.ContainsFunc(recordStates[:], func(s recordState) bool { return s.name == state })
}

// recordPage reads which records are asked for; none without a state that has any.
func (x *exchange) recordPage() (page intake.RecordPage, ok bool) {
	q := x.r.URL.Query()
	page = intake.RecordPage{Migration: x.values["migration"], State: q.Get("state"), After: q.Get("after"), Limit: listRows}
	_, exists := x.live.Snapshot().Migrations[page.Migration]
	return page, exists && hasLines(page.State) && len(page.After) <= maxCursor
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
		page.Limit = reasonsLooked // a page is what these hold of it
	}
	found, next, err := x.cfg.Intake.Records(x.r.Context(), x.live.ID, page)
	if err != nil {
		x.failed(err)
		return
	}
	counts, err := x.reasonsOf(page.Migration, page.State)
	if err != nil {
		x.failed(err)
		return
	}
	found = slices.DeleteFunc(found, func(r intake.Record) bool { return reason != "" && r.Reason != reason })
	sum, ok := x.summed(page.Migration)
	if !ok || !x.viewed(page, len(found)) {
		return
	}
	pager := x.pager("after", next, "Back", "Next")
	s := x.aboutMigration(page.Migration, "", "Records "+page.State)
	if page.State == "held" {
		s.Tabs = x.crossingTabs(page.Migration, "records")
	}
	s.Actions = x.retryActions(page, reason)
	s.Parts = []part{sum, {Filter: recordFilter(page.State, reason, counts)}, {Table: x.recordTable(page, found, reason, next), Pager: &pager}}
	if len(found) > 0 {
		s.Parts = append(s.Parts, part{Links: []design.Place{{Label: "CSV file", URL: query(x.here("migrations", page.Migration, "records.csv"), "state", page.State)}}})
	}
	x.show(s)
}

// retryActions lead to another look at records that are not in.
func (x *exchange) retryActions(page intake.RecordPage, reason string) []design.Button {
	if page.State != "held" && page.State != "dropped" || !x.who.May(operator.RunMigration, x.place()) {
		return nil
	}
	return []design.Button{{Label: "Retry with an export", URL: query(x.here("migrations", page.Migration, "retry"), "reason", reason), Quiet: true}}
}

// reasonsOf counts the reasons of the first records of a state.
func (x *exchange) reasonsOf(migration, state string) (map[string]int64, error) {
	found, _, err := x.cfg.Intake.Records(x.r.Context(), x.live.ID, intake.RecordPage{Migration: migration, State: state, Limit: reasonsLooked})
	counts := map[string]int64{}
	for _, r := range found {
		if r.Reason != "" {
			counts[r.Reason]++
		}
	}
	return counts, err
}

// recordFilter chooses the state and, of what has any, the reason.
func recordFilter(state, reason string, counts map[string]int64) *filter {
	states := design.Field{Name: "state", Label: "State", Value: state}
	for _, s := range recordStates {
		if hasLines(s.name) {
			states.Options = append(states.Options, design.Option{Value: s.name, Label: s.mark.Word})
		}
	}
	reasons := design.Field{Name: "reason", Label: "Reason", Value: reason, Options: []design.Option{{Label: "any"}}}
	if reason != "" && counts[reason] == 0 {
		reasons.Options = append(reasons.Options, design.Option{Value: reason, Label: reason})
	}
	for _, r := range commonest(counts) {
		reasons.Options = append(reasons.Options, design.Option{Value: r, Label: r})
	}
	return &filter{Fields: []design.Field{states, reasons}, Button: "Show"}
}

func (x *exchange) recordTable(page intake.RecordPage, found []intake.Record, reason, next string) *design.Table {
	table := &design.Table{Empty: design.Empty{What: "No record is " + page.State + "."}}
	switch {
	case reason != "" && next != "":
		table.Empty.What = "None of these is " + page.State + " for that reason; the next page may have some."
	case reason != "":
		table.Empty.What = "None is " + page.State + " for that reason."
	case next != "":
		table.Empty.What = "None of the records that were looked at is " + page.State + "; the next page may have some."
	}
	came := page.State != "held" && page.State != "dropped"
	told := slices.ContainsFunc(found, func(r intake.Record) bool { return r.Reason != "" })
	table.Columns = []design.Column{{Label: "Key"}, {Label: "Row", Number: true}}
	if told {
		table.Columns = append(table.Columns, design.Columns("Reason", "Detail")...)
	}
	if came {
		table.Columns = append(table.Columns, design.Columns("Customer", "How")...)
	}
	table.Columns = append(table.Columns, design.Column{Label: "When"})
	for _, r := range found {
		row := design.Row{URL: query(x.here("migrations", page.Migration, "record"), "key", r.Key), Cells: []design.Cell{design.Text(r.Key), rowCell(r.Row)}}
		if told {
			row.Cells = append(row.Cells, x.reasonCell(page.Migration, r.Reason), design.Text(r.Detail))
		}
		if came {
			row.Cells = append(row.Cells, x.customerCell(r.Customer), design.Text(r.Way))
		}
		table.Rows = append(table.Rows, design.Row{URL: row.URL, Cells: append(row.Cells, design.Instant(r.At))})
	}
	return table
}

// reasonCell tells why, with a way to where that is decided.
func (x *exchange) reasonCell(migration, reason string) design.Cell {
	if reason == string(migrate.DuplicateIdentifier) {
		return design.Link(reason, x.here("migrations", migration, "duplicates"))
	}
	return design.Text(reason)
}

func rowCell(row int64) design.Cell {
	if row == 0 {
		return design.Cell{}
	}
	return design.Text(strconv.FormatInt(row, 10))
}

// customerCell names a customer, with a link for whoever may follow it.
func (x *exchange) customerCell(id string) design.Cell {
	cell := design.Code(id)
	if _, err := customer.ParseID(id); err == nil && x.who.May(operator.ReadCustomers, x.place()) {
		cell.URL = x.here("customers", id)
	}
	return cell
}
