package migrate

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"sallyport/pure/legacy"
)

// Record is one record of the source, cut down to the columns that a plan
// reads. Make it with [Plan.Record] or [Rows.Next].
type Record struct {
	Row    int64      // 1 for the first below the header, 0 if unknown
	Input  Input      // which file it is of; "" is the file of the records
	Values []string   // by the plan's columns; "" is nothing
	Fault  *Rejection // why it could not be read; then Values is nil
	digest [16]byte   // of the row's bytes, if it may be needed

	person  *legacy.Person   // of a system's format, as far as it could be read
	lists   map[int][]string // columns that hold a list
	logins  []login          // how the person signs in at the source, if it says so
	factors []legacy.Factor  // of a row of factors, or filled in from one
	left    []legacy.Left    // beside them

	joined   map[Input]bool   // inputs that have rows about it
	disputes map[Input]string // why they decide nothing
	spare    bool             // there was another hash, for a linked login
}

// Record makes a record of fields by column name, as a legacy system answers
// one look-up. Columns that are absent count as empty.
func (p *Plan) Record(fields map[string]string) Record {
	if p.system != nil && p.system.tabular() {
		return p.Element(tableRow(fields))
	}
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

// faulty makes a record of a row that cannot be read.
func faulty(raw []byte, fault *Rejection) Record {
	return Record{Fault: fault, digest: digestOf(raw)}
}

func digestOf(raw []byte) [16]byte {
	sum := sha256.Sum256(raw)
	return [16]byte(sum[:16])
}

// where begins the detail of what is not in the file of the records.
func (r *Record) where() string { return fmt.Sprintf("row %d of the %s: ", r.Row, r.Input) }

// several gives the values of columns.
func (r *Record) several(columns []int) []string {
	all := make([]string, len(columns))
	for i, column := range columns {
		all[i] = r.at(column)
	}
	return all
}

// each gives the values of a column: those of a list, or the one that it holds.
func (r *Record) each(column int) []string {
	if list, is := r.lists[column]; is {
		return list
	}
	return []string{r.at(column)}
}

// substitute is the ledger's key of a record without a usable one. It depends
// on the record's content alone, so that the same record met again is known.
func (r *Record) substitute() string {
	digest := r.digest
	if digest == [16]byte{} {
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
