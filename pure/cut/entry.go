package cut

import (
	"bytes"
	"io"
)

// The faults of entries.
const (
	faultEntry  = "not an entry: it does not begin with its dn"
	faultChange = "a change to an entry, not an entry"
)

// Entry gives the next entry of LDIF (RFC 2849), its lines unfolded and without
// comments, or io.EOF behind the last. Lines that tell the version of the format
// or, as ldapsearch does, the end of a search are passed over. Do not use other
// methods that read besides it.
func (s *Scanner) Entry() (Row, error) {
	for {
		block, err := s.block()
		if err != nil {
			return Row{}, err
		}
		if block.Fault == "" {
			block.Raw = s.unfold(block.Raw)
			if len(block.Raw) == 0 {
				continue
			}
			block.Fault = entryFault(block.Raw)
		}
		return block, nil
	}
}

// block gives the lines up to the next blank one.
func (s *Scanner) block() (Row, error) {
	searched := 0
	for {
		if searched == 0 {
			s.skip(blank(s.data))
		}
		n, found := blockEnd(s.data, searched)
		switch {
		case found:
			return s.given(n), nil
		case s.ended && len(s.data) == 0:
			return Row{}, io.EOF
		case s.ended:
			return s.given(len(s.data)), nil
		case len(s.data) >= MaxRow:
			return s.longBlock()
		}
		searched = max(0, len(s.data)-2)
		if err := s.fill(); err != nil {
			return Row{}, err
		}
	}
}

// blockEnd finds the line break before a blank line.
func blockEnd(data []byte, from int) (n int, found bool) {
	for {
		at := bytes.IndexByte(data[from:], '\n')
		if at < 0 {
			return 0, false
		}
		from += at + 1
		if bytes.HasPrefix(data[from:], []byte("\n")) || bytes.HasPrefix(data[from:], []byte("\r\n")) {
			return from, true
		}
	}
}

// longBlock passes one that is too long.
func (s *Scanner) longBlock() (Row, error) {
	given := Row{Raw: bytes.Clone(s.data[:mostKept]), Fault: TooLong}
	s.began = s.consumed
	for {
		n, found := blockEnd(s.data, 0)
		if found {
			s.skip(n)
			return given, nil
		}
		if s.ended {
			s.skip(len(s.data))
			return given, nil
		}
		s.skip(max(0, len(s.data)-2)) // a blank line may begin there
		if err := s.fill(); err != nil {
			return Row{}, err
		}
	}
}

// unfold joins lines that go on in the next one, and leaves out what is no part of
// an entry.
func (s *Scanner) unfold(block []byte) []byte {
	s.scratch = s.scratch[:0]
	comment := false
	for len(block) > 0 {
		line, rest, _ := bytes.Cut(block, []byte("\n"))
		block = rest
		line = bytes.TrimSuffix(line, []byte("\r"))
		if folded, is := bytes.CutPrefix(line, []byte(" ")); is {
			if !comment && len(s.scratch) > 0 {
				s.scratch = append(s.scratch[:len(s.scratch)-1], folded...)
				s.scratch = append(s.scratch, '\n')
			}
			continue
		}
		comment = bytes.HasPrefix(line, []byte("#")) || len(s.scratch) == 0 && aside(line)
		if !comment {
			s.scratch = append(append(s.scratch, line...), '\n')
		}
	}
	return s.scratch
}

// aside tells whether a line before an entry is no part of it.
func aside(line []byte) bool {
	for _, name := range []string{"version:", "search:", "result:", "ref:", "matchedDN:"} {
		if len(line) >= len(name) && bytes.EqualFold(line[:len(name)], []byte(name)) {
			return true
		}
	}
	return len(bytes.TrimPrefix(line, byteOrderMark)) == 0
}

func entryFault(lines []byte) string {
	if len(lines) < 3 || !bytes.EqualFold(lines[:3], []byte("dn:")) {
		return faultEntry
	}
	for line := range bytes.Lines(lines) {
		if name, _, _ := bytes.Cut(line, []byte(":")); bytes.EqualFold(name, []byte("changetype")) {
			return faultChange
		}
	}
	return ""
}
