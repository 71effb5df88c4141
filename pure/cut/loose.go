package cut

import "bytes"

// looseValue reads an unquoted value in which a backslash takes the next character
// as it is. \N alone stays: it is how databases write nothing.
func (s *Scanner) looseValue(at int) (value []byte, end int, fault string) {
	mark := len(s.scratch)
	for i := at; i < len(s.data); i++ {
		switch c := s.data[i]; {
		case c == '\\':
			if i++; i < len(s.data) {
				s.scratch = append(s.scratch, s.data[i])
			}
		case c == s.options.Delimiter, c == '\n', c == '\r' && i+1 < len(s.data) && s.data[i+1] == '\n':
			return s.unescaped(mark, at, i), i, ""
		default:
			s.scratch = append(s.scratch, c)
		}
	}
	if !s.ended {
		return nil, needMore, ""
	}
	return s.unescaped(mark, at, len(s.data)), len(s.data), ""
}

func (s *Scanner) unescaped(mark, from, to int) []byte {
	if raw := s.data[from:to]; string(raw) == `\N` || bytes.IndexByte(raw, '\\') < 0 {
		return raw
	}
	return s.scratch[mark:]
}

// looseQuoted reads a value from behind its opening quote. Only a quote behind
// which a value can end closes it.
func (s *Scanner) looseQuoted(at int) (value []byte, end int, fault string) {
	mark := len(s.scratch)
	for i := at; i < len(s.data); i++ {
		switch c := s.data[i]; c {
		case '\\':
			if i++; i < len(s.data) {
				s.scratch = append(s.scratch, s.data[i])
			}
		case '"':
			end, escaped, fault := s.behind(i + 1)
			switch {
			case end == needMore:
				return nil, needMore, ""
			case escaped:
				i++
				fallthrough
			case fault != "":
				s.scratch = append(s.scratch, c)
			default:
				return s.scratch[mark:], end, ""
			}
		default:
			s.scratch = append(s.scratch, c)
		}
		if len(s.scratch)-mark > MaxField {
			return nil, 0, "a value is too long, or a quote is not closed"
		}
	}
	if !s.ended {
		return nil, needMore, ""
	}
	return nil, 0, "a quote is not closed"
}
