package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"sallyport/pure/assess"
	"sallyport/pure/config"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/service/operator"
	"sallyport/web/design"
	"sallyport/web/design/assessment"
)

func (x *exchange) askAssess() {
	if m := x.askedMigration(); m != nil {
		x.assessForm(m, "", "")
	}
}

// The forms in which a report is given.
const (
	asPage = "page"
	asHTML = "html"
	asJSON = "json"
)

// assessForm asks for the files.
func (x *exchange) assessForm(m *config.LiveMigration, field, wrong string) {
	form := &design.Form{
		Files: true, Submit: design.Button{Label: "Assess the export"},
		Lead:   []string{"The export is read and forgotten. Nothing is imported, and the report holds no value of anybody."},
		Fields: fileFields(m, "sallyport migrate assess "+m.Name+" --file FILE"),
	}
	form.Fields = append(form.Fields,
		design.Field{Name: "last", Label: "Field of the last sign-in", Hint: "Left out: the first that is called so.", MaxLength: 255, Autocomplete: "off", Optional: true},
		design.Field{Name: "as", Label: "Give the report as", Choices: design.One, Options: []design.Option{
			{Value: asPage, Label: "A page of the console", Chosen: true},
			{Value: asHTML, Label: "A file of HTML", Hint: "Whole in itself, to print or to send on."},
			{Value: asJSON, Label: "A file of JSON", Hint: "For programs."},
		}})
	mistaken(form, field, wrong)
	x.tabForm(m.Name, "assess", "Assess an export", form)
}

// assess reads the files that were sent, and answers with the report.
func (x *exchange) assess() {
	m := x.askedMigration()
	if m == nil {
		return
	}
	files, forget, err := x.files()
	defer forget()
	if wrong := unreadable(err); wrong != "" {
		x.assessForm(m, string(migrate.FileInput), wrong)
		return
	}
	if err != nil {
		x.failed(err)
		return
	}
	export := files[string(migrate.FileInput)]
	if export == nil {
		x.assessForm(m, string(migrate.FileInput), "Choose the export")
		return
	}
	plan, wrong, err := x.unlocked(m.Plan)
	if wrong != "" {
		x.assessForm(m, "", wrong)
		return
	}
	if err != nil {
		x.failed(err)
		return
	}
	examined := intake.Examination{
		Request:     intake.Request{Env: x.live.ID, Plan: plan, Source: export.Source, Joined: joined(m, files)},
		Environment: x.place().String(), Hosts: []string{x.live.Snapshot().URL.Hostname()}, LastSignIn: strings.TrimSpace(x.r.PostForm.Get("last")),
	}
	report, err := x.cfg.Intake.Assess(x.r.Context(), examined)
	if wrong := unfit(err); wrong != "" {
		x.assessForm(m, string(migrate.FileInput), wrong)
		return
	}
	if err != nil {
		x.failed(err)
		return
	}
	x.report(m, &report)
}

// unfit says why a file is not what the migration reads; empty: it is not that.
func unfit(err error) string {
	for _, kind := range []error{migrate.ErrHeader, migrate.ErrFormat, migrate.ErrInput, migrate.ErrSecret, migrate.ErrTooContested} {
		if errors.Is(err, kind) {
			return asSentence(err.Error())
		}
	}
	if errors.Is(err, intake.ErrPaused) {
		return "Reading the export took longer than a minute. The command line has more patience: sallyport migrate assess"
	}
	return ""
}

// report gives a report as it is wanted. Whoever may not read records is told the
// key of none.
func (x *exchange) report(m *config.LiveMigration, report *assess.Report) {
	if !x.who.May(operator.ReadRecords, x.place()) {
		report.Discreet()
	} else if n := report.Named(); n > 0 && !x.record(audit.Entry{Type: audit.RecordsViewed, Detail: map[string]any{"migration": m.Name, "state": "assessed", "records": n}}) {
		return
	}
	switch x.r.PostForm.Get("as") {
	case asHTML:
		var page bytes.Buffer
		if err := assessment.Render(&page, *report); err != nil {
			x.failed(err)
			return
		}
		x.attach("assessment-"+m.Name+".html", "text/html; charset=utf-8")
		_, err := x.w.Write(page.Bytes())
		x.cutOff(err)
	case asJSON:
		text, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			x.failed(err)
			return
		}
		x.attach("assessment-"+m.Name+".json", "application/json")
		_, err = x.w.Write(append(text, '\n'))
		x.cutOff(err)
	default:
		s := x.aboutMigration(m.Name, "assess", "What the export holds")
		s.Parts = reportParts(report)
		x.show(s)
	}
}
