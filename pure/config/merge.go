package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Conflict is a place that both sides of a merge changed, each in its own way.
type Conflict struct {
	Object Ref
	Path   string // within the object, such as policies[partners].rules; empty: as a whole
}

// String names the object and the place in it.
func (c Conflict) String() string {
	if c.Path == "" {
		return c.Object.String()
	}
	return fmt.Sprintf("%s, %s", c.Object, c.Path)
}

// Merge makes of mine what leads from base to theirs, and keeps everything else as
// it is in mine, with its files, layout and comments. Objects that one side alone
// changed are taken from that side. What both changed is merged key by key, and
// lists whose items have names item by item; what cannot be, such as one value
// changed to two, is a conflict, and then the tree is nil.
//
// The result may still be no valid configuration: compile it. Merging nothing, or
// onto base itself, gives what means the same as mine, or as theirs.
func Merge(base, mine, theirs *Tree) (*Tree, []Conflict) {
	m := &merger{
		base: base, puller: puller{here: mine, there: theirs, after: mine.Files(), texts: map[string][]string{}, touched: map[string]bool{}},
		was: base.byRef(), ours: mine.byRef(), theirs: theirs.byRef(), want: map[Ref]string{},
	}
	for _, o := range mine.objects {
		m.texts[o.file] = mine.documents(o.file)
		m.want[Ref{o.kind, o.name}] = mine.meaningOf(o).id()
	}
	for _, ref := range m.edited() {
		m.object(ref)
	}
	if len(m.conflicts) > 0 {
		return nil, m.conflicts
	}
	m.write()
	merged, _ := Parse(m.after)
	if wrong := m.differing(merged); len(wrong) > 0 {
		return nil, wrong
	}
	return merged, nil
}

type merger struct {
	puller
	base              *Tree
	was, ours, theirs map[Ref]*object
	want              map[Ref]string // what each object of the result means, where that is known before
	conflicts         []Conflict
}

// edited are the objects that theirs has otherwise than base, in order.
func (m *merger) edited() []Ref {
	all := maps.Clone(m.was)
	maps.Copy(all, m.theirs)
	refs := slices.SortedFunc(maps.Keys(all), func(a, b Ref) int { return strings.Compare(a.String(), b.String()) })
	return slices.DeleteFunc(refs, func(ref Ref) bool { return m.id(m.base, m.was[ref]) == m.id(m.there, m.theirs[ref]) })
}

// id tells meanings apart; empty for none.
func (m *merger) id(t *Tree, o *object) string {
	if o == nil {
		return ""
	}
	return t.meaningOf(o).id()
}

// object brings one object to what both sides want.
func (m *merger) object(ref Ref) {
	ours, theirs := m.ours[ref], m.theirs[ref]
	mine, wanted := m.id(m.here, ours), m.id(m.there, theirs)
	switch {
	case mine == wanted: // both made the same of it
	case mine == m.id(m.base, m.was[ref]):
		m.take(ref, ours, theirs, wanted)
	case ours == nil || theirs == nil || m.was[ref] == nil || len(ours.assets())+len(theirs.assets()) > 0:
		m.conflicts = append(m.conflicts, Conflict{Object: ref})
	default:
		m.weave(ref, ours, theirs)
	}
}

// take makes an object what it is on their side.
func (m *merger) take(ref Ref, ours, theirs *object, wanted string) {
	m.want[ref] = wanted
	switch {
	case theirs == nil:
		delete(m.want, ref)
		m.edit(ours, "")
	case ours == nil:
		m.add(theirs)
	default:
		m.rewrite(ours, theirs)
	}
}

// weave merges an object that both sides changed.
func (m *merger) weave(ref Ref, ours, theirs *object) {
	w := &weaver{}
	node := w.merge("", m.was[ref].node, ours.node, theirs.node)
	for _, path := range w.conflicts {
		m.conflicts = append(m.conflicts, Conflict{ref, path})
	}
	if len(w.conflicts) > 0 {
		return
	}
	delete(m.want, ref)
	text, err := yaml.Dump(node)
	if err != nil {
		m.conflicts = append(m.conflicts, Conflict{Object: ref})
		return
	}
	m.edit(ours, graftDocument(m.texts[ours.file][ours.segment], string(text), nil))
}

// write gives the files that were touched their new text.
func (m *merger) write() {
	for file := range m.touched {
		if text := strings.Join(m.texts[file], ""); isBlank([]byte(text)) {
			delete(m.after, file)
		} else {
			m.after[file] = []byte(text)
		}
	}
	m.sweep()
}

// differing are the objects that came out otherwise than they should, as when two
// share a file that only one of them wants changed.
func (m *merger) differing(merged *Tree) (wrong []Conflict) {
	got := merged.byRef()
	for _, ref := range slices.SortedFunc(maps.Keys(m.want), func(a, b Ref) int { return strings.Compare(a.String(), b.String()) }) {
		if m.id(merged, got[ref]) != m.want[ref] {
			wrong = append(wrong, Conflict{Object: ref})
		}
	}
	for ref := range got {
		if m.ours[ref] == nil && m.theirs[ref] == nil {
			wrong = append(wrong, Conflict{Object: ref})
		}
	}
	return wrong
}

// weaver merges documents three ways.
type weaver struct{ conflicts []string }

// merge gives what n becomes: nil for nothing. Any of the three may be nil.
func (w *weaver) merge(at string, base, mine, theirs *yaml.Node) *yaml.Node {
	switch {
	case alike(mine, theirs), alike(base, theirs):
		return mine
	case alike(base, mine):
		return theirs
	case kindOf(base) == yaml.MappingNode && kindOf(mine) == yaml.MappingNode && kindOf(theirs) == yaml.MappingNode:
		return w.tables(at, base, mine, theirs)
	case itemised(base, true) && itemised(mine, false) && itemised(theirs, false):
		return w.lists(at, base, mine, theirs)
	}
	w.conflicts = append(w.conflicts, at)
	return mine
}

func kindOf(n *yaml.Node) yaml.Kind {
	if n == nil {
		return 0
	}
	return n.Kind
}

// tables merges key by key, mine first.
func (w *weaver) tables(at string, base, mine, theirs *yaml.Node) *yaml.Node {
	merged := *mine
	merged.Content = nil
	keep := func(key, value *yaml.Node) {
		if value != nil {
			merged.Content = append(merged.Content, key, value)
		}
	}
	for i := 0; i+1 < len(mine.Content); i += 2 {
		key := mine.Content[i]
		keep(key, w.merge(inner(at, key.Value), child(base, key.Value), mine.Content[i+1], child(theirs, key.Value)))
	}
	for i := 0; i+1 < len(theirs.Content); i += 2 {
		if key := theirs.Content[i]; child(mine, key.Value) == nil {
			keep(key, w.merge(inner(at, key.Value), child(base, key.Value), nil, theirs.Content[i+1]))
		}
	}
	return &merged
}

func inner(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

// itemised tells whether n is a list each of whose items has a name of its own. What
// is not there is an empty one, if absent says so.
func itemised(n *yaml.Node, absent bool) bool {
	if n == nil {
		return absent
	}
	names := namesOf(n)
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	return n.Kind == yaml.SequenceNode && !slices.Contains(names, "") && len(slices.Compact(sorted)) == len(names)
}

func namesOf(n *yaml.Node) (names []string) {
	if n != nil {
		for _, item := range n.Content {
			names = append(names, itemName(item))
		}
	}
	return names
}

// lists merges item by item. Order may have come to mean something on one side; if
// both changed it, nobody can say what it should be.
func (w *weaver) lists(at string, base, mine, theirs *yaml.Node) *yaml.Node {
	was, ours, wanted := items(base), items(mine), items(theirs)
	leading, following := mine, theirs
	if !sameOrder(namesOf(base), namesOf(theirs)) {
		if !sameOrder(namesOf(base), namesOf(mine)) {
			w.conflicts = append(w.conflicts, at+" order")
			return mine
		}
		leading, following = theirs, mine
	}
	merged := *mine
	merged.Content = nil
	for _, name := range interleave(namesOf(leading), namesOf(following)) {
		if item := w.merge(fmt.Sprintf("%s[%s]", at, plain(name)), was[name], ours[name], wanted[name]); item != nil {
			merged.Content = append(merged.Content, item)
		}
	}
	return &merged
}

// plain is the name of an item as a reader knows it.
func plain(name string) string {
	if _, after, found := strings.Cut(name, ":"); found {
		return after
	}
	return name
}

func items(n *yaml.Node) map[string]*yaml.Node {
	all := map[string]*yaml.Node{}
	if n != nil {
		for _, item := range n.Content {
			all[itemName(item)] = item
		}
	}
	return all
}

// sameOrder tells whether what two lists have in common stands in the same order.
func sameOrder(a, b []string) bool {
	in := func(list []string) func(string) bool { return func(s string) bool { return !slices.Contains(list, s) } }
	return slices.Equal(slices.DeleteFunc(slices.Clone(a), in(b)), slices.DeleteFunc(slices.Clone(b), in(a)))
}

// interleave puts what only the second list has behind what precedes it there.
func interleave(leading, following []string) []string {
	all := slices.Clone(leading)
	at := 0
	for _, name := range following {
		if i := slices.Index(all, name); i >= 0 {
			at = i + 1
			continue
		}
		all = slices.Insert(all, at, name)
		at++
	}
	return all
}

// alike tells whether two nodes say the same, however they are written.
func alike(a, b *yaml.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Kind != b.Kind || len(a.Content) != len(b.Content) {
		return false
	}
	switch a.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(a.Content); i += 2 {
			if !alike(a.Content[i+1], child(b, a.Content[i].Value)) {
				return false
			}
		}
		return true
	case yaml.SequenceNode:
		return slices.EqualFunc(a.Content, b.Content, alike)
	}
	return a.Value == b.Value && a.ShortTag() == b.ShortTag()
}
