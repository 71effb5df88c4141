package cut

import (
	"bytes"
	"io"
)

// Row is one row or line, valid until the next one is read.
type Row struct {
	Fields [][]byte // of a row
	Raw    []byte
	Fault  string // why it is not readable; it repeats no value
}

// Options say how a stream is cut.
type Options struct {
	Delimiter byte  // of rows; 0 is a comma
	Loose     bool  // of rows: a quote within a value is a character, and a backslash takes the next one as it is
	Verbatim  bool  // of loose rows: a backslash stays, and within quotes the character behind it is no quote
	Offset    int64 // where the stream stands in its file
}

// Scanner cuts a stream. It is used by one goroutine. encoding/csv was not used
// because an unclosed quote would make it swallow the rest of a file.
type Scanner struct {
	r        io.Reader
	options  Options
	data     []byte // read and not consumed, a part of buffer
	buffer   []byte
	ended    bool
	consumed int64 // since the file began
	began    int64 // where the row that was given last begins
	fields   [][]byte
	scratch  []byte // unescaped quoted values
}

// What one row may ask of us. Beyond that it has a fault.
const (
	MaxField   = 64 << 10 // bytes of one value
	MaxColumns = 500
	MaxRow     = 1 << 20 // bytes of one row, line, object or entry
)

const scanBuffer = 64 << 10

// TooLong is the fault of what is longer than MaxRow.
const TooLong = "the row is too long"

// New gives a scanner of a stream.
func New(r io.Reader, o Options) *Scanner {
	if o.Delimiter == 0 {
		o.Delimiter = ','
	}
	return &Scanner{r: r, options: o, buffer: make([]byte, scanBuffer), consumed: o.Offset, began: o.Offset}
}

// Another gives a scanner of the same kind for another stream, which stands at
// an offset of its file.
func (s *Scanner) Another(r io.Reader, offset int64) *Scanner {
	o := s.options
	o.Offset = offset
	return New(r, o)
}

// Offset tells where what was not read yet begins.
func (s *Scanner) Offset() int64 { return s.consumed }

// Start tells where what was given last begins.
func (s *Scanner) Start() int64 { return s.began }

// Beginning gives the first 64 KiB of what was not read yet, or fewer bytes if
// there are no more: then it is complete.
func (s *Scanner) Beginning() (data []byte, complete bool, err error) {
	if len(s.data) < scanBuffer && !s.ended {
		err = s.fill()
	}
	return s.data[:min(scanBuffer, len(s.data))], s.ended && len(s.data) <= scanBuffer, err
}

// fill reads more behind data. It reads as much as there is room for, so that a
// row is never looked at again for a few bytes.
func (s *Scanner) fill() error {
	if len(s.data) == len(s.buffer) {
		s.buffer = make([]byte, 2*len(s.buffer))
	}
	have := copy(s.buffer, s.data)
	n, err := io.ReadFull(s.r, s.buffer[have:])
	s.data = s.buffer[:have+n]
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		s.ended = true
		return nil
	}
	return err
}

func (s *Scanner) skip(n int) {
	s.data = s.data[n:]
	s.consumed += int64(n)
}

// Line gives the next line that is not blank as one raw value, or io.EOF.
func (s *Scanner) Line() (Row, error) {
	for searched := 0; ; {
		if searched == 0 {
			s.skip(blank(s.data))
		}
		end := bytes.IndexByte(s.data[searched:], '\n')
		switch {
		case end >= 0:
			return s.given(searched + end + 1), nil
		case s.ended && len(s.data) == 0:
			return Row{}, io.EOF
		case s.ended:
			return s.given(len(s.data)), nil
		case len(s.data) >= MaxRow:
			return s.tooLong()
		}
		searched = len(s.data)
		if searched == 1 && s.data[0] == '\r' {
			searched = 0 // perhaps the first half of a blank line
		}
		if err := s.fill(); err != nil {
			return Row{}, err
		}
	}
}

// given consumes the first n bytes as a row.
func (s *Scanner) given(n int) Row {
	found := Row{Raw: s.data[:n]}
	s.began = s.consumed
	s.skip(n)
	if n > MaxRow {
		found.Fault, found.Raw = TooLong, found.Raw[:MaxRow]
	}
	return found
}

// SkipMark passes a byte order mark.
func (s *Scanner) SkipMark() {
	if bytes.HasPrefix(s.data, []byte("\xef\xbb\xbf")) {
		s.skip(3)
	}
}

// blank counts the bytes of empty lines at the front.
func blank(data []byte) int {
	n := 0
	for {
		switch {
		case bytes.HasPrefix(data[n:], []byte("\n")):
			n++
		case bytes.HasPrefix(data[n:], []byte("\r\n")):
			n += 2
		default:
			return n
		}
	}
}

// tooLong gives up a row that is beyond all bounds, up to the end of its first line.
func (s *Scanner) tooLong() (Row, error) {
	given := Row{Raw: bytes.Clone(s.data[:MaxRow]), Fault: TooLong}
	s.began = s.consumed
	for {
		if n := bytes.IndexByte(s.data, '\n'); n >= 0 {
			s.skip(n + 1)
			return given, nil
		}
		s.skip(len(s.data))
		if s.ended {
			return given, nil
		}
		if err := s.fill(); err != nil {
			return Row{}, err
		}
	}
}
