package cut

import "slices"

// document reads the object that stands next: if it has a list of objects, up to
// the first of them; else it is an object of interest itself. Not found: reading
// goes on.
func (o *Objects) document() (found bool, row Row, err error) {
	w := window{s: o.s, hold: true, at: 1, of: o.shape()}
	list, apart, is, err := o.members(&w)
	switch {
	case err != nil:
		return false, Row{}, err
	case list:
		o.s.skip(w.at)
		o.inside |= InDocument
		return false, Row{}, nil
	case is == ended && apart:
		o.s.skip(w.at)
		return false, Row{}, nil
	}
	row, err = o.given(&w, is)
	return true, row, err
}

// leave reads on behind the end of a list: to the next list of the document, or to
// its end.
func (o *Objects) leave() (found bool, row Row, err error) {
	if o.inside&InDocument == 0 {
		o.inside = 0
		return false, Row{}, nil
	}
	o.inside &^= InDocument
	w := window{s: o.s}
	list, _, is, err := o.members(&w)
	switch {
	case err != nil:
		return false, Row{}, err
	case is == ended:
		o.s.skip(w.at)
		if list {
			o.inside |= InDocument
		}
		return false, Row{}, nil
	}
	o.inside = 0
	o.indent = 0
	row, err = o.lost(&w, is)
	row.Fault = faultRest
	return true, row, err
}

// members goes through those of a document, to behind the bracket that opens a list
// of objects, or behind the end of the document.
func (o *Objects) members(w *window) (list, apart bool, is verdict, err error) {
	for {
		c, err := w.next()
		switch {
		case err != nil || c == 0:
			return false, apart, unended, err
		case c == ',':
			w.at++
			continue
		case c == '}':
			w.at++
			return false, apart, ended, nil
		case c != '"':
			return false, apart, damaged, nil
		}
		name, is, err := w.name()
		if err != nil || is != ended {
			return false, apart, is, err
		}
		apart = apart || slices.Contains(o.layout.Apart, name)
		list, is, err := o.member(w, slices.Contains(o.layout.Members, name))
		if err != nil || is != ended || list {
			return list, apart, is, err
		}
	}
}

// member passes a value, or, of a list of objects that is wanted, its bracket.
func (o *Objects) member(w *window, wanted bool) (list bool, is verdict, err error) {
	c, err := w.next()
	switch {
	case err != nil || c == 0:
		return false, unended, err
	case c != '[' || !wanted:
		is, err = w.value(c)
		return false, is, err
	}
	// Only behind the bracket is it known whether these are objects. Nothing may be
	// let go in between, so that the whole list can still be passed.
	w.at++
	first, err := w.next()
	switch {
	case err != nil || first == 0:
		return false, unended, err
	case first == '{', first == ']':
		return true, ended, nil
	}
	v := shape{depth: 1, last: '['}
	is, err = w.feed(&v)
	return false, is, err
}
