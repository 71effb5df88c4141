package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Action is what happens to an object.
type Action string

// The actions, as they are written before an object.
const (
	Added   Action = "+"
	Removed Action = "-"
	Changed Action = "~"
)

// Kinds of things that have no document of their own and yet a name, so that a
// change of them is told by that name: policies and scopes of a server, and
// environments of the tenant.
const (
	KindPolicy      Kind = "policy"
	KindScope       Kind = "scope"
	KindEnvironment Kind = "environment"
)

// Change is one object that two trees disagree on.
type Change struct {
	Action Action
	Object Ref     // a policy or scope is named server/name
	Fields []Field // of a changed object; none otherwise
}

// Field is one place in a changed object. An empty Before or After means that
// there is nothing there; an entry of a set is told by itself.
type Field struct {
	Path   string // such as rules[evening].scopes
	Before string
	After  string
}

// String is the change in one line, or for several fields in one line each
// below the object.
func (c Change) String() string {
	head := fmt.Sprintf("%s %s", c.Action, c.Object)
	switch len(c.Fields) {
	case 0:
		return head
	case 1:
		return head + ": " + c.Fields[0].String()
	}
	lines := []string{head}
	for _, f := range c.Fields {
		lines = append(lines, "    "+f.String())
	}
	return strings.Join(lines, "\n")
}

// String is the path with what came, went or changed.
func (f Field) String() string {
	switch {
	case f.Before == "":
		return f.Path + " + " + f.After
	case f.After == "":
		return f.Path + " - " + f.Before
	}
	return fmt.Sprintf("%s %s → %s", f.Path, f.Before, f.After)
}

// Diff lists what differs in meaning, by kind and name; it is empty exactly if
// the digests agree. Order counts where it means something: among policies,
// rules, claims, steps, mappings and links. Either tree may be nil, for none.
// Variables stand as they are written, so that no environment shows through.
func Diff(old, new *Tree) []Change {
	before, after := parts(old), parts(new)
	var changes []Change
	for ref, is := range after {
		was, found := before[ref]
		if !found {
			changes = append(changes, Change{Action: Added, Object: ref})
			continue
		}
		var fields []Field
		compare("", was, is, &fields)
		if len(fields) > 0 {
			changes = append(changes, Change{Action: Changed, Object: ref, Fields: fields})
		}
	}
	for ref := range before {
		if _, found := after[ref]; !found {
			changes = append(changes, Change{Action: Removed, Object: ref})
		}
	}
	slices.SortFunc(changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Object.Kind, b.Object.Kind), cmp.Compare(a.Object.Name, b.Object.Name))
	})
	return changes
}

// parts are the meanings of a tree by what a reader calls them. Policies and
// scopes are taken out of their server, and leave their order behind.
func parts(t *Tree) map[Ref]*meaning {
	all := map[Ref]*meaning{}
	if t == nil {
		return all
	}
	for _, o := range t.objects {
		m := t.meaningOf(o)
		switch o.kind {
		case KindServer:
			take(all, m, o.name+"/", "policies", KindPolicy)
			take(all, m, o.name+"/", "scopes", KindScope)
		case KindTenant:
			take(all, m, "", "environments", KindEnvironment)
		}
		all[Ref{o.kind, o.name}] = m
	}
	return all
}

func take(all map[Ref]*meaning, m *meaning, prefix, key string, kind Kind) {
	items := m.get(key)
	if items == nil || len(items.items) == 0 || len(items.keys) != len(items.items) {
		return // without names, or empty: told where it stands
	}
	names := &meaning{form: items.form}
	if names.form == tableForm {
		names.form = setForm
	}
	for i, name := range items.keys {
		all[Ref{kind, prefix + name}] = items.items[i]
		names.items = append(names.items, &meaning{form: scalarForm, text: name})
	}
	names.name()
	m.items[slices.Index(m.keys, key)] = names
}

// compare adds the fields in which two meanings differ. Either may be nil.
func compare(at string, was, is *meaning, fields *[]Field) {
	switch {
	case was == nil || is == nil || was.form != is.form:
		if was != is {
			*fields = append(*fields, Field{at, was.String(), is.String()})
		}
	case was.form == scalarForm:
		if was.text != is.text {
			*fields = append(*fields, Field{at, was.String(), is.String()})
		}
	case was.form == tableForm:
		compareTables(at, was, is, fields)
	case len(was.keys) == len(was.items) && len(is.keys) == len(is.items) && len(was.items) > 0 && len(is.items) > 0:
		compareNamed(at, was, is, fields)
	default:
		compareLists(at, was, is, fields)
	}
}

func compareTables(at string, was, is *meaning, fields *[]Field) {
	keys := slices.Concat(was.keys, is.keys)
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		inner := key
		if at != "" {
			inner = at + "." + key
		}
		compare(inner, was.get(key), is.get(key), fields)
	}
}

// compareNamed compares lists whose items have names: what came, what went, what
// changed, and for lists the order of what stayed.
func compareNamed(at string, was, is *meaning, fields *[]Field) {
	for _, name := range was.keys {
		if is.get(name) == nil {
			*fields = append(*fields, Field{itemPath(at, was, name), was.get(name).String(), ""})
		}
	}
	for _, name := range is.keys {
		if before := was.get(name); before == nil {
			*fields = append(*fields, Field{itemPath(at, is, name), "", is.get(name).String()})
		} else {
			compare(itemPath(at, is, name), before, is.get(name), fields)
		}
	}
	if is.form != listForm {
		return
	}
	// Where a new item stands means as much as where an old one does.
	if before, after := strings.Join(was.keys, ", "), strings.Join(is.keys, ", "); before != after {
		*fields = append(*fields, Field{at + " order", before, after})
	}
}

// itemPath is at[name]; of plain texts the name is what is told, so just at.
func itemPath(at string, list *meaning, name string) string {
	if list.get(name).form == scalarForm {
		return at
	}
	return at + "[" + name + "]"
}

func compareLists(at string, was, is *meaning, fields *[]Field) {
	if was.form == setForm || len(was.items) == 0 || len(is.items) == 0 {
		if was.id() != is.id() {
			*fields = append(*fields, Field{at, was.String(), is.String()})
		}
		return
	}
	for i := range max(len(was.items), len(is.items)) {
		var before, after *meaning
		if i < len(was.items) {
			before = was.items[i]
		}
		if i < len(is.items) {
			after = is.items[i]
		}
		compare(fmt.Sprintf("%s[%d]", at, i), before, after, fields)
	}
}
