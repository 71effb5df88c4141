package source

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"sallyport/pure/legacy"
)

// Element is one person in the shape of an export.
type Element = legacy.Element

// ElementOf makes an element of the format of the connection from a JSON object,
// whose members the connection may rename. Errors are [*Fault]s.
func ElementOf(spec *Spec, raw []byte) (*Element, error) {
	var members map[string]json.RawMessage
	if err := legacy.Decode(raw, &members); err != nil || members == nil {
		return nil, &Fault{Reason: Malformed, What: "the record is no JSON object that can be read"}
	}
	if spec.Rows {
		return row(spec, raw)
	}
	if len(spec.Record) == 0 {
		return &Element{Raw: raw}, nil
	}
	renamed := map[string]json.RawMessage{} // all are taken before one is put, since names may change places
	for _, from := range slices.Sorted(maps.Keys(spec.Record)) {
		if value, has := take(members, from); has {
			renamed[spec.Record[from]] = value
		}
	}
	maps.Copy(members, renamed)
	named, err := json.Marshal(members)
	if err != nil {
		return nil, &Fault{Reason: Malformed, What: "the record cannot be written again"}
	}
	return &Element{Raw: named}, nil
}

// take takes a member out of an object by its path; below the first step it is
// copied.
func take(members map[string]json.RawMessage, path string) (json.RawMessage, bool) {
	if value, has := members[path]; has {
		delete(members, path)
		return value, true
	}
	first, rest, below := strings.Cut(path, ".")
	if !below {
		return nil, false
	}
	var inner map[string]json.RawMessage
	if json.Unmarshal(members[first], &inner) != nil || inner == nil {
		return nil, false
	}
	return take(inner, rest)
}

// row makes a row of an object: a column for each value by its path. A list is one
// column, its values separated by commas.
func row(spec *Spec, raw []byte) (*Element, error) {
	fields, err := legacy.Flatten(raw)
	if err != nil {
		return nil, &Fault{Reason: Malformed, What: "the record cannot be read"}
	}
	e := &Element{}
	for _, f := range fields {
		name := f.Name
		if to, renamed := spec.Record[name]; renamed {
			name = to
		}
		e.Names, e.Values = append(e.Names, name), append(e.Values, strings.Join(f.Values, ","))
	}
	return e, nil
}

// Owns tells whether one of the names that an account has is what was typed, in
// any case and however its letters are composed.
func Owns(typed string, names ...string) bool {
	want := folded(typed)
	for _, name := range names {
		if want != "" && folded(name) == want {
			return true
		}
	}
	return false
}

func folded(name string) string { return strings.ToLower(norm.NFKC.String(strings.TrimSpace(name))) }
