package config

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// editor changes single documents of a tree and leaves all others to the byte. What
// it reports has no place in a file: it is about what was asked for.
type editor struct {
	report
	tree    *Tree
	objects map[Ref]*object
	texts   map[string][]string // the documents of each file that is edited
	assets  map[string]string   // files without objects that are edited
}

func newEditor(t *Tree) *editor {
	return &editor{tree: t, objects: t.byRef(), texts: map[string][]string{}, assets: map[string]string{}}
}

// named finds an object, or reports that there is none.
func (e *editor) named(kind Kind, what, name string) *object {
	if o := e.objects[Ref{kind, name}]; o != nil {
		return o
	}
	var known []string
	for _, ref := range e.tree.Objects() {
		if ref.Kind == kind {
			known = append(known, ref.Name)
		}
	}
	e.missing("there is no "+what, name, known)
	return nil
}

// missing reports a name that means nothing.
func (e *editor) missing(what, name string, known []string) {
	e.fail(spot{}, finding{ReferenceMissing, what + " " + strconv.Quote(name), suggest(name, known)})
}

// edit lets change write the root of an object's document.
func (e *editor) edit(o *object, change func(root *yaml.Node)) {
	if e.texts[o.file] == nil {
		e.texts[o.file] = e.tree.documents(o.file)
	}
	e.texts[o.file][o.segment] = editDocument(e.texts[o.file][o.segment], change)
}

// result is the tree as edited, or what is against it. A tree that was edited
// without a mistake can still be one that does not compile.
func (e *editor) result() (*Tree, []Problem) {
	if Refused(e.problems) {
		return nil, order(e.problems)
	}
	files := maps.Clone(e.tree.files)
	for file, texts := range e.texts {
		files[file] = []byte(strings.Join(texts, ""))
	}
	for file, text := range e.assets {
		files[file] = []byte(text)
	}
	edited, problems := Parse(files)
	if Refused(problems) {
		return nil, problems
	}
	return edited, problems
}

// text is a node of a text, quoted where it must be.
func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// flow is a list on one line.
func flow(values ...string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
	for _, v := range values {
		n.Content = append(n.Content, text(v))
	}
	return n
}

// under gives the table or list under a key, which it makes if it is missing.
func under(n *yaml.Node, key string, kind yaml.Kind, style yaml.Style) *yaml.Node {
	if found := child(n, key); found != nil && found.Kind == kind {
		return found
	}
	made := &yaml.Node{Kind: kind, Tag: "!!map", Style: style}
	if kind == yaml.SequenceNode {
		made.Tag = "!!seq"
	}
	put(n, key, made)
	return made
}

// put gives a key of a table a value, in the place of the one that it has.
func put(n *yaml.Node, key string, value *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			value.HeadComment, value.LineComment, value.FootComment = n.Content[i+1].HeadComment, n.Content[i+1].LineComment, n.Content[i+1].FootComment
			n.Content[i+1] = value
			return
		}
	}
	n.Content = append(n.Content, text(key), value)
}

// include adds a text to a list that has neither it nor everything.
func include(n *yaml.Node, value string) {
	if !slices.ContainsFunc(n.Content, func(item *yaml.Node) bool { return item.Value == value || item.Value == "*" }) {
		n.Content = append(n.Content, text(value))
	}
}
