package config

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// form is how a meaning is built.
type form byte

const (
	scalarForm form = iota + 1
	tableForm       // keys sorted
	listForm        // order means something
	setForm         // order means nothing; sorted
)

// meaning is what an object says, apart from how it is written: the tree of
// values that Digest hashes and Diff compares. What is absent has no meaning,
// and neither have "", 0 and false; an empty list or table differs from none.
type meaning struct {
	form  form
	text  string
	keys  []string // of a table; of a list or set whose items have names, these
	items []*meaning
}

// meaningOf reads an object. Paths of assets become digests of what they hold,
// so that moving a file changes nothing and editing it does.
func (t *Tree) meaningOf(o *object) *meaning {
	m := t.table(o, reflect.ValueOf(o.raw).Elem())
	if m == nil {
		m = &meaning{form: tableForm}
	}
	return m
}

func (t *Tree) read(o *object, v reflect.Value, hint string) *meaning {
	if v.Type() == durationType {
		if v.Int() == 0 {
			return nil
		}
		return &meaning{form: scalarForm, text: Duration(v.Int()).String()}
	}
	if v.Type() == filterType && v.FieldByName(filterText).Len() > 0 {
		return t.scalar(o, v.FieldByName(filterText), "")
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		// Present but empty is not absent.
		if m := t.read(o, v.Elem(), ""); m != nil {
			return m
		}
		return &meaning{form: tableForm}
	case reflect.Struct:
		return t.table(o, v)
	case reflect.Map:
		return t.entries(o, v)
	case reflect.Slice:
		return t.list(o, v, hint)
	}
	return t.scalar(o, v, hint)
}

func (t *Tree) scalar(o *object, v reflect.Value, hint string) *meaning {
	if v.IsZero() {
		return nil
	}
	m := &meaning{form: scalarForm, text: v.String()}
	switch v.Kind() {
	case reflect.Bool:
		m.text = "true"
	case reflect.Int:
		m.text = strconv.FormatInt(v.Int(), 10)
	}
	if hint == "asset" {
		if content, found := t.files[o.asset(m.text)]; found {
			sum := sha256.Sum256(content)
			m.text = path.Ext(m.text) + " sha256:" + hex.EncodeToString(sum[:])
		}
	}
	return m
}

// table reads a struct by the keys of YAML.
func (t *Tree) table(o *object, v reflect.Value) *meaning {
	m := &meaning{form: tableForm}
	s := shapes[v.Type()]
	for _, key := range s.names {
		field := v.Type().FieldByIndex(s.fields[key])
		if value := t.read(o, v.FieldByIndex(s.fields[key]), field.Tag.Get("config")); value != nil {
			m.keys, m.items = append(m.keys, key), append(m.items, value)
		}
	}
	if len(m.keys) == 0 {
		return nil
	}
	return m
}

// entries reads a map. An entry that says nothing is still an entry.
func (t *Tree) entries(o *object, v reflect.Value) *meaning {
	if v.IsNil() {
		return nil
	}
	m := &meaning{form: tableForm}
	for _, key := range v.MapKeys() {
		m.keys = append(m.keys, key.String())
	}
	slices.Sort(m.keys)
	for _, key := range m.keys {
		value := t.read(o, v.MapIndex(reflect.ValueOf(key)), "")
		if value == nil {
			value = &meaning{form: tableForm}
			if v.Type().Elem().Kind() == reflect.String {
				value.form = scalarForm
			}
		}
		m.items = append(m.items, value)
	}
	return m
}

// list reads a slice. Lists of texts are sets; so are those tagged as such.
func (t *Tree) list(o *object, v reflect.Value, hint string) *meaning {
	if v.IsNil() {
		return nil
	}
	m := &meaning{form: listForm}
	for i := range v.Len() {
		item := t.read(o, v.Index(i), "")
		if item == nil {
			item = &meaning{form: scalarForm}
		}
		m.items = append(m.items, item)
	}
	if v.Type().Elem().Kind() == reflect.String || hint == "set" {
		m.form = setForm
		slices.SortStableFunc(m.items, func(a, b *meaning) int { return strings.Compare(a.id(), b.id()) })
	}
	m.name()
	return m
}

// name gives a list its items' names, if each has one of its own.
func (m *meaning) name() {
	var names []string
	for _, item := range m.items {
		name := item.named()
		if name == "" || slices.Contains(names, name) {
			return
		}
		names = append(names, name)
	}
	m.keys = names
}

// named is what tells an item of a list from its neighbours.
func (m *meaning) named() string {
	if m.form == scalarForm {
		return m.text
	}
	for _, key := range []string{"name", "from", "label", "kid"} {
		if value := m.get(key); value != nil && value.form == scalarForm {
			return value.text
		}
	}
	return ""
}

func (m *meaning) get(key string) *meaning {
	if m == nil {
		return nil
	}
	if i := slices.Index(m.keys, key); i >= 0 {
		return m.items[i]
	}
	return nil
}

// id is a text that two meanings share exactly if they are equal.
func (m *meaning) id() string {
	var b strings.Builder
	m.write(&b)
	return b.String()
}

// write puts the meaning down so that it could be read back in one way only:
// each part is preceded by its kind and length.
func (m *meaning) write(w interface{ Write([]byte) (int, error) }) {
	head := binary.AppendUvarint([]byte{byte(m.form)}, uint64(len(m.text)))
	head = append(head, m.text...)
	w.Write(binary.AppendUvarint(head, uint64(len(m.items))))
	for i, item := range m.items {
		if m.form == tableForm {
			w.Write(append(binary.AppendUvarint(nil, uint64(len(m.keys[i]))), m.keys[i]...))
		}
		item.write(w)
	}
}

// String is the meaning on one line, as YAML would be written in its short form.
func (m *meaning) String() string {
	if m == nil {
		return ""
	}
	if m.form == scalarForm {
		if m.text == "" || strings.ContainsAny(m.text, ",[]{}\n\"") {
			return strconv.Quote(m.text)
		}
		return m.text
	}
	parts := make([]string, len(m.items))
	for i, item := range m.items {
		parts[i] = item.String()
		if m.form == tableForm {
			parts[i] = m.keys[i] + ": " + parts[i]
		}
	}
	if m.form == tableForm {
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// Digest is SHA-256 over what the tree means: the objects by kind and name, each
// with what it says and the content of the files it refers to. Comments, the
// layout of files, the order of keys, objects and sets, and files that nothing
// refers to do not change it. A value that equals its default differs from one
// left out, since a later default may differ.
func (t *Tree) Digest() [32]byte {
	h := sha256.New()
	h.Write([]byte("sallyport tree 1\n"))
	for _, o := range t.objects {
		writeText(h, string(o.kind))
		writeText(h, o.name)
		t.meaningOf(o).write(h)
	}
	return [32]byte(h.Sum(nil))
}

func writeText(h hash.Hash, text string) {
	h.Write(append(binary.AppendUvarint(nil, uint64(len(text))), text...))
}
