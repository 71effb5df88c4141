package migrate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"sallyport/pure/cut"
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
	s     *cut.Scanner
	table *cut.Table
}

func (c *csvLayout) from(r io.Reader, at cut.Place) layout {
	s := c.s.Another(r, at.Offset)
	return &csvLayout{s, s.Table(c.table.Columns)}
}

func (c *csvLayout) place() cut.Place { return cut.Place{Offset: c.s.Offset()} }

func (c *csvLayout) start() int64 { return c.s.Start() }

// readHeader reads the first row and finds the plan's columns in it.
func readHeader(s *cut.Scanner, p *Plan) (*csvLayout, error) {
	header, err := headerOf(s, p)
	if err != nil {
		return nil, err
	}
	columns := cut.Columns{Names: p.columns, Width: len(header), Null: p.source.Null, Charset: p.charset}
	var missing []string
	for _, column := range p.columns {
		at := slices.Index(header, column)
		if at < 0 {
			missing = append(missing, column)
		}
		columns.Index = append(columns.Index, at)
	}
	if len(missing) > 0 {
		return nil, &HeaderError{Missing: missing}
	}
	return &csvLayout{s, s.Table(columns)}, nil
}

func headerOf(s *cut.Scanner, p *Plan) ([]string, error) {
	beginning, _, err := s.Beginning()
	if err != nil {
		return nil, err
	}
	if foreign := notCSV(beginning); foreign != "" {
		return nil, &HeaderError{Reason: foreign}
	}
	s.SkipMark()
	header, fault, err := s.Header(p.charset)
	switch {
	case err == io.EOF:
		return nil, &HeaderError{Reason: "the file is empty"}
	case err != nil:
		return nil, err
	case fault != "":
		return nil, &HeaderError{Reason: fault}
	}
	return header, p.checkHeader(header)
}

// checkHeader refuses a column that is read and occurs twice.
func (p *Plan) checkHeader(header []string) error {
	for i, name := range header {
		if slices.Contains(header[:i], name) && slices.Contains(p.columns, name) {
			return &HeaderError{Reason: "column " + name + " occurs twice"}
		}
	}
	return nil
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

func (c *csvLayout) next() (Record, error) {
	values, row, column, err := c.table.Next()
	switch {
	case err != nil:
		return Record{}, err
	case column != "":
		return faulty(row.Raw, &Rejection{Reason: BadEncoding, Detail: "column " + column + " has " + row.Fault}), nil
	case row.Fault != "":
		return faulty(row.Raw, &Rejection{Reason: MalformedRow, Detail: row.Fault}), nil
	}
	return Record{Values: values}, nil
}
