package config

import "go.yaml.in/yaml/v4"

// spot is a place in a file: a node and where it stands.
type spot struct {
	file string
	node *yaml.Node
}

// inFile is a spot at the beginning of a file.
func inFile(file string) spot { return spot{file: file} }

func (s spot) problem(severity Severity, f finding) Problem {
	p := Problem{Severity: severity, Code: f.code, File: s.file, What: f.what, Fix: f.fix}
	if s.node != nil {
		p.Line, p.Column = s.node.Line, s.node.Column
	}
	return p
}

// at follows a path of keys (string) and indices (int) to a value. Where the
// path ends early, so does at: what is missing is best told at what should have
// it.
func (s spot) at(path ...any) spot {
	for _, step := range path {
		next := child(s.node, step)
		if next == nil {
			return s
		}
		s.node = next
	}
	return s
}

// key is the spot of a key itself, not of its value.
func (s spot) key(name string) spot {
	if s.node == nil || s.node.Kind != yaml.MappingNode {
		return s
	}
	for i := 0; i+1 < len(s.node.Content); i += 2 {
		if s.node.Content[i].Value == name {
			return spot{s.file, s.node.Content[i]}
		}
	}
	return s
}

// item is the spot of a text in a list; the list's own if it is not in it.
func (s spot) item(text string) spot {
	if s.node != nil && s.node.Kind == yaml.SequenceNode {
		for _, n := range s.node.Content {
			if n.Value == text {
				return spot{s.file, n}
			}
		}
	}
	return s
}

// has reports whether a mapping has a key.
func (s spot) has(name string) bool { return child(s.node, name) != nil }

func child(n *yaml.Node, step any) *yaml.Node {
	if n == nil {
		return nil
	}
	switch step := step.(type) {
	case int:
		if n.Kind == yaml.SequenceNode && step < len(n.Content) {
			return n.Content[step]
		}
	case string:
		if n.Kind != yaml.MappingNode {
			return nil
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1]
			}
		}
	}
	return nil
}
