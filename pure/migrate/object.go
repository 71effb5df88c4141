package migrate

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// What one JSON object may ask of us, besides MaxRow.
const (
	maxDepth = 32
	maxList  = 1000 // values of a list that are read
)

// notScalar stands for an object or a list where one value is read. No field
// takes it: it holds a character that no value may have.
const notScalar = "\x00"

// picked is what was taken out of an object.
type picked struct {
	values []string         // by column
	lists  map[int][]string // columns that held a list, by its elements
	whole  []byte           // text of the branch that is kept whole; valid as long as the line
}

// picker reads one JSON object (RFC 8259). encoding/json was not used: of a
// name that occurs twice it takes the last and tells nobody, it takes names in
// any spelling of case, and mends broken characters in silence. Whoever wrote
// such a record meant to be read in two ways.
type picker struct {
	data []byte
	at   int
	out  *picked
}

// The faults of objects.
const (
	faultEnds   = "it ends within an object"
	faultSyntax = "not a JSON object"
	faultTwice  = "a name occurs twice in an object"
	faultDeep   = "objects are nested too deeply"
	faultEscape = "an escape that stands for no character"
	faultBehind = "text behind the object"
)

// pick takes out of a line, which must be UTF-8, what the tree reads. A fault
// is "" if there is none.
func pick(tree *branch, line []byte, out *picked) (fault string) {
	if out.values == nil {
		out.values = make([]string, tree.width())
	}
	p := &picker{data: line, out: out}
	p.space()
	if p.at == len(line) || line[p.at] != '{' {
		return faultSyntax
	}
	if fault := p.value(tree, 0); fault != "" {
		return fault
	}
	p.space()
	if p.at < len(line) {
		return faultBehind
	}
	return ""
}

// width is one more than the highest column.
func (b *branch) width() (n int) {
	for _, column := range b.columns {
		n = max(n, column+1)
	}
	for _, below := range b.down {
		n = max(n, below.width())
	}
	return n
}

func (p *picker) space() {
	for p.at < len(p.data) && (p.data[p.at] == ' ' || p.data[p.at] == '\t' || p.data[p.at] == '\r' || p.data[p.at] == '\n') {
		p.at++
	}
}

// value reads any value; b is nil if nothing of it is wanted.
func (p *picker) value(b *branch, depth int) (fault string) {
	p.space()
	if p.at == len(p.data) {
		return faultEnds
	}
	from := p.at
	switch p.data[p.at] {
	case '{':
		p.fill(b, notScalar)
		fault = p.object(b, depth+1)
	case '[':
		fault = p.array(b, depth+1)
	default:
		var text string
		if text, fault = p.scalar(b != nil && len(b.columns) > 0); fault == "" {
			p.fill(b, text)
		}
	}
	if b != nil && b.whole && fault == "" {
		p.out.whole = p.data[from:p.at]
	}
	return fault
}

func (p *picker) fill(b *branch, text string) {
	if b == nil {
		return
	}
	for _, column := range b.columns {
		p.out.values[column] = text
	}
}

// next passes a character that must be there.
func (p *picker) next(c byte) (fault string) {
	p.space()
	switch {
	case p.at == len(p.data):
		return faultEnds
	case p.data[p.at] != c:
		return faultSyntax
	}
	p.at++
	return ""
}

// closes passes the end of an object or a list, or the comma before its next
// part; first tells whether that would be the first.
func (p *picker) closes(end byte, first bool) (closed bool, fault string) {
	p.space()
	switch {
	case p.at == len(p.data):
		return false, faultEnds
	case p.data[p.at] == end:
		p.at++
		return true, ""
	case first:
		return false, ""
	}
	return false, p.next(',')
}

func (p *picker) object(b *branch, depth int) (fault string) {
	if depth > maxDepth {
		return faultDeep
	}
	p.at++
	var met names
	for first := true; ; first = false {
		closed, fault := p.closes('}', first)
		if fault != "" || closed {
			return fault
		}
		p.space()
		name, fault := p.text()
		switch {
		case fault != "":
			return fault
		case !met.add(name):
			return faultTwice
		}
		if fault := p.next(':'); fault != "" {
			return fault
		}
		if fault := p.value(b.at(name), depth); fault != "" {
			return fault
		}
	}
}

func (b *branch) at(name []byte) *branch {
	if b == nil {
		return nil
	}
	return b.down[string(name)]
}

// names finds one that occurs twice, in linear time.
type names struct {
	few   [24][]byte
	count int
	many  map[string]bool // once they are more than few
}

func (n *names) add(name []byte) (fresh bool) {
	if n.count < len(n.few) {
		if slices.ContainsFunc(n.few[:n.count], func(other []byte) bool { return bytes.Equal(other, name) }) {
			return false
		}
		n.few[n.count] = name
		n.count++
		return true
	}
	if n.many == nil {
		n.many = make(map[string]bool, 4*len(n.few))
		for _, other := range n.few {
			n.many[string(other)] = true
		}
	}
	if n.many[string(name)] {
		return false
	}
	n.many[string(name)] = true
	return true
}

func (p *picker) array(b *branch, depth int) (fault string) {
	if depth > maxDepth {
		return faultDeep
	}
	p.at++
	wanted := b != nil && len(b.columns) > 0
	var list []string
	for n := 0; ; n++ {
		closed, fault := p.closes(']', n == 0)
		if fault != "" {
			return fault
		}
		if closed {
			break
		}
		text, fault := p.element(b, n, wanted && n < maxList, depth)
		if fault != "" {
			return fault
		}
		if wanted && n < maxList {
			list = append(list, text)
		}
	}
	if len(list) > 0 {
		p.keep(b, list)
	}
	return ""
}

// element reads the n-th value of a list, and gives it if it is wanted.
func (p *picker) element(b *branch, n int, wanted bool, depth int) (text, fault string) {
	var below *branch
	if b != nil && b.down != nil {
		below = b.down[strconv.Itoa(n)]
	}
	p.space()
	if p.at < len(p.data) && wanted && below == nil && p.data[p.at] != '{' && p.data[p.at] != '[' {
		return p.scalar(true)
	}
	return notScalar, p.value(below, depth)
}

func (p *picker) keep(b *branch, list []string) {
	if p.out.lists == nil {
		p.out.lists = map[int][]string{}
	}
	p.fill(b, notScalar)
	for _, column := range b.columns {
		p.out.lists[column] = list
	}
}

// scalar reads a text, a number as it is written, true, false, or null, which
// is nothing.
func (p *picker) scalar(wanted bool) (value, fault string) {
	if p.data[p.at] == '"' {
		text, fault := p.text()
		if !wanted || fault != "" {
			return "", fault
		}
		return string(text), ""
	}
	from := p.at
	for p.at < len(p.data) && !ends(p.data[p.at]) {
		p.at++
	}
	word := p.data[from:p.at]
	switch {
	case string(word) == "null":
		return "", ""
	case string(word) == "true", string(word) == "false", number(word):
		return string(word), ""
	case p.at == len(p.data):
		return "", faultEnds
	}
	return "", faultSyntax
}

// ends tells whether a word ends before a character.
func ends(c byte) bool {
	switch c {
	case ' ', '\t', '\r', '\n', ',', ']', '}':
		return true
	}
	return false
}

// number tells whether a word is one by RFC 8259 §6.
func number(word []byte) bool {
	word = bytes.TrimPrefix(word, []byte("-"))
	whole, rest := digits(word)
	if len(whole) == 0 || len(whole) > 1 && whole[0] == '0' {
		return false
	}
	if len(rest) > 0 && rest[0] == '.' {
		fraction, more := digits(rest[1:])
		if len(fraction) == 0 {
			return false
		}
		rest = more
	}
	if len(rest) > 0 && (rest[0] == 'e' || rest[0] == 'E') {
		rest = rest[1:]
		if len(rest) > 0 && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		exponent, more := digits(rest)
		if len(exponent) == 0 {
			return false
		}
		rest = more
	}
	return len(rest) == 0
}

func digits(word []byte) (leading, rest []byte) {
	n := 0
	for n < len(word) && word[n] >= '0' && word[n] <= '9' {
		n++
	}
	return word[:n], word[n:]
}

// text reads a quoted text; without escapes it is a part of the line.
func (p *picker) text() (text []byte, fault string) {
	if fault := p.next('"'); fault != "" {
		return nil, fault
	}
	from := p.at
	for ; p.at < len(p.data); p.at++ {
		switch c := p.data[p.at]; {
		case c == '"':
			p.at++
			return p.data[from : p.at-1], ""
		case c == '\\':
			return p.escaped(bytes.Clone(p.data[from:p.at]))
		case c < 0x20:
			return nil, faultSyntax
		}
	}
	return nil, faultEnds
}

// escaped reads on from the first escape.
func (p *picker) escaped(text []byte) ([]byte, string) {
	for p.at < len(p.data) {
		c := p.data[p.at]
		p.at++
		switch {
		case c == '"':
			return text, ""
		case c < 0x20:
			return nil, faultSyntax
		case c != '\\':
			text = append(text, c)
			continue
		}
		r, fault := p.escape()
		if fault != "" {
			return nil, fault
		}
		text = utf8.AppendRune(text, r)
	}
	return nil, faultEnds
}

// escape reads what follows a backslash.
func (p *picker) escape() (rune, string) {
	if p.at == len(p.data) {
		return 0, faultEnds
	}
	c := p.data[p.at]
	p.at++
	if at := bytes.IndexByte([]byte(`"\/bfnrt`), c); at >= 0 {
		return rune("\"\\/\b\f\n\r\t"[at]), ""
	}
	if c != 'u' {
		return 0, faultSyntax
	}
	r, fault := p.unit()
	if fault != "" || !utf16.IsSurrogate(r) {
		return r, fault
	}
	if !bytes.HasPrefix(p.data[p.at:], []byte(`\u`)) {
		return 0, faultEscape
	}
	p.at += 2
	low, fault := p.unit()
	if fault != "" {
		return 0, fault
	}
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
		return 0, faultEscape
	}
	return r, ""
}

// unit reads four hexadecimal digits.
func (p *picker) unit() (rune, string) {
	if len(p.data)-p.at < 4 {
		return 0, faultEnds
	}
	n, err := strconv.ParseUint(string(p.data[p.at:p.at+4]), 16, 16)
	if err != nil {
		return 0, faultSyntax
	}
	p.at += 4
	return rune(n), ""
}
