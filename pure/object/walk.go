package object

import "unicode/utf8"

// Check tells what is wrong with a text that should be one JSON object.
func Check(text []byte) Fault {
	if !utf8.Valid(text) {
		return Charset
	}
	l := &Lexer{Data: text}
	l.Space()
	if l.At == len(text) || text[l.At] != '{' {
		return Syntax
	}
	if fault := l.Skip(0); fault != "" {
		return fault
	}
	l.Space()
	if l.At < len(text) {
		return Behind
	}
	return ""
}

// Skip passes any value, which stands at a depth.
func (l *Lexer) Skip(depth int) Fault {
	l.Space()
	if l.At == len(l.Data) {
		return Ends
	}
	switch l.Data[l.At] {
	case '{':
		return l.Members(depth, func([]byte) Fault { return l.Skip(depth + 1) })
	case '[':
		return l.Elements(depth, func(int) Fault { return l.Skip(depth + 1) })
	}
	_, fault := l.Scalar(false)
	return fault
}

// Members reads the object that stands next, at a depth, and has do read the
// value of each name. The name is valid during the call.
func (l *Lexer) Members(depth int, do func(name []byte) Fault) Fault {
	if depth >= MaxDepth {
		return Deep
	}
	if fault := l.Next('{'); fault != "" {
		return fault
	}
	var met Names
	for first := true; ; first = false {
		closed, fault := l.Closes('}', first)
		if fault != "" || closed {
			return fault
		}
		name, fault := l.Text()
		if fault == "" && !met.Add(name) {
			fault = Twice
		}
		if fault == "" {
			fault = l.Next(':')
		}
		if fault == "" {
			fault = do(name)
		}
		if fault != "" {
			return fault
		}
	}
}

// Elements reads the list that stands next, at a depth, and has do read each
// value, counted from 0.
func (l *Lexer) Elements(depth int, do func(n int) Fault) Fault {
	if depth >= MaxDepth {
		return Deep
	}
	if fault := l.Next('['); fault != "" {
		return fault
	}
	for n := 0; ; n++ {
		closed, fault := l.Closes(']', n == 0)
		if fault != "" || closed {
			return fault
		}
		if fault := do(n); fault != "" {
			return fault
		}
	}
}

// Peek tells which character stands next behind space; 0 is none.
func (l *Lexer) Peek() byte {
	l.Space()
	if l.At == len(l.Data) {
		return 0
	}
	return l.Data[l.At]
}
