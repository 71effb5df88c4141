package cut

import "bytes"

// mostBreaks is how many line breaks a loose value may have. Behind a quote that is
// never closed reading goes on with the very next line, which may have another one:
// without this bound each of them would be looked for through all of [MaxField].
const mostBreaks = 50

const looseUnclosed = "a value is too long, or a quote is not closed"

// loose gathers a value as people write it.
type loose struct {
	s      *Scanner
	mark   int // where it begins in scratch
	breaks int
}

// add takes a character; false if the value would be too long.
func (l *loose) add(c byte) bool {
	if c == '\n' {
		l.breaks++
	}
	l.s.scratch = append(l.s.scratch, c)
	return len(l.s.scratch)-l.mark <= MaxField && l.breaks <= mostBreaks
}

// escaped takes what a backslash stands before, which is at the given place.
func (l *loose) escaped(at int) bool {
	if l.s.options.Verbatim && !l.add('\\') {
		return false
	}
	return at >= len(l.s.data) || l.add(l.s.data[at])
}

// looseValue reads an unquoted value in which a backslash takes the next character
// as it is. \N alone stays: it is how databases write nothing.
func (s *Scanner) looseValue(at int) (value []byte, end int, fault string) {
	l := loose{s: s, mark: len(s.scratch)}
	for i := at; i < len(s.data); i++ {
		fits := true
		switch c := s.data[i]; {
		case c == '\\' && !s.options.Verbatim:
			i++
			fits = l.escaped(i)
		case c == s.options.Delimiter, c == '\n', c == '\r' && i+1 < len(s.data) && s.data[i+1] == '\n':
			return s.unescaped(l.mark, at, i), i, ""
		default:
			fits = l.add(c)
		}
		if !fits {
			return nil, 0, "a value is too long"
		}
	}
	if !s.ended {
		return nil, needMore, ""
	}
	return s.unescaped(l.mark, at, len(s.data)), len(s.data), ""
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
	l := loose{s: s, mark: len(s.scratch)}
	for i := at; i < len(s.data); i++ {
		fits := true
		switch c := s.data[i]; c {
		case '\\':
			i++
			fits = l.escaped(i)
		case '"':
			end, escaped, fault := s.behind(i + 1)
			switch {
			case end == needMore:
				return nil, needMore, ""
			case escaped:
				i++
			case fault == "":
				return s.scratch[l.mark:], end, ""
			}
			fits = l.add(c)
		default:
			fits = l.add(c)
		}
		if !fits {
			return nil, 0, looseUnclosed
		}
	}
	if !s.ended {
		return nil, needMore, ""
	}
	return nil, 0, "a quote is not closed"
}
