package console

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/drift"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// maxProbed is how many people one reconciliation of the console asks the running
// system about: it has a minute.
const maxProbed = 50

// lastReconciled is what the ledger keeps of a reconciliation.
type lastReconciled struct {
	at        time.Time
	by        string
	Migration string                `json:"migration"`
	Source    string                `json:"source"`
	Records   int64                 `json:"records"`
	Differing int64                 `json:"differing"`
	Classes   map[drift.Class]int64 `json:"classes"`
	Report    *drift.Report         `json:"report"`
}

// askReconcile shows how far both sides were apart last, and asks for an export.
func (x *exchange) askReconcile() {
	if m := x.askedMigration(); m != nil {
		x.reconcileForm(m, "", "")
	}
}

func (x *exchange) reconcileForm(m *config.LiveMigration, field, wrong string) {
	sum, ok := x.summed(m.Name)
	if !ok {
		return
	}
	last, err := x.lastReconciled(m.Name)
	if err != nil {
		x.failed(err)
		return
	}
	s := x.aboutMigration(m.Name, "reconcile", "Reconcile "+m.Name)
	s.Parts = append([]part{sum}, lastParts(last)...)
	if x.who.May(operator.RunMigration, x.place()) {
		form := x.reconcileQuestion(m)
		mistaken(form, field, wrong)
		s.Parts = append(s.Parts, part{Heading: "Reconcile now", ID: "reconcile", Form: form})
		if wrong != "" {
			s.Status = http.StatusUnprocessableEntity
		}
	}
	x.show(s)
}

func (x *exchange) reconcileQuestion(m *config.LiveMigration) *design.Form {
	form := &design.Form{
		Files: true, Submit: design.Button{Label: "Reconcile"},
		Lead:   []string{"Every record of an export is compared with the ledger and the people here, field by field, by the mapping that imports. Nothing is changed, and the export is forgotten."},
		Fields: fileFields(m, "sallyport migrate reconcile "+m.Name+" --file FILE"),
	}
	if x.cfg.Systems != nil && m.Connection != nil {
		form.Fields = append(form.Fields, design.Field{
			Name: "probe", Label: "Ask the running system about", Hint: "So many people who were imported, chosen by chance, at most " + strconv.Itoa(maxProbed) + ".",
			InputMode: "numeric", MaxLength: 2, Autocomplete: "off", Optional: true,
		})
	}
	form.Fields = append(form.Fields, design.Field{Name: "keep", Label: "In the ledger", Choices: design.Many, Optional: true, Options: []design.Option{
		{Value: "yes", Label: "Keep the whole report", Hint: "Without keys of records. Otherwise its counts are kept.", Chosen: true},
	}})
	return form
}

// lastReconciled is the newest reconciliation of a migration among the newest of
// all; nil if there is none.
func (x *exchange) lastReconciled(migration string) (*lastReconciled, error) {
	found, _, err := x.cfg.Ledger.Events(x.r.Context(), x.live.ID, "type:"+string(audit.MigrationReconciled), "", runsLooked)
	for _, e := range found {
		last := &lastReconciled{at: e.At, by: e.Actor}
		if json.Unmarshal(e.Detail, last) == nil && last.Migration == migration {
			return last, err
		}
	}
	return nil, err
}

// lastParts show it.
func lastParts(last *lastReconciled) []part {
	if last == nil {
		return []part{{Empty: &design.Empty{What: "The migration was not reconciled yet.", Do: "Do it after each import, and before the earlier system is switched off."}}}
	}
	about := part{Heading: "Last time", Facts: facts(
		design.Fact{Name: "When", Cell: design.Instant(last.at)}, design.Fact{Name: "By", Cell: design.Code(last.by)}, fact("Export", last.Source),
	)}
	if last.Report != nil {
		return append([]part{about}, driftParts(last.Report)...)
	}
	t := &design.Table{Columns: []design.Column{{Label: "Difference"}, {Label: "Weight"}, {Label: "Records", Number: true}}, Empty: design.Empty{What: "Nothing differed."}}
	counts := map[string]int64{}
	for class, n := range last.Classes {
		counts[string(class)] = n
	}
	for _, class := range commonest(counts) {
		t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{design.Code(class), design.State(dangerMark(drift.Class(class).Dangerous())), design.Text(grouped(counts[class]))}})
	}
	return []part{about, {Tiles: driftTiles(last.Records, last.Differing, last.Classes)}, {Table: t}}
}

// reconcile compares the files that were sent, and answers with the report.
func (x *exchange) reconcile() {
	m := x.askedMigration()
	if m == nil {
		return
	}
	files, forget, err := x.files()
	defer forget()
	wrong := unreadable(err)
	if wrong == "" && err == nil && files[string(migrate.FileInput)] == nil {
		wrong = "Choose the export"
	}
	field := string(migrate.FileInput)
	plan := m.Plan
	if wrong == "" && err == nil {
		plan, wrong, err = x.unlocked(m.Plan)
	}
	var report drift.Report
	if wrong == "" && err == nil {
		report, err = x.cfg.Intake.Reconcile(x.r.Context(), x.reconciliation(m, plan, files))
		if wrong = unfit(err); wrong != "" {
			err = nil
		}
	}
	if wrong == "" && err == nil {
		report.Registered, err = x.registered(m)
	}
	switch {
	case wrong != "":
		x.reconcileForm(m, field, wrong)
	case err != nil:
		x.failed(err)
	case x.mayBeTold(m.Name, &report):
		s := x.aboutMigration(m.Name, "reconcile", "How far "+m.Name+" and its export are apart")
		s.Parts = driftParts(&report)
		x.show(s)
	}
}

// recheckFor is how long a page waits for the running system to be asked about whoever
// registered while it was away. Of whom there was no time for wait for the next time.
const recheckFor = 20 * time.Second

// registered looks them up, as every reconciliation does.
func (x *exchange) registered(m *config.LiveMigration) (*drift.Registered, error) {
	if x.cfg.Systems == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(x.r.Context(), recheckFor)
	defer cancel()
	return x.cfg.Systems.Registered(ctx, x.live, m.Name, x.who.Actor())
}

func (x *exchange) reconciliation(m *config.LiveMigration, plan *migrate.Plan, files map[string]*sentFile) intake.Reconciliation {
	form := x.r.PostForm
	c := intake.Reconciliation{
		Request:     intake.Request{Env: x.live.ID, Plan: plan, Source: files[string(migrate.FileInput)].Source, Joined: joined(m, files), Actor: x.who.Actor()},
		Environment: x.place().String(), Keep: form.Get("keep") != "",
	}
	if n := min(number(form.Get("probe")), maxProbed); n > 0 && x.cfg.Systems != nil && m.Connection != nil {
		c.Probes, c.Seed = n, uint64(x.cfg.Now().UnixNano())
		c.Ask = func(ctx context.Context, identifier string) (migrate.Outcome, bool, error) {
			return x.cfg.Systems.Look(ctx, x.live, m.Name, identifier)
		}
	}
	return c
}

// mayBeTold takes the keys of records out for whoever may not read those, and records
// that somebody is shown them.
func (x *exchange) mayBeTold(migration string, report *drift.Report) bool {
	if !x.who.May(operator.ReadRecords, x.place()) {
		report.Discreet()
	}
	n := report.Named()
	return n == 0 || x.record(audit.Entry{Type: audit.RecordsViewed, Detail: map[string]any{"migration": migration, "state": "reconciled", "records": n}})
}
