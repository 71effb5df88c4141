package migrate

import (
	"fmt"
	"slices"

	"sallyport/pure/cut"
)

// Joint lists the names under which rows of other inputs belong to the record,
// the one that counts most first. It is nil for what has no usable key.
func (p *Plan) Joint(r *Record) []string {
	if p.objects == nil || r.Fault != nil {
		return nil
	}
	if r.Input != "" {
		return []string{r.Values[p.key]}
	}
	return p.objects.joint(p, r)
}

// Join fills in what another input's rows say of the record: those that one of
// its joint names found, as [Rows] of [Plan.ReadJoined] gave them. Call it once
// for each name, in order. The first that has rows counts; of several rows that
// do not agree none does, and the record is held.
func (p *Plan) Join(r *Record, rows []Record) {
	switch {
	case len(rows) == 0:
		return
	case r.joined:
		r.spare = true
		return
	}
	r.joined = true
	for _, other := range rows[1:] {
		if !p.agree(&rows[0], &other) {
			r.dispute = fmt.Sprintf("rows %d and %d of the %s are about this record and differ", rows[0].Row, other.Row, other.Input)
			return
		}
	}
	r.Values = slices.Clone(r.Values)
	for i := range p.columns {
		if p.foreign[i] {
			r.Values[i] = rows[0].Values[i]
		}
	}
}

// agree tells whether two rows say the same.
func (p *Plan) agree(a, b *Record) bool {
	for i := range p.columns {
		if p.foreign[i] && a.Values[i] != b.Values[i] {
			return false
		}
	}
	return true
}

// MaxJoint bounds the rows of another input about one record that are compared.
// A record with more is held.
const MaxJoint = 8

// Crowded holds a record about which the other input has more than [MaxJoint]
// rows, the first of which is given.
func (p *Plan) Crowded(r *Record, first Record) {
	r.joined = true
	r.dispute = fmt.Sprintf("more than %d rows of the %s are about this record, the first is row %d", MaxJoint, first.Input, first.Row)
}

// ReadRow reads one row of a joined input again, from its first MaxRow+1 bytes
// or all of them, and gives what [Rows.Next] gave.
func (p *Plan) ReadRow(line []byte, number int64) Record {
	found := cut.Row{Raw: line}
	if len(line) > MaxRow {
		found.Raw, found.Fault = line[:MaxRow], cut.TooLong
	}
	r := p.objects.joined(p).record(found)
	r.Row = number
	return r
}
