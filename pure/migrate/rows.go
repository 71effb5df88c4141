package migrate

import (
	"io"

	"sallyport/pure/cut"
)

// Position is a place between two rows of an export.
type Position struct {
	Offset int64      // bytes from the beginning
	Row    int64      // rows before it, without the header
	Inside cut.Inside // lists that it is in
}

// Rows reads an export row by row. It is used by one goroutine.
//
// It takes what real exports hold: a byte order mark, CRLF or LF, blank lines,
// and in CSV quoted values with line breaks and empty values beyond the last
// column. A row that cannot be read becomes a record with a Fault, and reading
// goes on behind it: of CSV at the next line, of objects where the next one
// begins.
type Rows struct {
	layout layout
	row    int64
}

// layout is how the rows of a format become records.
type layout interface {
	// next reads one record, without its row number; io.EOF behind the last.
	next() (Record, error)
	// place is where the next row begins, start where the last one did.
	place() cut.Place
	start() int64
	// from is the same layout for another reader.
	from(r io.Reader, at cut.Place) layout
}

// Read begins to read the records of an export. Errors are [*HeaderError]s and
// [*FormatError]s, [ErrSecret], and those of r.
func (p *Plan) Read(r io.Reader) (*Rows, error) {
	var from layout
	var err error
	switch {
	case p.system != nil:
		from, err = p.openSystem(r)
	case p.objects != nil:
		from, err = open(cut.New(r, cut.Options{}), FileInput, p.objects.file(p))
	default:
		from, err = readHeader(cut.New(r, cut.Options{Delimiter: p.delimiter}), p)
	}
	if err != nil {
		return nil, err
	}
	return &Rows{layout: from}, nil
}

// ReadJoined begins to read an input that is joined to the records. Its rows
// are found by [Record.Joint]; those that nobody asks for become records that
// are held. Errors are those of [Plan.Read] and of [Plan.Joins].
func (p *Plan) ReadJoined(name Input, r io.Reader) (*Rows, error) {
	if err := p.Joins(name); err != nil {
		return nil, err
	}
	from, err := open(cut.New(r, cut.Options{}), name, p.objects.joined(p, name))
	if err != nil {
		return nil, err
	}
	return &Rows{layout: from}, nil
}

// From gives the rows of the same export, read by r, from a position on; r must
// stand there.
func (r *Rows) From(reader io.Reader, at Position) *Rows {
	return &Rows{layout: r.layout.from(reader, cut.Place{Offset: at.Offset, Inside: at.Inside}), row: at.Row}
}

// Position tells where the next row begins, or the blank lines before it.
func (r *Rows) Position() Position {
	at := r.layout.place()
	return Position{Offset: at.Offset, Row: r.row, Inside: at.Inside}
}

// Start tells where the row that was read last begins.
func (r *Rows) Start() int64 { return r.layout.start() }

// Next gives the next record, or io.EOF behind the last. Other errors are those
// of the reader.
func (r *Rows) Next() (Record, error) {
	record, err := r.layout.next()
	if err != nil {
		return Record{}, err
	}
	r.row++
	record.Row = r.row
	return record, nil
}
