package legacy

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"sallyport/pure/cut"
	"sallyport/pure/object"
)

// MaxElement is how many bytes one element may have.
const MaxElement = cut.MaxRow

// Decode reads a JSON object into a struct with json tags. It must be UTF-8, not
// longer than [MaxElement], nested at most object.MaxDepth deep, and have every
// name once, also if case is not looked at. Errors are [*Fault]s.
func Decode(raw []byte, into any) error {
	if len(raw) > MaxElement {
		return &Fault{What: "it is too long"}
	}
	alike, fault := check(raw)
	if fault == "" && alike {
		fault = ambiguous(raw, into)
	}
	if fault != "" {
		return &Fault{What: string(fault)}
	}
	var mistyped *json.UnmarshalTypeError
	switch err := json.Unmarshal(raw, into); {
	case err == nil:
		return nil
	case errors.As(err, &mistyped):
		return &Fault{Where: mistyped.Field, What: "not the kind of value that belongs here"}
	}
	return &Fault{What: "a value that does not make sense"}
}

// check goes through an object once. Alike: names of one object differ by case
// alone, or there are very many of them.
func check(raw []byte) (alike bool, fault object.Fault) {
	if !utf8.Valid(raw) {
		return false, object.Charset
	}
	c := &checking{Lexer: object.Lexer{Data: raw}}
	if c.Peek() != '{' {
		return false, object.Syntax
	}
	if fault := c.value(0); fault != "" {
		return false, fault
	}
	if c.Peek() != 0 {
		return false, object.Behind
	}
	return c.alike, ""
}

type checking struct {
	object.Lexer
	alike bool
}

func (c *checking) value(depth int) object.Fault {
	switch c.Peek() {
	case '{':
		var met [64][]byte
		n := 0
		return c.Members(depth, func(name []byte) object.Fault {
			if !c.alike {
				c.alike = n == len(met) || spelt(met[:n], name)
				if n < len(met) {
					met[n] = name
					n++
				}
			}
			return c.value(depth + 1)
		})
	case '[':
		return c.Elements(depth, func(int) object.Fault { return c.value(depth + 1) })
	}
	return c.Skip(depth)
}

// spelt tells whether a name was met in another spelling.
func spelt(names [][]byte, name []byte) bool {
	for _, other := range names {
		if bytes.EqualFold(other, name) {
			return true
		}
	}
	return false
}
