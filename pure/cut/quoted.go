package cut

import "bytes"

// needMore stands for the end of a value that lies behind what was read so far.
const needMore = -1

// fieldwise reads a row that has quotes. A quote counts only at the beginning
// of a value; further on it is a character like any other.
func (s *Scanner) fieldwise() (n int, fault string, complete bool) {
	for at := 0; ; at++ { // past the delimiter
		value, end, fault := s.value(at)
		if fault == "" && end != needMore {
			fault = s.field(value)
		}
		switch {
		case fault != "":
			return 0, fault, true
		case end == needMore:
			return 0, "", false
		case end == len(s.data):
			return end, "", true
		case s.data[end] == '\n':
			return end + 1, "", true
		case s.data[end] == '\r':
			return end + 2, "", true
		}
		at = end
	}
}

// value reads the value that begins at a place and gives where it ends: at a
// delimiter, at the line break, or at the end of the data.
func (s *Scanner) value(at int) (value []byte, end int, fault string) {
	if at < len(s.data) && s.data[at] == '"' {
		if s.options.Loose {
			return s.looseQuoted(at + 1)
		}
		return s.quoted(at + 1)
	}
	if s.options.Loose {
		return s.looseValue(at)
	}
	for i := at; i < len(s.data); i++ {
		switch s.data[i] {
		case s.options.Delimiter:
			return s.data[at:i], i, ""
		case '\n':
			if i > at && s.data[i-1] == '\r' {
				i--
			}
			return s.data[at:i], i, ""
		}
	}
	if !s.ended {
		return nil, needMore, ""
	}
	return s.data[at:], len(s.data), ""
}

// quoted reads a value from behind its opening quote.
func (s *Scanner) quoted(at int) (value []byte, end int, fault string) {
	mark := len(s.scratch)
	for from := at; ; {
		length := bytes.IndexByte(s.data[from:], '"')
		switch {
		case length < 0 && s.ended:
			return nil, 0, "a quote is not closed"
		case length < 0 && len(s.data)-at > MaxField, length > MaxField:
			return nil, 0, "a value is too long, or a quote is not closed"
		case length < 0:
			return nil, needMore, ""
		}
		quote := from + length
		end, escaped, fault := s.behind(quote + 1)
		if !escaped && mark == len(s.scratch) {
			return s.data[at:quote], end, fault // nothing was escaped
		}
		s.scratch = append(s.scratch, s.data[from:quote]...)
		if !escaped {
			return s.scratch[mark:], end, fault
		}
		s.scratch = append(s.scratch, '"')
		from = quote + 2
	}
}

// behind tells what a quote within a quoted value is by what follows it: the
// first half of an escaped quote, or the end of the value.
func (s *Scanner) behind(at int) (end int, escaped bool, fault string) {
	rest := s.data[at:]
	switch {
	case len(rest) == 0 && s.ended, len(rest) == 1 && rest[0] == '\r' && s.ended:
		return len(s.data), false, ""
	case len(rest) == 0, len(rest) == 1 && rest[0] == '\r':
		return needMore, false, ""
	case rest[0] == '"':
		return 0, true, ""
	case rest[0] == s.options.Delimiter, rest[0] == '\n', rest[0] == '\r' && rest[1] == '\n':
		return at, false, ""
	}
	return 0, false, "text behind a closing quote"
}
