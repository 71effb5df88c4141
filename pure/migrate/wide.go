package migrate

import (
	"io"
	"slices"
	"strings"

	"sallyport/pure/cut"
	"sallyport/pure/legacy"
)

// sampleRows is how many records tell which columns objects have.
const sampleRows = 500

// Names lists the columns of an export, mapped or not: of a table those of its
// header, of objects those that occur in the first records. There are at most
// [MaxColumns]. Errors are those of [Plan.Read].
func (p *Plan) Names(r io.Reader) ([]string, error) {
	if p.objects == nil && p.system == nil {
		return headerOf(cut.New(r, cut.Options{Delimiter: p.delimiter}), p)
	}
	rows, err := p.Read(r)
	if err != nil {
		return nil, err
	}
	var names []string
	for range sampleRows {
		fields, err := rows.fields(p)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		for _, f := range fields {
			if len(names) < MaxColumns && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	return names, nil
}

// fields gives what the next record says, none if it cannot be read.
func (r *Rows) fields(p *Plan) ([]legacy.Field, error) {
	if lines, is := r.layout.(*objectLayout); is {
		line, err := lines.s.Line()
		if err != nil {
			return nil, err
		}
		fields, _ := legacy.Flatten(line.Raw) // of a damaged one nothing is told
		return fields, nil
	}
	record, err := r.Next()
	if err != nil || record.person == nil {
		return nil, err
	}
	return record.person.Fields, nil
}

// Wide is the same plan, but its records have these columns besides, so that
// somebody may look at what nothing is made of. Records of other systems' formats
// have everything already.
func (p *Plan) Wide(names []string) *Plan {
	wide := *p
	wide.columns = slices.Clone(p.columns)
	if p.system != nil {
		return &wide
	}
	for _, name := range names {
		if p.objects != nil {
			if _, err := parsePath(name); err != nil || strings.HasPrefix(name, hashesPrefix) {
				continue
			}
		}
		if len(wide.columns) < MaxColumns {
			wide.column(name)
		}
	}
	if p.objects != nil {
		wide.compileObjects()
	}
	return &wide
}

// Use is what a plan makes of one column.
type Use struct {
	Column string
	To     string // a target, or key, verified, password, salt, drop
}

// Uses lists the columns of which the plan makes something, in its order. One
// may be used several times.
func (p *Plan) Uses() []Use {
	var all []Use
	add := func(column int, to string) {
		if column >= 0 && column < len(p.columns) {
			all = append(all, Use{p.columns[column], to})
		}
	}
	add(p.key, "key")
	for i := range p.fields {
		f := &p.fields[i]
		add(f.from, f.To)
		add(f.verified, "verified")
	}
	for _, d := range p.drops {
		add(d.from, "drop")
	}
	add(p.hash.from, "password")
	add(p.hash.salt, "salt")
	return all
}

// Format is what the plan reads: its name in configuration, and what people call
// it.
func (p *Plan) Format() (name, title string) {
	switch {
	case p.system != nil:
		return p.system.format.Name, p.system.format.Title
	case p.objects != nil:
		return formatAuth0, "Auth0, users export and password hashes"
	}
	return formatCSV, "A table, as CSV"
}
