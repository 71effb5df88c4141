package migrate

import (
	"io"
)

// Position is a place between two rows of an export.
type Position struct {
	Offset int64 // bytes from the beginning
	Row    int64 // rows before it, without the header
}

// Rows reads an export row by row. It is used by one goroutine.
//
// It takes what real exports hold: a byte order mark, CRLF or LF, blank lines,
// and in CSV quoted values with line breaks and empty values beyond the last
// column. A row that cannot be read becomes a record with a Fault, ends at the
// first line break behind its beginning, and the next line is read again as a
// row.
type Rows struct {
	layout layout
	scan   *scanner
	base   int64 // where scan began
	at     Position
	start  int64
}

// layout is how the rows of a format become records.
type layout interface {
	// next reads one record, without its row number; io.EOF behind the last.
	next(s *scanner) (Record, error)
	// again is the same layout for another reader.
	again() layout
}

// Read begins to read the records of an export. Errors are [*HeaderError]s and
// [*FormatError]s and those of r.
func (p *Plan) Read(r io.Reader) (*Rows, error) {
	rows := &Rows{scan: newScanner(r, p.delimiter)}
	if p.objects != nil {
		return rows, rows.open(FileInput, p.objects.file(p))
	}
	if p.system != nil {
		return rows, rows.openSystem(p)
	}
	header, err := readHeader(rows.scan, p)
	if err != nil {
		return nil, err
	}
	rows.layout, rows.at.Offset = header, rows.scan.consumed
	return rows, nil
}

// ReadJoined begins to read an input that is joined to the records. Its rows
// are found by [Record.Joint]; those that nobody asks for become records that
// are held. Errors are those of [Plan.Read] and of [Plan.Joins].
func (p *Plan) ReadJoined(name Input, r io.Reader) (*Rows, error) {
	if err := p.Joins(name); err != nil {
		return nil, err
	}
	rows := &Rows{scan: newScanner(r, p.delimiter)}
	return rows, rows.open(name, p.objects.joined(p))
}

// From gives the rows of the same export, read by r, from a position on; r must
// stand there.
func (r *Rows) From(reader io.Reader, at Position) *Rows {
	return &Rows{layout: r.layout.again(), scan: newScanner(reader, r.scan.delimiter), base: at.Offset, at: at}
}

// Position tells where the next row begins, or the blank lines before it.
func (r *Rows) Position() Position { return r.at }

// Start tells where the row that was read last begins.
func (r *Rows) Start() int64 { return r.start }

// Next gives the next record, or io.EOF behind the last. Other errors are those
// of the reader.
func (r *Rows) Next() (Record, error) {
	record, err := r.layout.next(r.scan)
	if err != nil {
		return Record{}, err
	}
	r.start = r.base + r.scan.began
	r.at = Position{Offset: r.base + r.scan.consumed, Row: r.at.Row + 1}
	record.Row = r.at.Row
	return record, nil
}
