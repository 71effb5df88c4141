// Package php reads values as PHP's serialize writes them, the form in which
// applications in PHP keep lists and settings in one column.
//
// Objects and references are refused: nothing that is read here has a use for
// them, and they are what makes such texts dangerous. A length that is written in
// the text is never believed before that much text is there.
package php

import (
	"errors"
	"strconv"
	"strings"
)

// ErrValue reports what is no serialised value, or one of a kind or a size that
// is not read.
var ErrValue = errors.New("not a serialised value that is read")

// What one value may ask of us.
const (
	maxBytes   = 1 << 20
	maxDepth   = 16
	maxMembers = 10_000 // in all of its arrays
)

// Kind says what a value is.
type Kind string

// The kinds.
const (
	Null   Kind = "null"
	Bool   Kind = "bool"
	Number Kind = "number"
	Text   Kind = "text"
	Array  Kind = "array"
)

// Value is one value.
type Value struct {
	Kind    Kind
	Text    string // of Text; of Number as it is written; "1" or "0" of Bool
	Members []Member
}

// Member is one of an array's, in its order.
type Member struct {
	Key   string
	Value Value
}

// Parse reads one value, and nothing behind it. It may be shared between
// goroutines. [ErrValue].
func Parse(text string) (Value, error) {
	if len(text) > maxBytes {
		return Value{}, ErrValue
	}
	p := &parser{rest: text}
	value, ok := p.value(0)
	if !ok || p.rest != "" {
		return Value{}, ErrValue
	}
	return value, nil
}

type parser struct {
	rest    string
	members int
}

// take gives what stands before the next end, and passes both.
func (p *parser) take(end byte) (string, bool) {
	at := strings.IndexByte(p.rest[:min(len(p.rest), 64)], end)
	if at < 0 {
		return "", false
	}
	text := p.rest[:at]
	p.rest = p.rest[at+1:]
	return text, true
}

func (p *parser) pass(text string) bool {
	rest, ok := strings.CutPrefix(p.rest, text)
	p.rest = rest
	return ok
}

// length reads a number of bytes or members, which is at most what is left.
func (p *parser) length() (int, bool) {
	text, ok := p.take(':')
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), ok && err == nil && n <= uint64(len(p.rest))
}

func (p *parser) value(depth int) (Value, bool) {
	switch {
	case depth > maxDepth:
	case p.pass("N;"):
		return Value{Kind: Null}, true
	case p.pass("b:"):
		text, ok := p.take(';')
		return Value{Kind: Bool, Text: text}, ok && (text == "0" || text == "1")
	case p.pass("i:"):
		text, ok := p.take(';')
		_, err := strconv.ParseInt(text, 10, 64)
		return Value{Kind: Number, Text: text}, ok && err == nil
	case p.pass("d:"):
		text, ok := p.take(';')
		_, err := strconv.ParseFloat(text, 64)
		return Value{Kind: Number, Text: text}, ok && err == nil
	case p.pass("s:"):
		return p.text()
	case p.pass("a:"):
		return p.array(depth)
	}
	return Value{}, false
}

func (p *parser) text() (Value, bool) {
	n, ok := p.length()
	if !ok || !p.pass(`"`) || n > len(p.rest) {
		return Value{}, false
	}
	text := p.rest[:n]
	p.rest = p.rest[n:]
	return Value{Kind: Text, Text: text}, p.pass(`";`)
}

func (p *parser) array(depth int) (Value, bool) {
	n, ok := p.length()
	p.members += n
	if !ok || p.members > maxMembers || !p.pass("{") {
		return Value{}, false
	}
	array := Value{Kind: Array}
	for range n {
		key, ok := p.value(depth + 1)
		if !ok || key.Kind != Text && key.Kind != Number {
			return Value{}, false
		}
		value, ok := p.value(depth + 1)
		if !ok {
			return Value{}, false
		}
		array.Members = append(array.Members, Member{key.Text, value})
	}
	return array, p.pass("}")
}
