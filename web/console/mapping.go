package console

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
	"sallyport/web/design"
)

const (
	// maxBenchFields is how many fields can be edited at once.
	maxBenchFields = 120
	// asWritten stands for steps that have parameters: they are edited in the file.
	asWritten = "as written"
	// shownValues are how many values of a field are shown.
	shownValues = 3
)

// benchField is one field of the source on the workbench.
type benchField struct {
	N        int
	Name     string
	Filled   string
	Samples  []string
	Secret   bool // a password or its salt: it is mapped elsewhere, and never shown
	To       string
	Targets  []design.Option
	Verified string
	Proofs   []design.Option
	Steps    string
	Format   string
	Country  string
	Required bool
	Reason   string
}

// the parts of one field's form, before its number.
var benchParts = [...]string{"name", "to", "verified", "steps", "format", "country", "required", "why"}

// hidden is the field's line for the form that proposes it.
func (f *benchField) hidden() (all []design.Hidden) {
	required := ""
	if f.Required {
		required = "yes"
	}
	for i, value := range []string{f.Name, f.To, f.Verified, f.Steps, f.Format, f.Country, required, f.Reason} {
		all = append(all, design.Hidden{Name: benchParts[i] + strconv.Itoa(f.N), Value: value})
	}
	return all
}

// keeping are the choices besides targets: what becomes of a field that does not
// move.
const (
	keepBehind = "keep:behind"
	keepDrop   = "keep:drop"
)

// target is what a line makes of its field, as the form has it.
func target(line config.FieldSpec) string {
	if line.Keep == "behind" || line.Keep == "drop" {
		return "keep:" + line.Keep
	}
	return line.To
}

// becomes says the same in words.
func becomes(line config.FieldSpec) string {
	switch target(line) {
	case keepBehind:
		return "nothing: kept behind, " + line.Reason
	case keepDrop:
		return "nothing: dropped, " + line.Reason
	}
	return line.To
}

// stepsText writes the steps of a line, unless they have parameters.
func stepsText(line config.FieldSpec) string {
	var all []string
	for _, s := range line.Transform {
		if s != (config.TransformSpec{Do: s.Do}) {
			return asWritten
		}
		all = append(all, s.Do)
	}
	return strings.Join(all, ", ")
}

// editedLines are the lines of the map as the form has them. What it does not
// mention stays as it is: other lines, and of a line what cannot be edited here.
func (x *exchange) editedLines(was []config.FieldSpec) []config.FieldSpec {
	lines, form := slices.Clone(was), x.r.PostForm
	if !form.Has("name0") {
		return lines
	}
	for n := range maxBenchFields {
		at := strconv.Itoa(n)
		name := form.Get("name" + at)
		if name == "" {
			break
		}
		given := func(part string) string {
			return strings.ToValidUTF8(strings.TrimSpace(form.Get(part+at)), "\uFFFD")
		}
		i := slices.IndexFunc(lines, func(l config.FieldSpec) bool { return l.From == name })
		to := given("to")
		if to == "" {
			if i >= 0 {
				lines = slices.Delete(lines, i, i+1)
			}
			continue
		}
		line := config.FieldSpec{From: name}
		if i >= 0 {
			line = lines[i]
		}
		line = edited(line, to, given)
		if i >= 0 {
			lines[i] = line
		} else {
			lines = append(lines, line)
		}
	}
	return lines
}

// edited is a line as the form has it.
func edited(line config.FieldSpec, to string, given func(string) string) config.FieldSpec {
	if keep, is := strings.CutPrefix(to, "keep:"); is {
		return config.FieldSpec{From: line.From, Keep: keep, Reason: given("why")}
	}
	if line.Keep == "behind" || line.Keep == "drop" {
		line = config.FieldSpec{From: line.From}
	}
	line.To, line.Verified, line.Format, line.Country = to, given("verified"), given("format"), given("country")
	line.Required = given("required") != ""
	if steps := given("steps"); steps != asWritten {
		line.Transform = nil
		for _, do := range strings.FieldsFunc(steps, func(r rune) bool { return r == ',' || r == ' ' }) {
			line.Transform = append(line.Transform, config.TransformSpec{Do: do})
		}
	}
	return line
}

// attributeNames are those of the tenant's registry.
func (x *exchange) attributeNames() (all []string) {
	for _, a := range x.live.Snapshot().Tenant.Attributes {
		all = append(all, a.Name)
	}
	slices.Sort(all)
	return all
}

// benchFields tells of each field what it holds in the sample, and its line.
func benchFields(names []string, lines []config.FieldSpec, r benchRecords, attributes []string) (all []benchField) {
	seen, secret := valuesByField(r), map[string]bool{}
	uses := map[string]string{}
	for _, use := range r.plan.Uses() {
		secret[use.Column] = secret[use.Column] || use.To == "password" || use.To == "salt"
		uses[use.Column] = use.To
	}
	for _, line := range lines { // also of what the sample has not
		if !slices.Contains(names, line.From) {
			names = append(names, line.From)
		}
	}
	for _, name := range names {
		if len(all) == maxBenchFields {
			break
		}
		f := benchField{N: len(all), Name: name, Secret: secret[name], Filled: fmt.Sprintf("%d of %d", len(seen[name]), len(r.all))}
		if !f.Secret {
			f.Samples = fewOf(seen[name])
		}
		if i := slices.IndexFunc(lines, func(l config.FieldSpec) bool { return l.From == name }); i >= 0 {
			line := lines[i]
			f.To, f.Verified, f.Steps, f.Format, f.Country, f.Required, f.Reason = target(line), line.Verified, stepsText(line), line.Format, line.Country, line.Required, line.Reason
		}
		f.Targets = targetOptions(f.To, uses[name], attributes)
		f.Proofs = proofOptions(names, f.Verified)
		all = append(all, f)
	}
	return all
}

// targetOptions are what a field can become. What the format makes of it by
// itself is said where the mapping says nothing.
func targetOptions(chosen, byItself string, attributes []string) []design.Option {
	nothing := "nothing"
	if byItself != "" && chosen == "" {
		nothing = "by itself: " + byItself
	}
	all := []design.Option{{Value: "", Label: nothing}}
	values := []string{"username", "email", "phone", "name", "state", "group", "created"}
	for _, a := range attributes {
		values = append(values, "attribute."+a)
	}
	if chosen != "" && !strings.HasPrefix(chosen, "keep:") && !slices.Contains(values, chosen) {
		values = append(values, chosen)
	}
	for _, v := range values {
		all = append(all, design.Option{Value: v, Label: v})
	}
	all = append(all, design.Option{Value: keepBehind, Label: "stays behind"}, design.Option{Value: keepDrop, Label: "is dropped"})
	for i := range all {
		all[i].Chosen = all[i].Value == chosen
	}
	return all
}

func proofOptions(names []string, chosen string) []design.Option {
	all := []design.Option{{Value: "", Label: "nobody"}}
	for _, n := range names {
		all = append(all, design.Option{Value: n, Label: n, Chosen: n == chosen})
	}
	return all
}

// valuesByField gives the values of each field, of the records that have one.
func valuesByField(r benchRecords) map[string][]string {
	all, columns := map[string][]string{}, r.plan.Columns()
	for _, record := range r.all {
		for _, f := range fieldsOfRecord(r.plan, record, columns) {
			if value := strings.TrimSpace(strings.Join(f.Values, ", ")); value != "" && value != "\x00" {
				all[f.Name] = append(all[f.Name], value)
			}
		}
	}
	return all
}

func fieldsOfRecord(plan *migrate.Plan, record migrate.Record, columns []string) (all []legacy.Field) {
	if person := plan.Person(record); person != nil {
		return person.Fields
	}
	for i, v := range record.Values {
		all = append(all, legacy.Field{Name: columns[i], Values: []string{v}})
	}
	return all
}

// fewOf gives the forms of a few different values.
func fewOf(values []string) (few []string) {
	for _, v := range values {
		if m := masked(v); !slices.Contains(few, m) {
			few = append(few, m)
		}
		if len(few) == shownValues {
			break
		}
	}
	return few
}

// verdicts are the marks of what becomes of a record.
var verdicts = map[migrate.Verdict]design.Mark{
	migrate.Accept: design.Good("Taken"), migrate.Hold: design.Warning("Held"), migrate.Leave: design.Plain("Dropped"),
}

// previewTable shows what each of the first records becomes, by the very function
// that imports.
func previewTable(r benchRecords) (t *design.Table, accepted int) {
	t = &design.Table{Columns: []design.Column{{Label: "Row", Number: true}, {Label: "Verdict"}, {Label: "Becomes"}, {Label: "Why, and what was left out"}}, Empty: design.Empty{What: "The sample holds no whole record."}}
	for i, record := range r.all {
		o := migrate.Map(r.plan, record)
		if o.Verdict() == migrate.Accept {
			accepted++
		}
		if i >= sampleRows {
			continue
		}
		row := record.Row
		if row == 0 {
			row = int64(i + 1)
		}
		t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{design.Text(strconv.FormatInt(row, 10)), design.State(verdicts[o.Verdict()]), outcomeCell(&o), whyCell(&o)}})
	}
	return t, accepted
}

// outcomeCell is the person that a record becomes, by the form of their values.
func outcomeCell(o *migrate.Outcome) (cell design.Cell) {
	add := func(name, value, note string) {
		if value != "" {
			cell.List = append(cell.List, design.Cell{Text: name + " " + value, Note: note})
		}
	}
	for _, id := range o.Identifiers {
		note := ""
		if id.Kind != customer.Username {
			note = "not verified"
			if id.Verified {
				note = "verified"
			}
		}
		add(string(id.Kind), masked(id.Display), note)
	}
	add("name", masked(o.Customer.Name), "")
	if !o.Customer.Created.IsZero() {
		add("created", o.Customer.Created.UTC().Format("2006"), "")
	}
	for _, name := range slices.Sorted(maps.Keys(o.Customer.Attributes)) {
		add(name, masked(o.Customer.Attributes[name]), "")
	}
	add("groups", strings.Join(o.Customer.Groups, ", "), "")
	if o.Hash != nil {
		add("password", string(o.Hash.Scheme()), "")
	}
	for _, f := range o.Factors {
		add("factor", string(f.Kind), "")
	}
	for _, p := range o.Passkeys {
		add("passkey for", p.RPID, "")
	}
	for _, l := range o.Links {
		add("link", l.Provider, "")
	}
	return cell
}

func whyCell(o *migrate.Outcome) (cell design.Cell) {
	if o.Rejection != nil {
		cell.List = append(cell.List, design.Cell{Text: string(o.Rejection.Reason), Code: true, Note: o.Rejection.Detail})
	} else if o.Dropped != "" {
		cell.List = append(cell.List, design.Code(string(o.Dropped)))
	}
	for _, w := range o.Warnings {
		cell.List = append(cell.List, design.Cell{Text: string(w.Reason), Note: w.Column})
	}
	return cell
}
