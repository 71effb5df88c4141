package migrate

import (
	"fmt"
	"reflect"
	"slices"

	"sallyport/pure/cut"
)

// Joint lists the names under which rows of another input belong to the record,
// the one that counts most first; of a row of that input it is its own name. It is
// nil for what has no usable key.
func (p *Plan) Joint(r *Record, with Input) []string {
	switch {
	case p.objects == nil, r.Fault != nil:
		return nil
	case r.Input != "":
		return []string{r.Values[p.key]}
	case with == FactorsInput:
		return p.objects.jointFactors(p, r)
	}
	return p.objects.joint(p, r)
}

// Join fills in what another input's rows say of the record: those that one of
// its joint names found, as [Rows] of [Plan.ReadJoined] gave them. Call it once
// for each input and name, in order. The first that has rows counts; of several
// rows that do not agree none does, and the record is held.
func (p *Plan) Join(r *Record, rows []Record) {
	if len(rows) == 0 {
		return
	}
	from := rows[0].Input
	if r.joined[from] {
		r.spare = r.spare || from == HashesInput
		return
	}
	dispute := ""
	for _, other := range rows[1:] {
		if !p.agree(&rows[0], &other) {
			dispute = fmt.Sprintf("rows %d and %d of the %s are about this record and differ", rows[0].Row, other.Row, from)
			break
		}
	}
	r.meets(from, dispute)
	if dispute != "" {
		return
	}
	if from == FactorsInput {
		r.factors, r.left = rows[0].factors, rows[0].left
		return
	}
	r.Values = slices.Clone(r.Values)
	for i := range p.columns {
		if p.foreign[i] {
			r.Values[i] = rows[0].Values[i]
		}
	}
}

// meets notes that an input has rows about the record, and why they decide nothing,
// if they do not.
func (r *Record) meets(from Input, dispute string) {
	if r.joined == nil {
		r.joined = map[Input]bool{}
	}
	r.joined[from] = true
	if dispute == "" {
		return
	}
	if r.disputes == nil {
		r.disputes = map[Input]string{}
	}
	r.disputes[from] = dispute
}

// agree tells whether two rows of an input say the same.
func (p *Plan) agree(a, b *Record) bool {
	for i := range p.columns {
		if p.foreign[i] && a.Values[i] != b.Values[i] {
			return false
		}
	}
	return reflect.DeepEqual(a.factors, b.factors)
}

// MaxJoint bounds the rows of another input about one record that are compared.
// A record with more is held.
const MaxJoint = 8

// Crowded holds a record about which another input has more than [MaxJoint] rows,
// the first of which is given.
func (p *Plan) Crowded(r *Record, first Record) {
	r.meets(first.Input, fmt.Sprintf("more than %d rows of the %s are about this record, the first is row %d", MaxJoint, first.Input, first.Row))
}

// ReadRow reads one row of a joined input again, from its first MaxRow+1 bytes
// or all of them, and gives what [Rows.Next] gave.
func (p *Plan) ReadRow(name Input, line []byte, number int64) Record {
	found := cut.Row{Raw: line}
	if len(line) > MaxRow {
		found.Raw, found.Fault = line[:MaxRow], cut.TooLong
	}
	r := p.objects.joined(p, name).record(found)
	r.Row = number
	return r
}
