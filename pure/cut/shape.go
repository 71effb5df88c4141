package cut

// shape follows the nesting of a JSON value: just enough to tell where the value
// ends, and at once if it cannot be JSON. It takes no memory for depth, so that a
// value which is nested beyond all bounds is passed over like any other.
type shape struct {
	objects [knownDepth / 64]uint64 // bits: what is open at a depth is an object
	depth   int
	last    byte // '{', '[', ',', ':', or value; 0 at the beginning
	text    bool // within a text
	escaped bool // behind a backslash

	// alike watches for objects that begin on lines of their own as far from the left
	// as the one that is followed, which is then indent.
	alike  bool
	indent int
	column int // within the space at the beginning of a line; beyondIndent: behind it
}

const (
	// knownDepth is down to where it is known what a bracket closes.
	knownDepth = 1024

	value = 'v'

	beyondIndent = -1 << 30

	// mostNested is how many objects may begin alike within each other. Nobody writes
	// such a file, and each of them would be followed to its end in turn.
	mostNested = 64
)

// verdict is what is known of a value so far.
type verdict uint8

const (
	unended verdict = iota
	ended
	damaged
)

// feed reads on and gives the length of what it took.
func (v *shape) feed(data []byte) (n int, is verdict) {
	for n < len(data) {
		if v.text {
			end, whole := v.quoted(data[n:])
			n += end
			if !whole {
				return n, damaged
			}
			if !v.text && v.depth == 0 {
				return n, ended
			}
			continue
		}
		c := data[n]
		n++
		switch c {
		case '\n':
			v.column = 0
			continue
		case ' ', '\t':
			v.column++
			continue
		case '\r':
			continue
		case '{', '[':
			if !v.open(c) || v.nests(c) {
				return n - 1, damaged
			}
		case '}', ']':
			if !v.shut(c) {
				return n - 1, damaged
			}
			if v.depth == 0 {
				return n, ended
			}
		case '"':
			if v.last == value {
				return n - 1, damaged
			}
			v.text = true
		case ',':
			if v.last != value || v.depth == 0 {
				return n - 1, damaged
			}
			v.last = c
		case ':':
			if v.last != value || !v.within('{') {
				return n - 1, damaged
			}
			v.last = c
		default:
			v.last = value
		}
		v.column = beyondIndent
	}
	return n, unended
}

// nests tells whether too many objects begin alike within each other.
func (v *shape) nests(c byte) bool {
	return v.alike && c == '{' && v.depth > mostNested && v.column == v.indent
}

// quoted reads on within a text.
func (v *shape) quoted(data []byte) (n int, whole bool) {
	for i, c := range data {
		switch {
		case c < ' ':
			return i, false
		case v.escaped:
			v.escaped = false
		case c == '\\':
			v.escaped = true
		case c == '"':
			v.text, v.last = false, value
			return i + 1, true
		}
	}
	return len(data), true
}

func (v *shape) open(c byte) bool {
	switch v.last {
	case 0, '[', ':':
	case ',':
		if !v.within('[') {
			return false
		}
	default:
		return false
	}
	if v.depth < knownDepth {
		bit := uint64(1) << (v.depth & 63)
		v.objects[v.depth>>6] &^= bit
		if c == '{' {
			v.objects[v.depth>>6] |= bit
		}
	}
	v.depth++
	v.last = c
	return true
}

func (v *shape) shut(c byte) bool {
	if v.depth == 0 || v.last == ',' || v.last == ':' || !v.within(c-2) { // '[' and '{' stand two before
		return false
	}
	v.depth--
	v.last = value
	return true
}

// within tells whether the innermost bracket that is open may be of a kind.
func (v *shape) within(kind byte) bool {
	at := v.depth - 1
	if at < 0 || at >= knownDepth {
		return at >= knownDepth
	}
	return v.objects[at>>6]&(1<<(at&63)) != 0 == (kind == '{')
}
