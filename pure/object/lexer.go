package object

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Fault says what is wrong with a text; "" is nothing. It repeats no value.
type Fault string

// The faults.
const (
	Ends    Fault = "it ends within an object"
	Syntax  Fault = "not a JSON object"
	Twice   Fault = "a name occurs twice in an object"
	Deep    Fault = "objects are nested too deeply"
	Escape  Fault = "an escape that stands for no character"
	Behind  Fault = "text behind the object"
	Charset Fault = "bytes that are not UTF-8"
)

// MaxDepth is how deeply objects and lists may be nested.
const MaxDepth = 32

// Lexer reads along a text, which must be UTF-8. It is used by one goroutine.
type Lexer struct {
	Data []byte
	At   int
}

// Space passes what stands between values.
func (l *Lexer) Space() {
	for l.At < len(l.Data) && (l.Data[l.At] == ' ' || l.Data[l.At] == '\t' || l.Data[l.At] == '\r' || l.Data[l.At] == '\n') {
		l.At++
	}
}

// Next passes a character that must be there.
func (l *Lexer) Next(c byte) (fault Fault) {
	l.Space()
	switch {
	case l.At == len(l.Data):
		return Ends
	case l.Data[l.At] != c:
		return Syntax
	}
	l.At++
	return ""
}

// Closes passes the end of an object or a list, or the comma before its next
// part; first tells whether that would be the first.
func (l *Lexer) Closes(end byte, first bool) (closed bool, fault Fault) {
	l.Space()
	switch {
	case l.At == len(l.Data):
		return false, Ends
	case l.Data[l.At] == end:
		l.At++
		return true, ""
	case first:
		return false, ""
	}
	return false, l.Next(',')
}

// Scalar reads a text, a number as it is written, true, false, or null, which
// is nothing.
func (l *Lexer) Scalar(wanted bool) (value string, fault Fault) {
	if l.Data[l.At] == '"' {
		text, fault := l.Text()
		if !wanted || fault != "" {
			return "", fault
		}
		return string(text), ""
	}
	from := l.At
	for l.At < len(l.Data) && !ends(l.Data[l.At]) {
		l.At++
	}
	word := l.Data[from:l.At]
	switch {
	case string(word) == "null":
		return "", ""
	case string(word) == "true", string(word) == "false", number(word):
		return string(word), ""
	case l.At == len(l.Data):
		return "", Ends
	}
	return "", Syntax
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

// Text reads a quoted text; without escapes it is a part of the line.
func (l *Lexer) Text() (text []byte, fault Fault) {
	if fault := l.Next('"'); fault != "" {
		return nil, fault
	}
	from := l.At
	for ; l.At < len(l.Data); l.At++ {
		switch c := l.Data[l.At]; {
		case c == '"':
			l.At++
			return l.Data[from : l.At-1], ""
		case c == '\\':
			return l.escaped(bytes.Clone(l.Data[from:l.At]))
		case c < 0x20:
			return nil, Syntax
		}
	}
	return nil, Ends
}

// escaped reads on from the first escape.
func (l *Lexer) escaped(text []byte) ([]byte, Fault) {
	for l.At < len(l.Data) {
		c := l.Data[l.At]
		l.At++
		switch {
		case c == '"':
			return text, ""
		case c < 0x20:
			return nil, Syntax
		case c != '\\':
			text = append(text, c)
			continue
		}
		r, fault := l.escape()
		if fault != "" {
			return nil, fault
		}
		text = utf8.AppendRune(text, r)
	}
	return nil, Ends
}

// escape reads what follows a backslash.
func (l *Lexer) escape() (rune, Fault) {
	if l.At == len(l.Data) {
		return 0, Ends
	}
	c := l.Data[l.At]
	l.At++
	if at := bytes.IndexByte([]byte(`"\/bfnrt`), c); at >= 0 {
		return rune("\"\\/\b\f\n\r\t"[at]), ""
	}
	if c != 'u' {
		return 0, Syntax
	}
	r, fault := l.unit()
	if fault != "" || !utf16.IsSurrogate(r) {
		return r, fault
	}
	if !bytes.HasPrefix(l.Data[l.At:], []byte(`\u`)) {
		return 0, Escape
	}
	l.At += 2
	low, fault := l.unit()
	if fault != "" {
		return 0, fault
	}
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
		return 0, Escape
	}
	return r, ""
}

// unit reads four hexadecimal digits.
func (l *Lexer) unit() (rune, Fault) {
	if len(l.Data)-l.At < 4 {
		return 0, Ends
	}
	n, err := strconv.ParseUint(string(l.Data[l.At:l.At+4]), 16, 16)
	if err != nil {
		return 0, Syntax
	}
	l.At += 4
	return rune(n), ""
}
