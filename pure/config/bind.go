package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// binder writes YAML nodes into objects. It reports every mismatch and goes on,
// leaving what does not fit at its zero value.
type binder struct {
	*report
	file string
	// fill gives the text of a scalar its variables; nil leaves them standing.
	fill func(at spot, text string) string
	// plain are keys of the root whose texts are never filled.
	plain string
}

// object binds the root of a document.
func (b *binder) object(n *yaml.Node, into any) {
	b.fields(n, reflect.ValueOf(into).Elem(), true)
}

func (b *binder) value(n *yaml.Node, v reflect.Value) {
	if isNull(n) {
		b.fail(spot{b.file, n}, finding{NoValue, "the key has no value", "remove it, or give it one; [] is an empty list, {} an empty table"})
		return
	}
	if v.Type() == durationType {
		b.duration(n, v)
		return
	}
	if v.Type() == filterType && n.Kind == yaml.ScalarNode {
		b.text(n, v.FieldByName(filterText))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		b.value(n, fresh.Elem())
		v.Set(fresh)
	case reflect.Struct:
		b.fields(n, v, false)
	case reflect.Map:
		b.table(n, v)
	case reflect.Slice:
		b.list(n, v)
	case reflect.String:
		b.text(n, v)
	case reflect.Bool:
		if b.scalar(n, "true or false", "!!bool") {
			v.SetBool(strings.EqualFold(n.Value, "true"))
		}
	case reflect.Int:
		b.number(n, v)
	}
}

// fields binds a mapping to a struct.
func (b *binder) fields(n *yaml.Node, v reflect.Value, root bool) {
	if n.Kind != yaml.MappingNode {
		b.mismatch(n, "a table of keys")
		return
	}
	s := shapes[v.Type()]
	for key, value := range b.pairs(n) {
		if root && key.Value == "kind" {
			continue
		}
		index, known := s.fields[key.Value]
		if !known {
			b.unknown(key, s, root)
			continue
		}
		inner := b
		if root && b.plain != "" && key.Value == b.plain {
			inner = &binder{report: b.report, file: b.file}
		}
		inner.value(value, v.FieldByIndex(index))
	}
}

// pairs are the keys and values of a mapping, without the second of two equal keys.
func (b *binder) pairs(n *yaml.Node) func(func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		seen := make(map[string]int, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode {
				b.mismatch(key, "a plain key")
				continue
			}
			if line, repeated := seen[key.Value]; repeated {
				b.fail(spot{b.file, key}, finding{KeyRepeated, fmt.Sprintf("the key %.80q is given twice; the first is in line %d", key.Value, line), "remove one of them"})
				continue
			}
			seen[key.Value] = key.Line
			if !yield(key, n.Content[i+1]) {
				return
			}
		}
	}
}

// secretKey matches the names under which secrets are usually kept.
var secretKey = regexp.MustCompile(`(?i)secret|passw|private[-_]?key|api[-_]?key|credential|^(access|refresh)?[-_]?token$`)

func (b *binder) unknown(key *yaml.Node, s *shape, root bool) {
	at := spot{b.file, key}
	if b.full {
		return // looking for what was meant costs time
	}
	if secretKey.MatchString(key.Value) || s == shapes[keyType] && slices.Contains(privateMembers, key.Value) {
		b.secret(at, key.Value)
		return
	}
	known := s.names
	if root {
		known = append(slices.Clone(known), "kind")
	}
	b.fail(at, finding{KeyUnknown, fmt.Sprintf("the key %.80q is not known here", key.Value), suggest(key.Value, known)})
}

func (b *binder) secret(at spot, what string) {
	b.fail(at, finding{
		SecretInTree, fmt.Sprintf("%.80q looks like a secret, and a tree holds none", what),
		"remove it and replace the secret; sallyport apps rotate makes those of applications",
	})
}

func (b *binder) table(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		b.mismatch(n, "a table of keys")
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(n.Content)/2))
	for key, value := range b.pairs(n) {
		entry := reflect.New(v.Type().Elem()).Elem()
		b.value(value, entry)
		v.SetMapIndex(reflect.ValueOf(key.Value), entry)
	}
}

func (b *binder) list(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		b.mismatch(n, "a list")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		b.value(item, v.Index(i))
	}
}

// text takes numbers and dates as they are written, so that 1.10 stays 1.10. It
// refuses true and false, which a reader of the tree could take for a switch.
func (b *binder) text(n *yaml.Node, v reflect.Value) {
	if !b.scalar(n, "text", "!!str", "!!int", "!!float", "!!timestamp") {
		return
	}
	at := spot{b.file, n}
	if strings.Contains(n.Value, "PRIVATE KEY-----") {
		b.secret(at, "this key")
		return
	}
	if b.fill == nil || !strings.Contains(n.Value, "${") {
		v.SetString(n.Value)
		return
	}
	v.SetString(b.fill(at, n.Value))
}

func (b *binder) number(n *yaml.Node, v reflect.Value) {
	if !b.scalar(n, "a whole number", "!!int") {
		return
	}
	i, err := strconv.ParseInt(n.Value, 10, 32)
	if err != nil {
		b.mismatch(n, "a plain whole number up to 2147483647")
		return
	}
	v.SetInt(i)
}

func (b *binder) duration(n *yaml.Node, v reflect.Value) {
	if !b.scalar(n, "a length of time such as 10m", "!!str", "!!int", "!!float") {
		return
	}
	d, err := ParseDuration(n.Value)
	if err != nil {
		f := finding{DurationInvalid, err.Error(), "write a whole number and s, m, h, d or y, such as 90s or 30d"}
		f.what, _, _ = strings.Cut(f.what, ";")
		if strings.Contains(n.Value, "${") {
			f.fix = "variables stand in texts only; write the length of time itself"
		}
		b.fail(spot{b.file, n}, f)
		return
	}
	v.SetInt(int64(d))
}

// scalar reports whether n is a scalar with one of the tags.
func (b *binder) scalar(n *yaml.Node, wanted string, tags ...string) bool {
	if n.Kind == yaml.ScalarNode && slices.Contains(tags, n.ShortTag()) {
		return true
	}
	b.mismatch(n, wanted)
	return false
}

func (b *binder) mismatch(n *yaml.Node, wanted string) {
	f := finding{WrongType, fmt.Sprintf("this is %s, and %s is expected", b.described(n), wanted), ""}
	if wanted == "text" && n.Kind == yaml.ScalarNode {
		f.fix = fmt.Sprintf("put it into quotes: %q", n.Value)
	}
	if wanted == "a list" && n.Kind == yaml.ScalarNode {
		f.fix = fmt.Sprintf("write [%s]", n.Value)
	}
	b.fail(spot{b.file, n}, f)
}

func (b *binder) described(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a table of keys"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.ShortTag() == "!!bool":
		return "true or false"
	case n.ShortTag() == "!!null":
		return "nothing"
	case n.ShortTag() == "!!int", n.ShortTag() == "!!float":
		return "a number"
	}
	return "text"
}
