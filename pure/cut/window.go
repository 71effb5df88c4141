package cut

import "bytes"

// window goes along what a scanner has read and not consumed. It holds everything
// from where it began, until that is too much: then it lets go, but for the first
// part, and only counts.
type window struct {
	s    *Scanner
	at   int   // in the scanner's data
	hold bool  // false: it lets go at once
	of   shape // what values are followed by, afresh each

	gone  bool
	began int64
	kept  []byte
}

// more reads more behind what is there; false at the end.
func (w *window) more() (bool, error) {
	if w.s.ended {
		return false, nil
	}
	if !w.hold || len(w.s.data) >= MaxRow {
		if w.hold && !w.gone {
			w.gone, w.began = true, w.s.consumed
			w.kept = bytes.Clone(w.s.data[:mostKept])
		}
		w.s.skip(w.at)
		w.at = 0
	}
	have := len(w.s.data)
	if err := w.s.fill(); err != nil {
		return false, err
	}
	return len(w.s.data) > have || !w.s.ended, nil
}

// feed goes on to the end of a value, which is not ended at the end of the stream.
func (w *window) feed(v *shape) (verdict, error) {
	for {
		n, is := v.feed(w.s.data[w.at:])
		w.at += n
		if is != unended {
			return is, nil
		}
		if more, err := w.more(); err != nil || !more {
			return unended, err
		}
	}
}

// next gives the next character behind space without passing it, 0 at the end.
func (w *window) next() (byte, error) {
	for {
		for ; w.at < len(w.s.data); w.at++ {
			switch c := w.s.data[w.at]; c {
			case ' ', '\n', '\r', '\t':
			default:
				return c, nil
			}
		}
		if more, err := w.more(); err != nil || !more {
			return 0, err
		}
	}
}

// value passes any value that begins with a character.
func (w *window) value(c byte) (verdict, error) {
	switch c {
	case '{', '[', '"':
		v := w.of
		return w.feed(&v)
	}
	for {
		for ; w.at < len(w.s.data); w.at++ {
			switch w.s.data[w.at] {
			case ',', ']', '}', ' ', '\n', '\r', '\t':
				return ended, nil
			case '{', '[', '"', ':':
				return damaged, nil
			}
		}
		if more, err := w.more(); err != nil || !more {
			return unended, err
		}
	}
}

// name reads a name and passes the colon behind it. One that is written with
// escapes, or is very long, is none that anybody looks for.
func (w *window) name() (name string, is verdict, err error) {
	var v shape
	var text []byte
	for {
		n, is := v.feed(w.s.data[w.at:])
		if len(text) <= longestName {
			text = append(text, w.s.data[w.at:w.at+min(n, longestName+2)]...)
		}
		w.at += n
		if is == damaged {
			return "", is, nil
		}
		if is == ended {
			break
		}
		if more, err := w.more(); err != nil || !more {
			return "", unended, err
		}
	}
	c, err := w.next()
	switch {
	case err != nil || c == 0:
		return "", unended, err
	case c != ':':
		return "", damaged, nil
	}
	w.at++
	if len(text) <= longestName {
		name = string(text[1 : len(text)-1])
	}
	return name, ended, nil
}

const longestName = 128
