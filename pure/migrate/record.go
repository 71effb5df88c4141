package migrate

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// Record is one record of the source, cut down to the columns that a plan
// reads. Make it with [Plan.Record] or [Rows.Next].
type Record struct {
	Row    int64      // 1 for the first below the header, 0 if unknown
	Values []string   // by the plan's columns; "" is nothing
	Fault  *Rejection // why it could not be read; then Values is nil
	digest [16]byte   // of a faulty row's bytes
}

// Record makes a record of fields by column name, as a legacy system answers
// one look-up. Columns that are absent count as empty.
func (p *Plan) Record(fields map[string]string) Record {
	r := Record{Values: make([]string, len(p.columns))}
	for i, column := range p.columns {
		r.Values[i] = p.value(fields[column])
	}
	return r
}

// value takes what stands for nothing as nothing.
func (p *Plan) value(raw string) string {
	if raw == p.source.Null {
		return ""
	}
	return raw
}

// at gives a value by column index, without the space around it.
func (r *Record) at(column int) string { return strings.TrimSpace(r.exact(column)) }

// exact gives a value as it is; -1 is a column that the plan has not.
func (r *Record) exact(column int) string {
	if column < 0 || column >= len(r.Values) {
		return ""
	}
	return r.Values[column]
}

// unkeyed begins the keys that stand for records without a usable one.
const unkeyed = "#unkeyed-"

// substitute is the ledger's key of a record without a usable one. It depends
// on the record's content alone, so that the same record met again is known.
func (r *Record) substitute() string {
	digest := r.digest
	if r.Fault == nil {
		h := sha256.New()
		var length [8]byte
		for _, v := range r.Values {
			binary.BigEndian.PutUint64(length[:], uint64(len(v)))
			h.Write(length[:])
			h.Write([]byte(v))
		}
		digest = [16]byte(h.Sum(nil))
	}
	return unkeyed + hex.EncodeToString(digest[:])
}
