package config

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// segment is one YAML document of a file, with the lines before it counted.
type segment struct {
	text  []byte
	lines int // before it
}

// segments parts a file at its lines of three dashes, which YAML allows nowhere
// but between documents. Each is then read by itself, so that a mistake in one
// does not hide those in the others. Together they are the file.
func segments(text []byte) []segment {
	var all []segment
	start, startLine, line := 0, 0, 0
	for i := 0; i < len(text); line++ {
		end := len(text)
		if n := bytes.IndexByte(text[i:], '\n'); n >= 0 {
			end = i + n + 1
		}
		if i > start && isMarker(text[i:end]) {
			all = append(all, segment{text[start:i], startLine})
			start, startLine = i, line
		}
		i = end
	}
	return append(all, segment{text[start:], startLine})
}

func isMarker(line []byte) bool {
	return bytes.HasPrefix(line, []byte("---")) && (len(line) == 3 || strings.IndexByte(" \t\r\n", line[3]) >= 0)
}

// isYAML says whether a file holds objects, by its name.
func isYAML(file string) bool {
	extension := strings.ToLower(path.Ext(file))
	return extension == ".yaml" || extension == ".yml"
}

// isOpenAPI says whether a YAML file is an OpenAPI document, which is an asset:
// it names its version at the root, and no kind. An API without its kind has a
// path there, so it is still read as an object, and told about.
func isOpenAPI(text []byte) bool {
	found := false
	for line := range bytes.Lines(text) {
		key, value, colon := bytes.Cut(line, []byte(":"))
		if !colon {
			continue
		}
		switch strings.Trim(string(key), `"'`) {
		case "kind":
			return false
		case "openapi", "swagger":
			version := bytes.TrimLeft(value, ` "'`)
			found = found || len(version) > 0 && '0' <= version[0] && version[0] <= '9'
		}
	}
	return found
}

// load reads one document. It is nil for one without content, and when a problem
// was reported.
func (r *report) load(file string, s segment) *yaml.Node {
	if !utf8.Valid(s.text) {
		r.add(Problem{
			Severity: Error, Code: Unreadable, File: file, Line: s.lines + 1, Column: 1,
			What: "the file is not in UTF-8", Fix: "save it as UTF-8",
		})
		return nil
	}
	if at := oddBreak.FindIndex(s.text); at != nil {
		before := s.text[:at[0]]
		line := before[bytes.LastIndexByte(before, '\n')+1:]
		r.add(Problem{
			Severity: Error, Code: Unreadable, File: file, Line: s.lines + bytes.Count(before, []byte("\n")) + 1, Column: utf8.RuneCount(line) + 1,
			What: "here is a line break that only some programs see", Fix: "end lines with LF or CR LF, and write the character as an escape in double quotes if it is meant",
		})
		return nil
	}
	if isBlank(s.text) {
		return nil
	}
	var root yaml.Node
	if err := yaml.Load(s.text, &root); err != nil {
		r.unreadable(file, s, err)
		return nil
	}
	if len(root.Content) != 1 || isNull(root.Content[0]) {
		return nil
	}
	before := len(r.problems)
	r.direct(spot{file, root.Content[0]}, s.lines, 0)
	if len(r.problems) > before {
		return nil
	}
	return root.Content[0]
}

// oddBreak matches what the YAML library takes for the end of a line and editors
// do not: a lone CR, NEL, LS and PS. A reviewer would see another tree.
var oddBreak = regexp.MustCompile("\r[^\n]|\r$|[\u0085\u2028\u2029]")

// isBlank says whether a document consists of comments and markers.
func isBlank(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' && !bytes.Equal(line, []byte("---")) {
			return false
		}
	}
	return true
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// unreadable reports the library's errors. One error may hold several.
func (r *report) unreadable(file string, s segment, err error) {
	var many *yaml.LoadErrors
	if errors.As(err, &many) && len(many.Errors) > 0 {
		for _, one := range many.Errors {
			r.unreadableAt(file, s, one)
		}
		return
	}
	var one *yaml.LoadError
	if !errors.As(err, &one) {
		one = &yaml.LoadError{Message: err.Error()}
	}
	r.unreadableAt(file, s, one)
}

func (r *report) unreadableAt(file string, s segment, err *yaml.LoadError) {
	mark := err.Mark
	if mark.Line == 0 {
		mark.Line, mark.Column = 1, 1
	}
	what := strings.TrimSpace(err.Message)
	if err.ContextMsg != "" {
		what = err.ContextMsg + ": " + what
	}
	r.add(Problem{
		Severity: Error, Code: Unreadable, File: file, Line: s.lines + mark.Line, Column: max(mark.Column, 1),
		What: fmt.Sprintf("this is not YAML: %.200s", what), Fix: "correct it; often the cause is a line above",
	})
}

// entries counts what a list or mapping has.
func entries(n *yaml.Node) int {
	if n.Kind == yaml.MappingNode {
		return len(n.Content) / 2
	}
	return len(n.Content)
}

// direct moves lines to where they are in the file, and refuses what makes a
// value stand elsewhere than where it is read.
func (r *report) direct(s spot, lines, depth int) {
	n := s.node
	n.Line += lines
	if depth > maxNesting {
		r.fail(s, finding{TooLarge, fmt.Sprintf("this is nested more than %d deep", maxNesting), "flatten it"})
		return
	}
	if len(n.Content) > MaxItems && (n.Kind == yaml.SequenceNode || len(n.Content) > 2*MaxItems) {
		r.fail(s, finding{TooLarge, fmt.Sprintf("this has %d entries, and %d is the most that anything has", entries(n), MaxItems), "divide it between several objects; docs/reference/limits.md says how much of everything there can be"})
		return
	}
	switch {
	case n.Kind == yaml.AliasNode, n.Anchor != "":
		r.fail(s, finding{IndirectYAML, "anchors and aliases are not used in a tree", "write the value out, or make it a variable"})
		return
	case n.Style&yaml.TaggedStyle != 0:
		r.fail(s, finding{IndirectYAML, fmt.Sprintf("the tag %.40s is not used in a tree", n.Tag), "remove it, or put text into quotes"})
	case n.ShortTag() == "!!merge":
		r.fail(s, finding{IndirectYAML, "merge keys (<<) are not used in a tree", "write the keys out"})
	}
	for _, item := range n.Content {
		r.direct(spot{s.file, item}, lines, depth+1)
	}
}

// checkPath refuses names that some system could not write back, or would write
// elsewhere.
func checkPath(file string) string {
	switch {
	case file == "" || len(file) > MaxPath:
		return fmt.Sprintf("a path has between 1 and %d bytes", MaxPath)
	case strings.HasPrefix(file, "/") || path.Clean(file) != file || file == "." || file == ".." || strings.HasPrefix(file, "../"):
		return "it is not a plain relative path"
	case !utf8.ValidString(file) || strings.ContainsFunc(file, func(c rune) bool { return !unicode.IsPrint(c) }):
		return "it has characters that cannot be printed"
	case strings.ContainsAny(file, `\:*?"<>|`):
		return `it has one of \ : * ? " < > |`
	}
	return ""
}
