package legacy

import (
	"encoding/json"
	"reflect"
	"strings"
	"unicode"

	"sallyport/pure/object"
)

// faultAlike is a text that encoding/json would read in another way than whoever
// tells names apart by case.
const faultAlike object.Fault = "names of an object differ by case alone"

// ambiguous finds names that encoding/json takes for one and the same field: it
// does not look at case, and the last one wins. Where names are not fields, as in a
// table of attributes, they may differ as they like.
func ambiguous(raw []byte, into any) object.Fault {
	l := &object.Lexer{Data: raw}
	return twofold(l, reflect.TypeOf(into), 0)
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

func twofold(l *object.Lexer, t reflect.Type, depth int) object.Fault {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	next := l.Peek()
	switch {
	case reflect.PointerTo(t).Implements(unmarshaler):
	case next == '{' && t.Kind() == reflect.Struct:
		return twofoldFields(l, t, depth)
	case next == '{' && t.Kind() == reflect.Map:
		return l.Members(depth, func([]byte) object.Fault { return twofold(l, t.Elem(), depth+1) })
	case next == '[' && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array):
		return l.Elements(depth, func(int) object.Fault { return twofold(l, t.Elem(), depth+1) })
	}
	return l.Skip(depth)
}

func twofoldFields(l *object.Lexer, t reflect.Type, depth int) object.Fault {
	fields := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		fields[fold(name)] = f.Type
	}
	met := map[string]bool{}
	return l.Members(depth, func(name []byte) object.Fault {
		folded := fold(string(name))
		of, known := fields[folded]
		switch {
		case !known:
			return l.Skip(depth + 1)
		case met[folded]:
			return faultAlike
		}
		met[folded] = true
		return twofold(l, of, depth+1)
	})
}

// fold gives names that only differ by case one spelling.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		return least
	}, name)
}
