package console

import (
	"maps"
	"net/http"
	"slices"

	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/service/operator"
	"sallyport/web/design"
)

var (
	migrationsPage = parse("migrations")
	migrationPage  = parse("migration")
	recordsPage    = parse("records")
)

func (x *exchange) migrations() {
	var all []design.Place
	for _, name := range slices.Sorted(maps.Keys(x.live.Snapshot().Migrations)) {
		all = append(all, design.Place{Label: name, URL: x.here("migrations", name)})
	}
	x.page(http.StatusOK, "Migrations", migrationsPage, all)
}

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

// migration shows where the records are; the states sum to the total.
func (x *exchange) migration() {
	name := x.values["migration"]
	if _, found := x.live.Snapshot().Migrations[name]; !found {
		x.missing()
		return
	}
	standing, err := x.cfg.Intake.Standing(x.r.Context(), x.live.ID, name, 0)
	if err != nil {
		x.failed(err)
		return
	}
	type state struct {
		Mark  design.Mark
		Count int64
		URL   string
	}
	data := struct {
		States       []state
		Total        int64
		Run          *intake.Run
		Began, Moved string
	}{Run: standing.Run}
	counts := map[string]int64{}
	for s, n := range standing.Records {
		counts[string(s)], data.Total = n, data.Total+n
	}
	for _, s := range recordStates {
		shown := state{Mark: s.mark, Count: counts[s.name]}
		if s.name != "pending" && x.who.May(operator.ReadRecords, x.place()) {
			shown.URL = query(x.here("migrations", name, "records"), "state", s.name)
		}
		data.States = append(data.States, shown)
	}
	if r := standing.Run; r != nil {
		data.Began, data.Moved = instant(r.Started), instant(r.Updated)
	}
	x.page(http.StatusOK, "Migration "+name, migrationPage, data, x.above("Migrations", "migrations"))
}

// records shows single records of the ledger, in one state.
func (x *exchange) records() {
	name, state := x.values["migration"], x.r.URL.Query().Get("state")
	if _, found := x.live.Snapshot().Migrations[name]; !found || state != "imported" && state != "held" && state != "dropped" {
		x.missing()
		return
	}
	found, next, err := x.cfg.Intake.Records(x.r.Context(), x.live.ID, intake.RecordPage{
		Migration: name, State: state, After: x.r.URL.Query().Get("after"), Limit: listRows,
	})
	if err != nil {
		x.failed(err)
		return
	}
	if !x.record(audit.Entry{Type: audit.RecordsViewed, Detail: map[string]any{"migration": name, "state": state, "records": len(found)}}) {
		return
	}
	type row struct {
		intake.Record
		When, URL string
	}
	data := struct {
		Mark  design.Mark
		Rows  []row
		Pager design.Pager
	}{Mark: recordMark(state), Pager: x.pager("after", next, "Back", "Next")}
	for _, r := range found {
		shown := row{Record: r, When: instant(r.At)}
		if r.Customer != "" && x.who.May(operator.ReadCustomers, x.place()) {
			shown.URL = x.here("customers", r.Customer)
		}
		data.Rows = append(data.Rows, shown)
	}
	x.page(http.StatusOK, "Records "+state, recordsPage, data, x.above("Migrations", "migrations"), x.above(name, "migrations", name))
}
