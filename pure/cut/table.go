package cut

import (
	"fmt"
	"strings"
)

// Table gives the rows of a table as texts. It is used by one goroutine.
type Table struct {
	Columns
	s    *Scanner
	text []byte // the row's values, back to back
	ends []int
}

// Columns say what a row holds.
type Columns struct {
	Names   []string // of the values that are given
	Index   []int    // by them: which value of a row
	Width   int      // values of a row
	Short   bool     // rows may have fewer values, which are empty then
	Null    string   // what stands for nothing; an empty value always does
	Charset Charset
}

// Table reads the rows that follow. All columns must be within Width.
func (s *Scanner) Table(c Columns) *Table { return &Table{Columns: c, s: s} }

// Header reads the names of columns. A fault is why they are not usable; io.EOF
// is an empty stream.
func (s *Scanner) Header(set Charset) (names []string, fault string, err error) {
	row, err := s.Row()
	if err != nil || row.Fault != "" {
		return nil, row.Fault, err
	}
	for _, raw := range row.Fields {
		text, ok := set(raw)
		if !ok {
			return nil, WrongBytes, nil
		}
		names = append(names, strings.TrimSpace(string(text)))
	}
	return names, "", nil
}

// WrongBytes is the fault of what is not written in the declared encoding.
const WrongBytes = "bytes that the declared encoding does not have"

// Next gives the next row's values, or, if it has a fault, its bytes and which
// column is concerned. It is io.EOF behind the last.
func (t *Table) Next() (values []string, row Row, column string, err error) {
	if row, err = t.s.Row(); err != nil {
		return nil, row, "", err
	}
	if row.Fault = t.misfit(row); row.Fault != "" {
		return nil, row, "", nil
	}
	values, column = t.decode(row.Fields)
	if values == nil {
		row.Fault = WrongBytes
	}
	return values, row, column, nil
}

// decode picks the values. They share one string, because a record lives and dies
// as a whole.
func (t *Table) decode(fields [][]byte) (values []string, column string) {
	t.text, t.ends = t.text[:0], t.ends[:0]
	for i, at := range t.Index {
		if at < len(fields) {
			text, ok := t.Charset(fields[at])
			if !ok {
				return nil, t.Names[i]
			}
			t.text = append(t.text, text...)
		}
		t.ends = append(t.ends, len(t.text))
	}
	all := string(t.text)
	values = make([]string, len(t.ends))
	from := 0
	for i, to := range t.ends {
		if values[i] = all[from:to]; values[i] == t.Null {
			values[i] = ""
		}
		from = to
	}
	return values, ""
}

// misfit tells why a row does not fit the header, "" if it does.
func (t *Table) misfit(row Row) string {
	if row.Fault != "" {
		return row.Fault
	}
	count := len(row.Fields)
	for count > t.Width && len(row.Fields[count-1]) == 0 {
		count--
	}
	if count > t.Width || count < t.Width && !t.Short {
		return fmt.Sprintf("%d values, the header has %d", count, t.Width)
	}
	return ""
}
