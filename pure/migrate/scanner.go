package migrate

import (
	"bytes"
	"io"
)

// row is one row of a CSV file, valid until the next one is read.
type row struct {
	fields [][]byte
	raw    []byte
	fault  string // why it is not readable
}

// scanner cuts a stream into rows, with bounds on everything. encoding/csv was
// not used because an unclosed quote would make it swallow the rest of a file.
type scanner struct {
	r         io.Reader
	delimiter byte
	data      []byte // read and not consumed, a part of buffer
	buffer    []byte
	ended     bool
	consumed  int64
	began     int64 // where the row that was given last begins
	fields    [][]byte
	scratch   []byte // unescaped quoted values
}

const (
	scanBuffer = 64 << 10
	rowTooLong = "the row is too long"
)

func newScanner(r io.Reader, delimiter byte) *scanner {
	return &scanner{r: r, delimiter: delimiter, buffer: make([]byte, scanBuffer)}
}

// fill reads more behind data. It reads as much as there is room for, so that a
// row is never looked at again for a few bytes.
func (s *scanner) fill() error {
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

// peek gives the first n bytes, or fewer if there are no more.
func (s *scanner) peek(n int) ([]byte, error) {
	if len(s.data) < n && !s.ended {
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
	return s.data[:min(n, len(s.data))], nil
}

func (s *scanner) skip(n int) {
	s.data = s.data[n:]
	s.consumed += int64(n)
}

// next gives the next row that is not blank, or io.EOF.
func (s *scanner) next() (row, error) {
	for {
		s.skip(blank(s.data))
		n, fault, complete := s.parse()
		switch {
		case complete && n > 0:
			found := row{fields: s.fields, raw: s.data[:n], fault: fault}
			s.began = s.consumed
			s.skip(n)
			return found, nil
		case s.ended:
			return row{}, io.EOF
		case len(s.data) >= MaxRow:
			return s.tooLong()
		}
		if err := s.fill(); err != nil {
			return row{}, err
		}
	}
}

// line gives the next line that is not blank as one raw value, or io.EOF.
func (s *scanner) line() (row, error) {
	for searched := 0; ; {
		if searched == 0 {
			s.skip(blank(s.data))
		}
		end := bytes.IndexByte(s.data[searched:], '\n')
		switch {
		case end >= 0:
			return s.given(searched + end + 1), nil
		case s.ended && len(s.data) == 0:
			return row{}, io.EOF
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
			return row{}, err
		}
	}
}

// given consumes the first n bytes as a row.
func (s *scanner) given(n int) row {
	found := row{raw: s.data[:n]}
	s.began = s.consumed
	s.skip(n)
	if n > MaxRow {
		found.fault, found.raw = rowTooLong, found.raw[:MaxRow]
	}
	return found
}

// skipMark passes a byte order mark.
func (s *scanner) skipMark() {
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
func (s *scanner) tooLong() (row, error) {
	given := row{raw: bytes.Clone(s.data[:MaxRow]), fault: rowTooLong}
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
			return row{}, err
		}
	}
}

// parse reads a row at the front of data into fields and gives its length.
// Not complete: more data is needed to tell.
func (s *scanner) parse() (n int, fault string, complete bool) {
	s.fields, s.scratch = s.fields[:0], s.scratch[:0]
	end := bytes.IndexByte(s.data, '\n')
	if end < 0 && !s.ended || len(s.data) == 0 {
		return 0, "", false
	}
	line, length := s.data, len(s.data)
	if end >= 0 {
		line, length = s.data[:end], end+1
	}
	if bytes.IndexByte(line, '"') < 0 {
		return length, s.split(bytes.TrimSuffix(line, []byte("\r"))), true
	}
	n, fault, complete = s.fieldwise()
	if fault != "" {
		return length, fault, true
	}
	return n, "", complete
}

// split reads a line without quotes.
func (s *scanner) split(line []byte) (fault string) {
	for {
		at := bytes.IndexByte(line, s.delimiter)
		if at < 0 {
			return s.field(line)
		}
		if fault := s.field(line[:at]); fault != "" {
			return fault
		}
		line = line[at+1:]
	}
}

// field adds one value, within bounds.
func (s *scanner) field(value []byte) (fault string) {
	switch {
	case len(value) > MaxField:
		return "a value is too long"
	case len(s.fields) == MaxColumns:
		return "too many values"
	}
	s.fields = append(s.fields, value)
	return ""
}
