package legacy

import (
	"bytes"
	"fmt"
	"io"

	"sallyport/pure/cut"
)

// Dialect says how a file of rows is written. The zero value is CSV in UTF-8.
type Dialect struct {
	Delimiter byte   // 0: a comma
	Null      string // what stands for nothing; an empty value always does
	Encoding  string // "utf-8" (default), "windows-1252", "iso-8859-1"
}

// Cutter gives the elements of a file. It is used by one goroutine.
//
// It takes what real exports hold: a byte order mark, CRLF or LF, blank lines,
// several files behind each other, and rows of a table as CSV or as JSON objects.
// What cannot be read becomes a fault, and the next element is found again.
type Cutter struct {
	s       *cut.Scanner
	frame   Frame
	dialect Dialect
	table   *cut.Table
	objects *cut.Objects // of Objects, and of Rows that are written as such
}

// Cut begins to read a file. A [*Fault] says that its header is not usable; other
// errors are those of r.
func Cut(f Frame, d Dialect, r io.Reader) (*Cutter, error) {
	c := &Cutter{frame: f, dialect: d}
	c.s = cut.New(r, cut.Options{Delimiter: d.Delimiter, Loose: f.Loose, Verbatim: f.Verbatim})
	beginning, _, err := c.s.Beginning()
	if err != nil {
		return nil, err
	}
	c.s.SkipMark()
	switch f.Kind {
	case Objects:
		c.objects = cut.NewObjects(c.s, c.layout(), 0)
	case Entries:
	case Bare, Rows:
		return c, c.openTable(beginning)
	default:
		return nil, &Fault{What: fmt.Sprintf("no frame is called %q", f.Kind)}
	}
	return c, nil
}

func (c *Cutter) layout() cut.Layout {
	return cut.Layout{Members: c.frame.Members, Apart: c.frame.Apart}
}

func (c *Cutter) openTable(beginning []byte) error {
	set, known := cut.CharsetOf(c.dialect.Encoding)
	if !known {
		return &Fault{What: "no encoding is called so"}
	}
	columns := cut.Columns{Names: c.frame.Columns, Null: c.dialect.Null, Charset: set, Short: true}
	if c.frame.Kind == Rows {
		if WrittenAsObjects(beginning) {
			c.objects = cut.NewObjects(c.s, c.layout(), 0)
			return nil
		}
		names, fault, err := c.s.Header(set)
		switch {
		case err == io.EOF:
			return &Fault{What: "the file is empty"}
		case err != nil:
			return err
		case fault != "":
			return &Fault{Where: "header", What: fault}
		}
		columns.Names, columns.Short = names, false
	}
	columns.Width = len(columns.Names)
	for i := range columns.Names {
		columns.Index = append(columns.Index, i)
	}
	c.table = c.s.Table(columns)
	return nil
}

// WrittenAsObjects tells whether a file of rows holds JSON, by its beginning.
func WrittenAsObjects(beginning []byte) bool {
	text := bytes.TrimLeft(bytes.TrimPrefix(beginning, []byte("\xef\xbb\xbf")), " \t\r\n")
	return len(text) > 0 && (text[0] == '{' || text[0] == '[')
}

// Names are the columns of a table, if the file tells them once for all rows; nil
// if it does not. The caller must not change them.
func (c *Cutter) Names() []string {
	if c.table == nil {
		return nil
	}
	return c.table.Names
}

// Place tells where the next element begins, or what stands before it.
func (c *Cutter) Place() cut.Place {
	if c.objects != nil {
		return c.objects.Place()
	}
	return cut.Place{Offset: c.s.Offset()}
}

// Start tells where the element that was given last begins.
func (c *Cutter) Start() int64 { return c.s.Start() }

// From gives the elements of the same file, read by r, from a place on; r must
// stand there.
func (c *Cutter) From(r io.Reader, at cut.Place) *Cutter {
	next := *c
	next.s = c.s.Another(r, at.Offset)
	if c.table != nil {
		next.table = next.s.Table(c.table.Columns)
	}
	if c.objects != nil {
		next.objects = cut.NewObjects(next.s, c.layout(), at.Inside)
	}
	return &next
}

// Next gives the next element, valid until the one after it is read, or io.EOF
// behind the last. A [*Fault] is an element that cannot be read, beside the bytes
// of it that are known; reading goes on behind it. Other errors are those of the
// reader.
func (c *Cutter) Next() (Element, error) {
	if c.table != nil {
		values, row, column, err := c.table.Next()
		if err == nil && row.Fault != "" {
			return Element{Raw: row.Raw}, &Fault{Where: column, What: row.Fault}
		}
		return Element{Names: c.table.Names, Values: values}, err
	}
	row, err := c.part()
	switch {
	case err != nil:
		return Element{}, err
	case row.Fault != "":
		return Element{Raw: row.Raw}, &Fault{What: row.Fault}
	case c.frame.Kind == Rows:
		return rowOf(row.Raw)
	}
	return Element{Raw: row.Raw}, nil
}

func (c *Cutter) part() (cut.Row, error) {
	if c.objects == nil {
		return c.s.Entry()
	}
	return c.objects.Next()
}

// rowOf makes a row of an object. What it holds in lists and objects of its own is
// a column by its path; a list of values is a column for each.
func rowOf(raw []byte) (Element, error) {
	fields, err := Flatten(raw)
	if err != nil {
		return Element{Raw: raw}, err
	}
	var e Element
	for _, f := range fields {
		for i, value := range f.Values {
			name := f.Name
			if len(f.Values) > 1 {
				name = fmt.Sprintf("%s.%d", f.Name, i)
			}
			e.Names, e.Values = append(e.Names, name), append(e.Values, value)
		}
	}
	return e, nil
}
