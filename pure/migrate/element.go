package migrate

import (
	"errors"
	"maps"
	"slices"

	"sallyport/pure/cut"
	"sallyport/pure/legacy"
	"sallyport/pure/object"
)

// Element makes a record of one person's part of a file, or of what a running
// system answered about one person. Nothing is joined to it.
func (p *Plan) Element(e legacy.Element) Record {
	switch {
	case p.objects != nil:
		return p.objects.file(p).record(cut.Row{Raw: e.Raw})
	case p.system == nil:
		fields := make(map[string]string, len(e.Names))
		for i, name := range e.Names[:min(len(e.Names), len(e.Values))] {
			fields[name] = e.Values[i]
		}
		return p.Record(fields)
	case p.system.reader == nil:
		return p.faulty(e, &Rejection{Reason: SecretMissing, Detail: ErrSecret.Error()})
	}
	person, err := p.system.reader.Person(e)
	if err != nil {
		r := p.faulty(e, rejected(err))
		r.person = person
		return r
	}
	p.withhold(person)
	r := Record{Values: make([]string, len(p.columns)), person: person}
	for i := range person.Fields {
		p.system.place(&person.Fields[i], &r)
	}
	if keyFault(p.keyOf(&r)) != "" {
		r.digest = elementDigest(e)
	}
	return r
}

// Person is what the source says about the person of a record; nil for CSV and
// Auth0's files, and for what could not be read at all.
func (p *Plan) Person(r Record) *legacy.Person { return r.person }

// place puts a field's values where the plan reads them.
func (s *system) place(f *legacy.Field, r *Record) {
	for _, column := range s.index[f.Name] {
		if len(f.Values) == 1 {
			r.Values[column] = f.Values[0]
			continue
		}
		if r.lists == nil {
			r.lists = map[int][]string{}
		}
		r.Values[column], r.lists[column] = notScalar, f.Values
	}
}

// rejected holds what a reader could not read: faults repeat no values.
func rejected(err error) *Rejection {
	var fault *legacy.Fault
	switch {
	case !errors.As(err, &fault):
		return &Rejection{Reason: MalformedRow, Detail: "it cannot be read"}
	case fault.What == cut.WrongBytes || fault.What == string(object.Charset):
		return &Rejection{Reason: BadEncoding, Detail: fault.Error()}
	}
	return &Rejection{Reason: MalformedRow, Detail: fault.Error()}
}

func (p *Plan) faulty(e legacy.Element, why *Rejection) Record {
	return Record{Fault: why, digest: elementDigest(e)}
}

// elementDigest tells elements apart that have no key.
func elementDigest(e legacy.Element) [16]byte {
	if e.Raw != nil {
		return digestOf(e.Raw)
	}
	var all []byte
	for _, v := range e.Values {
		all = append(append(all, v...), 0)
	}
	return digestOf(all)
}

// tableRow makes an element of values by column.
func tableRow(fields map[string]string) (e legacy.Element) {
	e.Names = slices.Sorted(maps.Keys(fields))
	for _, name := range e.Names {
		e.Values = append(e.Values, fields[name])
	}
	return e
}

// keyOf is what names a record for ever: the migration's column, or what the
// system itself says.
func (p *Plan) keyOf(r *Record) string {
	if r.person != nil && (p.key < 0 || r.person.Kept != nil) {
		return r.person.Key
	}
	return r.at(p.key)
}

func (p *Plan) keyName() string {
	if p.key < 0 {
		return "the person's id"
	}
	return "column " + p.columns[p.key]
}
