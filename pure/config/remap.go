package config

import (
	"maps"
	"reflect"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// Remap gives a migration another map of fields, and leaves everything else of the
// tree as it is written. Lines that stay as they were keep their comments.
func Remap(t *Tree, migration string, lines []FieldSpec) (*Tree, []Problem) {
	e := newEditor(t)
	o := e.named(KindMigration, "migration", migration)
	if o == nil {
		return e.result()
	}
	was := o.raw.(*Migration).Map
	e.edit(o, func(root *yaml.Node) {
		list := under(root, "map", yaml.SequenceNode, 0)
		kept, used := list.Content, make([]bool, len(was))
		list.Content = nil
		for _, line := range lines {
			at := slices.IndexFunc(was, func(old FieldSpec) bool { return reflect.DeepEqual(old, line) })
			if at >= 0 && at < len(kept) && !used[at] {
				used[at] = true
				list.Content = append(list.Content, kept[at])
				continue
			}
			list.Content = append(list.Content, mapLine(line))
		}
		if len(list.Content) == 0 {
			list.Style = yaml.FlowStyle
		}
	})
	return e.result()
}

// mapLine is a line of a map as it is written; what has its default is left out.
func mapLine(f FieldSpec) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle}
	said := func(pairs ...string) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				put(n, pairs[i], text(pairs[i+1]))
			}
		}
	}
	said("from", f.From, "to", f.To, "verified", f.Verified)
	if len(f.With) > 0 {
		put(n, "with", flow(f.With...))
	}
	if len(f.Transform) > 0 {
		steps := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
		for _, s := range f.Transform {
			steps.Content = append(steps.Content, stepNode(s))
		}
		put(n, "transform", steps)
	}
	said("type", f.Type, "format", f.Format, "country", f.Country, "default", f.Default)
	if len(f.Values) > 0 {
		values := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle}
		for _, from := range slices.Sorted(maps.Keys(f.Values)) {
			put(values, from, text(f.Values[from]))
		}
		put(n, "values", values)
	}
	if f.Required {
		put(n, "required", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"})
	}
	said("keep", f.Keep, "reason", f.Reason)
	return n
}

// stepNode is one transform as it is written.
func stepNode(s TransformSpec) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle}
	for _, key := range []struct{ name, value string }{
		{"do", s.Do}, {"text", s.Text}, {"find", s.Find}, {"with", s.With}, {"format", s.Format}, {"region", s.Region},
	} {
		if key.value != "" {
			put(n, key.name, text(key.value))
		}
	}
	if s.Part != 0 {
		put(n, "part", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(s.Part)})
	}
	return n
}
