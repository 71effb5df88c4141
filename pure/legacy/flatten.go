package legacy

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"sallyport/pure/object"
)

// MaxFields is how many fields one element may have.
const MaxFields = 2000

// Flatten gives every value of a JSON object by its path, in the order of the
// text, but for the named members, which hold secrets. A list of values is one
// field, the objects of a list stand below their number, from 0. What is null or
// an empty text is left out. Bounds are those of [Decode], and [MaxFields]. Errors
// are [*Fault]s.
func Flatten(raw []byte, except ...string) ([]Field, error) {
	if len(raw) > MaxElement {
		return nil, &Fault{What: "it is too long"}
	}
	if !utf8.Valid(raw) {
		return nil, &Fault{What: string(object.Charset)}
	}
	f := &flattening{Lexer: object.Lexer{Data: raw}, except: except}
	fault := object.Syntax
	if f.Peek() == '{' {
		fault = f.members(0)
	}
	if fault == "" && f.Peek() != 0 {
		fault = object.Behind
	}
	if fault != "" {
		return nil, &Fault{What: string(fault)}
	}
	return f.fields, nil
}

// Path names a field by the names that lead to it. They are joined by dots; if
// one of them has a dot itself, they are written as a JSON pointer (RFC 6901).
func Path(steps ...string) string {
	if !slices.ContainsFunc(steps, odd) {
		return strings.Join(steps, ".")
	}
	var b strings.Builder
	for _, step := range steps {
		b.WriteString("/" + strings.ReplaceAll(strings.ReplaceAll(step, "~", "~0"), "/", "~1"))
	}
	return b.String()
}

// odd tells whether a name cannot stand in a path with dots.
func odd(step string) bool {
	return step == "" || step[0] == '/' || strings.Contains(step, ".")
}

const tooMany object.Fault = "it has too many fields"

type flattening struct {
	object.Lexer
	except []string
	steps  []string
	fields []Field
}

func (f *flattening) members(depth int) object.Fault {
	return f.Members(depth, func(name []byte) object.Fault {
		if depth == 0 && slices.Contains(f.except, string(name)) {
			return f.Skip(depth + 1)
		}
		return f.below(string(name), depth+1)
	})
}

// below reads the value behind one more step.
func (f *flattening) below(step string, depth int) object.Fault {
	f.steps = append(f.steps, step)
	fault := f.value(depth)
	f.steps = f.steps[:len(f.steps)-1]
	return fault
}

func (f *flattening) value(depth int) object.Fault {
	switch f.Peek() {
	case 0:
		return object.Ends
	case '{':
		return f.members(depth)
	case '[':
		return f.list(depth)
	}
	text, fault := f.Scalar(true)
	if fault != "" || text == "" {
		return fault
	}
	return f.add([]string{text})
}

func (f *flattening) list(depth int) object.Fault {
	var values []string
	fault := f.Elements(depth, func(n int) object.Fault {
		if n >= MaxFields {
			return tooMany
		}
		if next := f.Peek(); next == '{' || next == '[' {
			return f.below(strconv.Itoa(n), depth+1)
		}
		if f.At == len(f.Data) {
			return object.Ends
		}
		text, fault := f.Scalar(true)
		if text != "" {
			values = append(values, text)
		}
		return fault
	})
	if fault != "" || len(values) == 0 {
		return fault
	}
	return f.add(values)
}

func (f *flattening) add(values []string) object.Fault {
	if len(f.fields) == MaxFields {
		return tooMany
	}
	f.fields = append(f.fields, Field{Path(f.steps...), values})
	return ""
}
