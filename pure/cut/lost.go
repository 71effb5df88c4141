package cut

import "bytes"

// lost gives up the object at which a window began, and finds where the next one
// begins. Whoever wrote objects on lines of their own began all of them as far
// from the left: so a line that begins likewise is the next one. Within one line
// it is the next one that begins with the same two names.
func (o *Objects) lost(w *window, is verdict) (Row, error) {
	row := Row{Raw: w.kept, Fault: faultShape}
	if is == unended {
		row.Fault = faultEnds
	}
	from := w.at
	switch {
	case w.gone:
		o.s.began = w.began
	case !w.hold:
		o.s.began = o.s.consumed + int64(w.at)
	default:
		from = 1
		row.Raw = bytes.Clone(o.s.data[:min(w.at, mostKept)])
		o.s.began = o.s.consumed
	}
	err := o.goOn(min(from, len(o.s.data)), is == unended || w.gone)
	if o.s.ended && len(o.s.data) == 0 {
		o.inside = 0 // the lists end with the file, which is told already
	}
	return row, err
}

// goOn finds where to go on from. Within a line that was cut off, what looks like
// an object may be anything that its author wrote there.
func (o *Objects) goOn(from int, cutOff bool) error {
	switch {
	case o.indent >= 0:
		return o.nextLine(from)
	case cutOff:
		return o.skipAll()
	}
	return o.nextAlike()
}

// nextLine goes on to the line break before the next object.
func (o *Objects) nextLine(from int) error {
	for {
		for from < len(o.s.data) {
			at := bytes.IndexByte(o.s.data[from:], '\n')
			if at < 0 {
				break
			}
			from += at
			begins, enough := o.lineBegins(o.s.data[from+1:])
			if begins {
				o.s.skip(from)
				return nil
			}
			if !enough && !o.s.ended {
				break
			}
			from++
		}
		// From here on all is searched, but for a line break that may be the one.
		if at := bytes.IndexByte(o.s.data[min(from, len(o.s.data)):], '\n'); at >= 0 {
			o.s.skip(from + at)
		} else {
			o.s.skip(len(o.s.data))
		}
		from = 0
		if o.s.ended {
			o.s.skip(len(o.s.data))
			return nil
		}
		if err := o.s.fill(); err != nil {
			return err
		}
	}
}

// mostIndent is how far from the left an object may begin.
const mostIndent = 1 << 10

// lineBegins tells whether a line begins an object as far from the left as the one
// that was lost, or ends the list; enough tells whether that is certain.
func (o *Objects) lineBegins(line []byte) (begins, enough bool) {
	n := 0
	for n < len(line) && (line[n] == ' ' || line[n] == '\t') {
		if n++; n > mostIndent {
			return false, true
		}
	}
	if n == len(line) {
		return false, false
	}
	switch {
	case line[n] == '{':
		return n == o.indent, true
	case line[n] == ']':
		return o.inside != 0 && n < o.indent, true
	case line[n] == '[':
		return o.inside == 0 && n == o.indent, true
	}
	return false, true
}

// skipAll gives up the rest.
func (o *Objects) skipAll() error {
	for !o.s.ended {
		o.s.skip(len(o.s.data))
		if err := o.s.fill(); err != nil {
			return err
		}
	}
	o.s.skip(len(o.s.data))
	return nil
}

// mostAlike is within how many bytes an object must tell its first two names.
const mostAlike = 2 << 10

// nextAlike goes on to the next object that begins with the same two names.
func (o *Objects) nextAlike() error {
	for len(o.s.data) < mostAlike && !o.s.ended {
		if err := o.s.fill(); err != nil {
			return err
		}
	}
	want, known := beginning(o.s.data)
	if !known {
		return o.skipAll()
	}
	for from := 1; ; {
		for from+mostAlike <= len(o.s.data) || o.s.ended && from < len(o.s.data) {
			at := bytes.Index(o.s.data[from:], []byte(`{`))
			if at < 0 {
				from = len(o.s.data)
				break
			}
			from += at
			if from+mostAlike > len(o.s.data) && !o.s.ended {
				break
			}
			before := bytes.TrimRight(o.s.data[max(0, from-mostIndent):from], " \t\r\n")
			if names, known := beginning(o.s.data[from:]); known && names == want && bytes.HasSuffix(before, []byte(",")) {
				o.s.skip(from)
				return nil
			}
			from++
		}
		if o.s.ended {
			return o.skipAll()
		}
		if gone := min(from, len(o.s.data)) - mostIndent; gone > 0 { // what stands before a place still counts
			o.s.skip(gone)
			from -= gone
		}
		if err := o.s.fill(); err != nil {
			return err
		}
	}
}

// beginning gives the first two names of an object.
func beginning(data []byte) (names [2]string, known bool) {
	data = data[:min(len(data), mostAlike)]
	if len(data) == 0 || data[0] != '{' {
		return names, false
	}
	w := window{s: &Scanner{data: data, ended: true}, at: 1, hold: true}
	for i := range names {
		if c, _ := w.next(); c != '"' {
			return names, false
		}
		name, is, _ := w.name()
		if is != ended {
			return names, false
		}
		names[i] = name
		c, _ := w.next()
		if i == 1 {
			return names, true
		}
		if is, _ := w.value(c); is != ended {
			return names, false
		}
		if c, _ = w.next(); c != ',' {
			return names, c == '}'
		}
		w.at++
	}
	return names, true
}
