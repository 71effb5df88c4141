package cut

import (
	"bytes"
	"io"
)

// Inside tells in which lists a place is. The zero value is in none.
type Inside uint8

// The lists, as bits.
const (
	InFile     Inside = 1 << iota // that is the file, or one of several behind each other
	InDocument                    // that is a member of a document
)

// Place is a place between two objects, from which reading can go on.
type Place struct {
	Offset int64
	Inside Inside
}

// Layout says where a file keeps its objects, besides one behind the other and as
// the elements of a list.
type Layout struct {
	// Members are names of lists of objects within a document, such as "users".
	Members []string
	// Apart are names that only documents have which are no object of interest
	// themselves, such as "realm". A document that has one of Members is none either.
	Apart []string
}

// Objects cuts a stream into JSON objects. It is used by one goroutine.
type Objects struct {
	s      *Scanner
	layout Layout
	inside Inside
	indent int // of the object that stands next, -1 if it begins no line
}

// The faults of objects.
const (
	faultObject = "not an object"
	faultEnds   = "the file ends within an object"
	faultShape  = "a damaged object"
	faultList   = "the file ends before its list does"
	faultRest   = "the document around the list is damaged"
)

// mostKept is how much of a damaged object is given.
const mostKept = 64 << 10

// NewObjects gives the objects of a stream from a place inside of lists on.
func NewObjects(s *Scanner, layout Layout, inside Inside) *Objects {
	return &Objects{s: s, layout: layout, inside: inside}
}

// Place tells where the next object begins, or what stands before it.
func (o *Objects) Place() Place { return Place{o.s.consumed, o.inside} }

// Next gives the next object, or io.EOF behind the last. One that is damaged has a
// fault; reading goes on behind it. Other errors are those of the stream.
func (o *Objects) Next() (Row, error) {
	for {
		c, err := o.peek()
		switch {
		case err != nil:
			return Row{}, err
		case c == 0 && o.inside != 0:
			o.inside = 0
			o.s.began = o.s.consumed
			return Row{Fault: faultList}, nil
		case c == 0:
			return Row{}, io.EOF
		case c == ',':
			o.s.skip(1)
		case c == ']' && o.inside != 0:
			o.s.skip(1)
			if found, row, err := o.leave(); found || err != nil {
				return row, err
			}
		case c == '[' && o.inside == 0:
			o.s.skip(1)
			o.inside = InFile
		case c != '{':
			return o.odd(c)
		case o.inside&InDocument == 0 && len(o.layout.Members)+len(o.layout.Apart) > 0:
			if found, row, err := o.document(); found || err != nil {
				return row, err
			}
		default:
			return o.object()
		}
	}
}

// peek gives the next character behind space, 0 at the end, and notes how far it
// stands in its line.
func (o *Objects) peek() (byte, error) {
	o.indent = -1
	if o.inside == 0 {
		o.indent = 0
	}
	for {
		n := o.space(o.s.data)
		o.s.skip(n)
		switch rest := o.s.data; {
		case o.inside == 0 && bytes.HasPrefix(rest, byteOrderMark):
			o.s.skip(len(byteOrderMark))
		case len(rest) >= len(byteOrderMark), len(rest) > 0 && (rest[0] != byteOrderMark[0] || o.s.ended):
			return rest[0], nil
		case o.s.ended:
			return 0, nil
		default:
			if err := o.s.fill(); err != nil {
				return 0, err
			}
		}
	}
}

// space counts what stands between objects.
func (o *Objects) space(data []byte) int {
	for i, c := range data {
		switch c {
		case '\n':
			o.indent = 0
		case ' ', '\t':
			if o.indent >= 0 {
				o.indent++
			}
		case '\r', 0x1e: // RFC 7464 separates texts so
		default:
			return i
		}
	}
	return len(data)
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// object gives the object that stands next, whatever is in it.
func (o *Objects) object() (Row, error) {
	v := o.shape()
	w := window{s: o.s, hold: true}
	is, err := w.feed(&v)
	if err != nil {
		return Row{}, err
	}
	return o.given(&w, is)
}

// shape follows the object that stands next.
func (o *Objects) shape() shape {
	return shape{alike: o.indent >= 0, indent: o.indent, column: beyondIndent}
}

// given gives what a window went through.
func (o *Objects) given(w *window, is verdict) (Row, error) {
	switch {
	case is != ended:
		return o.lost(w, is)
	case w.gone:
		o.s.began = w.began
		o.s.skip(w.at)
		return Row{Raw: w.kept, Fault: TooLong}, nil
	}
	found := Row{Raw: o.s.data[:w.at]}
	o.s.began = o.s.consumed
	o.s.skip(w.at)
	return found, nil
}

// odd passes what is no object.
func (o *Objects) odd(c byte) (Row, error) {
	w := window{s: o.s, hold: true}
	if o.inside == 0 {
		row, err := o.lost(&w, damaged)
		row.Fault = faultObject
		return row, err
	}
	if c == '}' || c == ':' {
		w.at = 1
		row, err := o.given(&w, ended)
		row.Fault = faultObject
		return row, err
	}
	is, err := w.value(c)
	if err != nil {
		return Row{}, err
	}
	row, err := o.given(&w, is)
	if row.Fault == "" {
		row.Fault = faultObject
	}
	return row, err
}
