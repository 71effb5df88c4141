package route

import (
	"errors"
	"fmt"
	"strings"
)

// segment is one part of a path template.
type segment struct {
	text      string // as it stands in a canonical path, or a parameter's name
	parameter bool
}

// parseTemplate cuts a template such as /bills/{bill} and brings its static
// segments into canonical form.
func parseTemplate(template string) ([]segment, error) {
	if !strings.HasPrefix(template, "/") {
		return nil, errors.New("it does not begin with a slash")
	}
	var segments []segment
	seen := make(map[string]bool)
	for part := range strings.SplitSeq(template[1:], "/") {
		s, err := parseSegment(part)
		if err != nil {
			return nil, err
		}
		if s.parameter && seen[s.text] {
			return nil, fmt.Errorf("the parameter {%s} stands twice", s.text)
		}
		seen[s.text] = seen[s.text] || s.parameter
		segments = append(segments, s)
	}
	return segments, checkTemplate(segments)
}

func parseSegment(part string) (segment, error) {
	name, opened := strings.CutPrefix(part, "{")
	name, closed := strings.CutSuffix(name, "}")
	if opened && closed && name != "" && !strings.ContainsAny(name, "{}") {
		return segment{name, true}, nil
	}
	if strings.ContainsAny(part, "{}") {
		return segment{}, fmt.Errorf("the segment %q is only partly a parameter", part)
	}
	return segment{part, false}, nil
}

// checkTemplate sends the template, with a letter for each parameter, through
// Canonicalise: a template that no canonical path can match is a mistake.
func checkTemplate(segments []segment) error {
	var raw strings.Builder
	for _, s := range segments {
		raw.WriteByte('/')
		if s.parameter {
			raw.WriteByte('x')
		} else {
			raw.WriteString(s.text)
		}
	}
	path, err := Canonicalise(raw.String())
	if err != nil {
		return err
	}
	for i, part := range strings.Split(path[1:], "/") {
		if !segments[i].parameter {
			segments[i].text = part
		}
	}
	return nil
}

// cleanBasePath is a base path without its trailing slash.
func cleanBasePath(base string) (string, error) {
	base = strings.TrimSuffix(base, "/")
	if base == "" {
		return "", nil
	}
	if strings.ContainsAny(base, "{}") {
		return "", errors.New("it has parameters")
	}
	return Canonicalise(base)
}
