package cut

import (
	"bytes"
	"io"
)

// Row gives the next row that is not blank, or io.EOF.
func (s *Scanner) Row() (Row, error) {
	for {
		s.skip(blank(s.data))
		n, fault, complete := s.parse()
		switch {
		case complete && n > 0:
			found := Row{Fields: s.fields, Raw: s.data[:n], Fault: fault}
			s.began = s.consumed
			s.skip(n)
			return found, nil
		case s.ended:
			return Row{}, io.EOF
		case len(s.data) >= MaxRow:
			return s.tooLong()
		}
		if err := s.fill(); err != nil {
			return Row{}, err
		}
	}
}

// parse reads a row at the front of data into fields and gives its length.
// Not complete: more data is needed to tell.
func (s *Scanner) parse() (n int, fault string, complete bool) {
	s.fields, s.scratch = s.fields[:0], s.scratch[:0]
	end := bytes.IndexByte(s.data, '\n')
	if end < 0 && !s.ended || len(s.data) == 0 {
		return 0, "", false
	}
	line, length := s.data, len(s.data)
	if end >= 0 {
		line, length = s.data[:end], end+1
	}
	if bytes.IndexByte(line, '"') < 0 && !(s.options.Loose && bytes.IndexByte(line, '\\') >= 0) {
		return length, s.split(bytes.TrimSuffix(line, []byte("\r"))), true
	}
	n, fault, complete = s.fieldwise()
	if fault != "" {
		return length, fault, true
	}
	return n, "", complete
}

// split reads a line without quotes.
func (s *Scanner) split(line []byte) (fault string) {
	for {
		at := bytes.IndexByte(line, s.options.Delimiter)
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
func (s *Scanner) field(value []byte) (fault string) {
	switch {
	case len(value) > MaxField:
		return "a value is too long"
	case len(s.fields) == MaxColumns:
		return "too many values"
	}
	s.fields = append(s.fields, value)
	return ""
}
