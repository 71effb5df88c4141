package config

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// graftDocument changes one document into another, and keeps the comments that
// stand beside what stays. paths replace the values of keys at the root.
func graftDocument(mine, theirs string, paths map[string]string) string {
	var want yaml.Node
	if yaml.Load([]byte(theirs), &want) != nil || len(want.Content) != 1 {
		return mine // it was read before; Pull notices
	}
	for key, file := range paths {
		if n := child(want.Content[0], key); n != nil {
			n.Value = file
		}
	}
	return editDocument(mine, func(root *yaml.Node) { graft(root, want.Content[0]) })
}

// editDocument lets edit change the root of a document, and writes it as it was
// written before: with its comments and its indentation. A text that is no document
// stays as it is.
func editDocument(text string, edit func(root *yaml.Node)) string {
	marker := ""
	if isMarker([]byte(text)) {
		end := strings.IndexByte(text, '\n') + 1
		marker, text = text[:end], text[end:]
	}
	var old yaml.Node
	if yaml.Load([]byte(text), &old) != nil || len(old.Content) != 1 {
		return marker + text
	}
	edit(old.Content[0])
	edited, err := yaml.Dump(&old, yaml.WithIndent(indentOf(text)), yaml.WithCompactSeqIndent(compactList.MatchString(text)),
		yaml.WithLineWidth(-1), yaml.WithQuotePreference(yaml.QuoteDouble))
	if err != nil {
		return marker + text
	}
	return marker + string(edited)
}

var (
	compactList = regexp.MustCompile(`(?m)^[a-z_]+:[ \t]*\n(?:[ \t]*#.*\n)*-`)
	indented    = regexp.MustCompile(`(?m)^[a-z_]+:[ \t]*\n( {2,9})[a-z]`)
)

// indentOf is how far tables are indented in a text.
func indentOf(text string) int {
	if found := indented.FindStringSubmatch(text); found != nil {
		return len(found[1])
	}
	return 2
}

// graft makes n say what want says.
func graft(n, want *yaml.Node) {
	switch {
	case n.Kind != want.Kind:
		head, line, foot := n.HeadComment, n.LineComment, n.FootComment
		*n = *want
		n.HeadComment, n.LineComment, n.FootComment = either(head, n.HeadComment), either(line, n.LineComment), either(foot, n.FootComment)
	case n.Kind == yaml.MappingNode:
		graftTable(n, want)
	case n.Kind == yaml.SequenceNode:
		graftList(n, want)
	case n.Value != want.Value || n.ShortTag() != want.ShortTag():
		n.Value, n.Tag, n.Style = want.Value, want.Tag, want.Style
	}
}

func either(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// graftTable keeps the order of keys that stay; new ones follow.
func graftTable(n, want *yaml.Node) {
	var content []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if value := child(want, n.Content[i].Value); value != nil {
			graft(n.Content[i+1], value)
			content = append(content, n.Content[i], n.Content[i+1])
		}
	}
	for i := 0; i+1 < len(want.Content); i += 2 {
		if child(n, want.Content[i].Value) == nil {
			content = append(content, want.Content[i], want.Content[i+1])
		}
	}
	n.Content = content
}

// graftList takes the order that is wanted, and items from here where they have
// the same name.
func graftList(n, want *yaml.Node) {
	mine := map[string]*yaml.Node{}
	for _, item := range n.Content {
		mine[itemName(item)] = item
	}
	content := make([]*yaml.Node, len(want.Content))
	for i, item := range want.Content {
		content[i] = item
		if old := mine[itemName(item)]; old != nil && itemName(item) != "" {
			graft(old, item)
			content[i] = old
			delete(mine, itemName(item))
		}
	}
	n.Content = content
}

// itemName tells an item from its neighbours, as in [meaning.named].
func itemName(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return n.Value
	}
	for _, key := range []string{"name", "from", "label"} {
		if value := child(n, key); value != nil && value.Kind == yaml.ScalarNode {
			return key + ":" + value.Value
		}
	}
	return ""
}
