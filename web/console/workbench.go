package console

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"sallyport/pure/config"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/service/promotion"
	"sallyport/web/design"
)

// bench is the workbench with a sample on it.
type bench struct {
	Done     *design.Note
	Problem  *design.Summary
	Token    string
	Sample   string
	Base     int64
	Action   string
	Name     string // of the file
	Records  int
	Shown    int
	Fields   []benchField
	Rows     *design.Table
	Accepted int
	Propose  *design.Form
	May      bool // propose
}

var benchPage = parse("workbench")

// workbench shows the mapping as it is, and asks for a sample.
func (x *exchange) workbench() {
	if m := x.askedMigration(); m != nil {
		x.benchStart(m, "")
	}
}

// benchStart asks for the file.
func (x *exchange) benchStart(m *config.LiveMigration, wrong string) {
	s := x.aboutMigration(m.Name, "workbench", "Mapping workbench")
	table := &design.Table{
		Columns: design.Columns("Field", "Becomes", "Proved by", "Steps"),
		Empty:   design.Empty{What: "Nothing is mapped but what the format knows by itself."},
	}
	if x.who.May(operator.ReadConfiguration, x.place()) {
		for _, line := range m.Map {
			table.Rows = append(table.Rows, design.Row{Cells: []design.Cell{design.Code(line.From), design.Text(becomes(line)), design.Code(line.Verified), design.Text(stepsText(line))}})
		}
		s.Parts = append(s.Parts, part{Heading: "The mapping", Table: table})
	}
	if x.who.May(operator.ReadRecords, x.place()) {
		form := &design.Form{
			Files: true, Submit: design.Button{Label: "Look at the sample"},
			Lead:   []string{"Of the file, the first records are looked at, and what each of them becomes. They stay in this server's memory for a quarter of an hour, and are written nowhere."},
			Fields: []design.Field{{Name: "file", Label: "Export", Hint: "The beginning is enough. Values are shown by their form alone, and that you looked is recorded.", Type: "file", MaxLength: 255, Autocomplete: "off", Wrong: wrong}},
		}
		if wrong != "" {
			form.Problem, s.Status = &design.Summary{What: wrong, Field: "file"}, http.StatusUnprocessableEntity
		}
		s.Parts = append(s.Parts, part{Heading: "Try it", Form: form})
	} else {
		s.Parts = append(s.Parts, part{Empty: &design.Empty{What: "A sample holds people's details.", Do: "Ask for a role that may read records, to try the mapping."}})
	}
	x.show(s)
}

// tryMapping takes a sample, or shows what an edited mapping makes of it.
func (x *exchange) tryMapping() {
	m := x.askedMigration()
	if m == nil {
		return
	}
	one, id := x.sampleOf(m)
	if one == nil {
		return
	}
	if !x.who.May(operator.ReadConfiguration, x.place()) {
		x.refuse()
		return
	}
	x.showBench(m, benchState{sample: one, id: id, base: x.head(), asked: asked{title: "Change the mapping of " + m.Name}})
}

// sampleOf gives the sample that was sent or is named, nil if it was answered.
func (x *exchange) sampleOf(m *config.LiveMigration) (*excerpt, string) {
	like := excerpt{session: x.current.Session.ID, live: x.live, migration: m.Name}
	if id := x.r.PostForm.Get("sample"); id != "" {
		if one := x.excerpts.get(id, like, x.cfg.Now()); one != nil {
			return one, id
		}
		x.benchStart(m, "The sample was forgotten. Choose the file again; what you had edited is gone")
		return nil, ""
	}
	files, forget, err := x.files()
	defer forget()
	wrong := unreadable(err)
	if wrong == "" && err != nil {
		x.failed(err)
		return nil, ""
	}
	file := files["file"]
	if wrong == "" && (file == nil || file.Size == 0) {
		wrong = "Choose the export"
	}
	if wrong != "" {
		x.benchStart(m, wrong)
		return nil, ""
	}
	one := like
	one.name, one.cut = file.Name, file.Size > sampleBytes
	one.content = make([]byte, min(file.Size, sampleBytes))
	if _, err := file.Reader.ReadAt(one.content, 0); err != nil && err != io.EOF {
		x.failed(err)
		return nil, ""
	}
	return &one, x.excerpts.put(&one, x.cfg.Now())
}

// benchState is what a workbench is shown from.
type benchState struct {
	sample *excerpt
	id     string
	base   int64
	asked  asked
}

// showBench shows the fields, the mapping as edited, and what becomes of records.
func (x *exchange) showBench(m *config.LiveMigration, at benchState) {
	_, tree, err := x.cfg.Registry.Revision(x.r.Context(), x.live, at.base)
	if err != nil {
		x.failed(err)
		return
	}
	lines := x.editedLines(m.Map)
	plan, problems := x.planOf(m, tree, lines)
	b := &bench{
		Sample: at.id, Base: at.base, Name: at.sample.name, Action: x.here("migrations", m.Name, "workbench"),
		May: x.who.May(operator.ChangeConfiguration, x.place()),
	}
	if len(problems) > 0 {
		b.Problem = &design.Summary{What: "The mapping cannot be used"}
		for _, p := range problems {
			b.Problem.More = append(b.Problem.More, design.Mistake{What: p})
		}
		plan = m.Plan
	}
	plan, wrong, err := x.unlocked(plan)
	if err != nil {
		x.failed(err)
		return
	}
	var records benchRecords
	var names []string
	if wrong == "" {
		records, names, wrong = at.sample.read(plan)
	}
	if wrong != "" {
		x.benchStart(m, wrong)
		return
	}
	if !x.record(audit.Entry{Type: audit.RecordsViewed, Detail: map[string]any{"migration": m.Name, "state": "sample", "records": min(len(records.all), sampleRows)}}) {
		return
	}
	b.Records, b.Shown = len(records.all), min(len(records.all), sampleRows)
	b.Fields = benchFields(names, lines, records, x.attributeNames())
	if len(problems) == 0 {
		b.Rows, b.Accepted = previewTable(records)
	}
	if b.May {
		b.Propose = x.mappingProposal(m, at, lines, b.Fields)
	}
	status := http.StatusOK
	if b.Problem != nil || at.asked.wrong != "" {
		status = http.StatusUnprocessableEntity
	}
	if b.Token, err = x.token(); err != nil {
		x.broken(err)
		return
	}
	about := x.aboutMigration(m.Name, "workbench", "Mapping workbench")
	x.render(status, benchPage, design.Console{Title: about.Title, Trail: about.Trail, Tabs: about.Tabs, Data: b})
}

// planOf compiles the tree with the lines as edited: the very plan that a run would
// have.
func (x *exchange) planOf(m *config.LiveMigration, tree *config.Tree, lines []config.FieldSpec) (plan *migrate.Plan, wrong []string) {
	edited, problems := config.Remap(tree, m.Name, lines)
	if edited != nil && !config.Refused(problems) {
		snapshot, _, err := x.cfg.Registry.Compiled(x.live, edited)
		var invalid *environment.InvalidError
		switch {
		case errors.As(err, &invalid):
			problems = invalid.Problems
		case err != nil:
			return nil, []string{"It cannot be compiled at the moment"}
		case snapshot.Migrations[m.Name] != nil:
			return snapshot.Migrations[m.Name].Plan, nil
		}
	}
	for _, p := range problems {
		if p.Severity == config.Error {
			wrong = append(wrong, strings.TrimSuffix(asSentence(p.What)+"; "+p.Fix, "; "))
		}
	}
	if len(wrong) == 0 {
		wrong = []string{"The migration is not there any more"}
	}
	return nil, wrong
}

// benchRecords are the records of a sample.
type benchRecords struct {
	plan *migrate.Plan
	all  []migrate.Record
}

// read gives the records of a sample under a plan, and the fields that it has. The
// last record of a file that goes on is left out, being cut.
func (s *excerpt) read(plan *migrate.Plan) (r benchRecords, names []string, wrong string) {
	names, err := plan.Names(bytes.NewReader(s.content))
	if err == nil {
		r.plan = plan.Wide(names)
		var rows *migrate.Rows
		if rows, err = r.plan.Read(bytes.NewReader(s.content)); err == nil {
			r.all, err = allOf(rows)
		}
	}
	if err != nil {
		return r, nil, cmp.Or(unfit(err), "The file cannot be read as the migration's format")
	}
	if s.cut && len(r.all) > 0 {
		r.all = r.all[:len(r.all)-1]
	}
	return r, names, ""
}

func allOf(rows *migrate.Rows) (all []migrate.Record, err error) {
	for {
		record, err := rows.Next()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, record)
	}
}

// mappingProposal is the form that proposes the lines as they were tried.
func (x *exchange) mappingProposal(m *config.LiveMigration, at benchState, lines []config.FieldSpec, fields []benchField) *design.Form {
	hidden := []design.Hidden{{Name: "base", Value: strconv.FormatInt(at.base, 10)}, {Name: "sample", Value: at.id}}
	for _, f := range fields {
		hidden = append(hidden, f.hidden()...)
	}
	form := proposalForm(at.asked, hidden)
	form.Action = x.here("migrations", m.Name, "propose")
	if token, err := x.token(); err == nil {
		form.Hidden = append(form.Hidden, design.Hidden{Name: formField, Value: token})
	}
	return form
}

// proposeMapping proposes the revision that was looked at with another mapping.
func (x *exchange) proposeMapping() {
	m := x.askedMigration()
	if m == nil {
		return
	}
	a := x.proposal()
	base, err := strconv.ParseInt(x.r.PostForm.Get("base"), 10, 64)
	if err != nil || base != x.head() {
		x.declined("The configuration was changed since you looked.", "Open the workbench again.")
		return
	}
	_, tree, err := x.cfg.Registry.Revision(x.r.Context(), x.live, base)
	if err != nil {
		x.failed(err)
		return
	}
	lines := x.editedLines(m.Map)
	if _, wrong := x.planOf(m, tree, lines); len(wrong) > 0 {
		x.declined("The mapping cannot be used: "+wrong[0], "Mend it in the workbench.")
		return
	}
	if a.wrong != "" {
		x.benchAgain(m, base, a)
		return
	}
	edited, _ := config.Remap(tree, m.Name, lines)
	x.propose(promotion.Proposal{Tree: edited, Base: base, Title: a.title, Reason: a.reason, Source: "the mapping workbench of the console"})
}

// benchAgain shows the workbench once more, with what is wrong with the proposal.
func (x *exchange) benchAgain(m *config.LiveMigration, base int64, a asked) {
	id := x.r.PostForm.Get("sample")
	one := x.excerpts.get(id, excerpt{session: x.current.Session.ID, live: x.live, migration: m.Name}, x.cfg.Now())
	if one == nil || !x.who.May(operator.ReadRecords, x.place()) {
		x.declined(a.wrong+".", "Go back, and fill it in.")
		return
	}
	x.showBench(m, benchState{sample: one, id: id, base: base, asked: a})
}
