package migrate

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ErrHeader says that the export's first row is not a usable list of columns.
// It is wrapped by a [*HeaderError].
var ErrHeader = errors.New("header not usable")

// HeaderError tells what is wrong with the first row of an export.
type HeaderError struct {
	Missing []string // columns that the plan reads and the export lacks
	Reason  string   // set if the row cannot be read at all
}

// Error names the columns; a header holds no personal data.
func (e *HeaderError) Error() string {
	if e.Reason != "" {
		return ErrHeader.Error() + ": " + e.Reason
	}
	return fmt.Sprintf("%v: no column %s", ErrHeader, strings.Join(e.Missing, ", "))
}

// Unwrap gives [ErrHeader].
func (e *HeaderError) Unwrap() error { return ErrHeader }

// Position is a place between two rows of an export.
type Position struct {
	Offset int64 // bytes from the beginning
	Row    int64 // rows before it, without the header
}

// Rows reads an export row by row. It is used by one goroutine.
//
// It takes what real exports hold: a byte order mark, CRLF or LF, quoted values
// with line breaks, blank lines, empty values beyond the last column. A row that
// cannot be read becomes a record with a Fault, ends at the first line break
// behind its beginning, and the next line is read again as a row.
type Rows struct {
	plan  *Plan
	index []int // by the plan's columns: which field of a row
	width int   // fields of the header
	scan  *scanner
	base  int64 // where scan began
	at    Position
	text  []byte // the row's values, back to back
	ends  []int
}

// ReadCSV reads the header of an export and gives its rows. Errors are
// [*HeaderError]s and those of r.
func (p *Plan) ReadCSV(r io.Reader) (*Rows, error) {
	rows := &Rows{plan: p, scan: newScanner(r, p.delimiter)}
	header, err := rows.header()
	if err != nil {
		return nil, err
	}
	rows.width = len(header)
	var missing []string
	for _, column := range p.columns {
		at := slices.Index(header, column)
		if at < 0 {
			missing = append(missing, column)
		}
		rows.index = append(rows.index, at)
	}
	if len(missing) > 0 {
		return nil, &HeaderError{Missing: missing}
	}
	return rows, nil
}

// From gives the rows of the same export, read by r, from a position on; r must
// stand there.
func (r *Rows) From(reader io.Reader, at Position) *Rows {
	return &Rows{plan: r.plan, index: r.index, width: r.width, scan: newScanner(reader, r.plan.delimiter), base: at.Offset, at: at}
}

// Position tells where the next row begins.
func (r *Rows) Position() Position { return r.at }

func (r *Rows) header() ([]string, error) {
	mark, err := r.scan.peek(3)
	if err != nil {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(mark, []byte("\xef\xbb\xbf")):
		r.scan.skip(3)
	case bytes.HasPrefix(mark, []byte("\xff\xfe")), bytes.HasPrefix(mark, []byte("\xfe\xff")):
		return nil, &HeaderError{Reason: "the file is UTF-16; convert it to UTF-8"}
	}
	row, err := r.scan.next()
	r.at.Offset = r.scan.consumed
	switch {
	case err == io.EOF:
		return nil, &HeaderError{Reason: "the file is empty"}
	case err != nil:
		return nil, err
	case row.fault != "":
		return nil, &HeaderError{Reason: row.fault}
	}
	return r.columns(row)
}

// columns decodes the names of the columns.
func (r *Rows) columns(row row) ([]string, error) {
	var header []string
	for _, raw := range row.fields {
		text, ok := r.plan.charset(raw)
		if !ok {
			return nil, &HeaderError{Reason: "bytes that the declared encoding does not have"}
		}
		name := strings.TrimSpace(string(text))
		if slices.Contains(header, name) && slices.Contains(r.plan.columns, name) {
			return nil, &HeaderError{Reason: "column " + name + " occurs twice"}
		}
		header = append(header, name)
	}
	return header, nil
}

// Next gives the next record, or io.EOF behind the last. Other errors are those
// of the reader.
func (r *Rows) Next() (Record, error) {
	row, err := r.scan.next()
	if err != nil {
		return Record{}, err
	}
	r.at = Position{Offset: r.base + r.scan.consumed, Row: r.at.Row + 1}
	values, fault := r.decode(row)
	if fault != nil {
		sum := sha256.Sum256(row.raw)
		return Record{Row: r.at.Row, Fault: fault, digest: [16]byte(sum[:16])}, nil
	}
	return Record{Row: r.at.Row, Values: values}, nil
}

// decode picks the values that the plan reads. They share one string, because a
// record lives and dies as a whole.
func (r *Rows) decode(row row) ([]string, *Rejection) {
	if fault := r.misfit(row); fault != "" {
		return nil, &Rejection{Reason: MalformedRow, Detail: fault}
	}
	r.text, r.ends = r.text[:0], r.ends[:0]
	for i, at := range r.index {
		text, ok := r.plan.charset(row.fields[at])
		if !ok {
			return nil, &Rejection{Reason: BadEncoding, Detail: "column " + r.plan.columns[i] + " has bytes that the declared encoding does not have"}
		}
		r.text = append(r.text, text...)
		r.ends = append(r.ends, len(r.text))
	}
	all := string(r.text)
	values := make([]string, len(r.ends))
	from := 0
	for i, to := range r.ends {
		values[i] = r.plan.value(all[from:to])
		from = to
	}
	return values, nil
}

// misfit tells why a row does not fit the header, "" if it does.
func (r *Rows) misfit(row row) string {
	if row.fault != "" {
		return row.fault
	}
	count := len(row.fields)
	for count > r.width && len(row.fields[count-1]) == 0 {
		count--
	}
	if count != r.width {
		return fmt.Sprintf("%d values, the header has %d", count, r.width)
	}
	return ""
}
