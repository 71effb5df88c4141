package console

import (
	"errors"
	"net/http"
	"strconv"

	"sallyport/service/audit"
	"sallyport/web/design"
)

// one shows a single record of a migration: where it stands, and why.
func (x *exchange) migrationRecord() {
	name, key := x.values["migration"], x.r.URL.Query().Get("key")
	if _, exists := x.live.Snapshot().Migrations[name]; !exists || key == "" || len(key) > maxCursor {
		x.missing()
		return
	}
	r, err := x.cfg.Intake.Record(x.r.Context(), x.live.ID, name, key)
	if (err == nil || errors.Is(err, x.cfg.Missing)) && !x.lookedUp(name, key, r.State) {
		return
	}
	if errors.Is(err, x.cfg.Missing) {
		x.say(http.StatusNotFound, "No such record", "No record of "+name+" has that key, or it is pending: nobody has looked at it yet.", "Go back, and type the whole key as the source has it.")
		return
	}
	if err != nil {
		x.failed(err)
		return
	}
	row := ""
	if r.Row > 0 {
		row = strconv.FormatInt(r.Row, 10)
	}
	x.show(sheet{
		Title: "Record " + r.Key, Trail: []design.Place{x.above("Migrations", "migrations"), x.above(name, "migrations", name)},
		Parts: []part{{Facts: facts(
			design.Fact{Name: "State", Cell: design.State(recordMark(r.State))}, fact("Reason", r.Reason), fact("Detail", r.Detail),
			fact("Row of the source", row), design.Fact{Name: "Customer", Cell: x.customerCell(r.Customer)},
			design.Fact{Name: "Run", Cell: design.Code(r.Run)}, design.Fact{Name: "Since", Cell: design.Instant(r.At)},
		)}},
	})
}

// lookedUp records whose record somebody asked for, found or not: keys are often
// addresses, and that there is one tells who is a customer. State is empty if there
// is none.
func (x *exchange) lookedUp(migration, key, state string) bool {
	records := 1
	if state == "" {
		records = 0
	}
	return x.record(audit.Entry{
		Type: audit.RecordsViewed, Detail: map[string]any{"migration": migration, "state": state, "records": records}, Personal: map[string]any{"typed": key},
	})
}

// maxRecordsFile is how many records a file holds at most.
const maxRecordsFile = 10_000

// recordsCSV is the records of one state as a file.
func (x *exchange) recordsCSV() {
	page, ok := x.recordPage()
	if !ok {
		x.missing()
		return
	}
	page.Limit, page.After = 1000, ""
	found, next, err := x.cfg.Intake.Records(x.r.Context(), x.live.ID, page)
	if err != nil {
		x.failed(err)
		return
	}
	if !x.record(audit.Entry{Type: audit.RecordsViewed, Detail: map[string]any{
		"migration": page.Migration, "state": page.State, "file": true, "records": len(found), "more": next != "",
	}}) {
		return
	}
	x.csv(page.Migration+"-"+page.State, func(write func(...string)) error {
		write("key", "state", "reason", "detail", "row", "customer", "run", "at")
		for written := 0; ; {
			for _, r := range found {
				write(r.Key, r.State, r.Reason, r.Detail, strconv.FormatInt(r.Row, 10), r.Customer, r.Run, instant(r.At))
			}
			written += len(found)
			if next == "" || written >= maxRecordsFile {
				return nil
			}
			page.After = next
			if found, next, err = x.cfg.Intake.Records(x.r.Context(), x.live.ID, page); err != nil {
				return err
			}
		}
	})
}
