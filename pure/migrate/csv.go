package migrate

import (
	"bytes"
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

// csvLayout reads rows by their header.
type csvLayout struct {
	plan  *Plan
	names []string // of the columns that are read
	index []int    // by them: which field of a row
	width int      // fields of the header
	text  []byte   // the row's values, back to back
	ends  []int
}

func (c *csvLayout) again() layout {
	return &csvLayout{plan: c.plan, names: c.names, index: c.index, width: c.width}
}

// readHeader reads the first row and finds the plan's columns in it.
func readHeader(s *scanner, p *Plan) (*csvLayout, error) {
	header, err := headerOf(s, p)
	if err != nil {
		return nil, err
	}
	c := &csvLayout{plan: p, names: p.columns, width: len(header)}
	var missing []string
	for _, column := range p.columns {
		at := slices.Index(header, column)
		if at < 0 {
			missing = append(missing, column)
		}
		c.index = append(c.index, at)
	}
	if len(missing) > 0 {
		return nil, &HeaderError{Missing: missing}
	}
	return c, nil
}

func headerOf(s *scanner, p *Plan) ([]string, error) {
	beginning, err := s.peek(scanBuffer)
	if err != nil {
		return nil, err
	}
	if foreign := notCSV(beginning); foreign != "" {
		return nil, &HeaderError{Reason: foreign}
	}
	s.skipMark()
	row, err := s.next()
	switch {
	case err == io.EOF:
		return nil, &HeaderError{Reason: "the file is empty"}
	case err != nil:
		return nil, err
	case row.fault != "":
		return nil, &HeaderError{Reason: row.fault}
	}
	return headerNames(row, p)
}

// notCSV says what is wrong with a file that cannot be meant.
func notCSV(beginning []byte) string {
	switch looks := Looks(beginning); {
	case looks == "UTF-16 text":
		return "the file is UTF-16; convert it to UTF-8"
	case bytes.HasPrefix(beginning, []byte("{")), bytes.HasPrefix(beginning, []byte("\x1f\x8b")), bytes.HasPrefix(beginning, []byte("PK\x03\x04")):
		return "CSV is wanted, and this looks like " + looks
	}
	return ""
}

// headerNames decodes the names of the columns.
func headerNames(row row, p *Plan) ([]string, error) {
	var header []string
	for _, raw := range row.fields {
		text, ok := p.charset(raw)
		if !ok {
			return nil, &HeaderError{Reason: "bytes that the declared encoding does not have"}
		}
		name := strings.TrimSpace(string(text))
		if slices.Contains(header, name) && slices.Contains(p.columns, name) {
			return nil, &HeaderError{Reason: "column " + name + " occurs twice"}
		}
		header = append(header, name)
	}
	return header, nil
}

func (c *csvLayout) next(s *scanner) (Record, error) {
	row, err := s.next()
	if err != nil {
		return Record{}, err
	}
	values, fault := c.decode(row)
	if fault != nil {
		return faulty(row.raw, fault), nil
	}
	return Record{Values: values}, nil
}

// decode picks the values that the plan reads. They share one string, because a
// record lives and dies as a whole.
func (c *csvLayout) decode(row row) ([]string, *Rejection) {
	if fault := c.misfit(row); fault != "" {
		return nil, &Rejection{Reason: MalformedRow, Detail: fault}
	}
	c.text, c.ends = c.text[:0], c.ends[:0]
	for i, at := range c.index {
		text, ok := c.plan.charset(row.fields[at])
		if !ok {
			return nil, &Rejection{Reason: BadEncoding, Detail: "column " + c.names[i] + " has bytes that the declared encoding does not have"}
		}
		c.text = append(c.text, text...)
		c.ends = append(c.ends, len(c.text))
	}
	all := string(c.text)
	values := make([]string, len(c.ends))
	from := 0
	for i, to := range c.ends {
		values[i] = c.plan.value(all[from:to])
		from = to
	}
	return values, nil
}

// misfit tells why a row does not fit the header, "" if it does.
func (c *csvLayout) misfit(row row) string {
	if row.fault != "" {
		return row.fault
	}
	count := len(row.fields)
	for count > c.width && len(row.fields[count-1]) == 0 {
		count--
	}
	if count != c.width {
		return fmt.Sprintf("%d values, the header has %d", count, c.width)
	}
	return ""
}
