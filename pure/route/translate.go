package route

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// literal lists the keywords that are copied as they stand. What is in no list
// (titles, examples, discriminators, extensions) asserts nothing.
var literal = []string{
	"type", "enum", "const", "multipleOf", "maximum", "minimum",
	"exclusiveMaximum", "exclusiveMinimum", "maxLength", "minLength", "pattern",
	"maxItems", "minItems", "uniqueItems", "maxContains", "minContains",
	"maxProperties", "minProperties", "required", "dependentRequired",
}

// The keywords whose values are schemas, by what they are applied to.
var (
	sameValue     = []string{"not", "if", "then", "else"}
	sameValueList = []string{"allOf", "anyOf", "oneOf"}
	belowValue    = []string{"items", "contains", "additionalProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties"}
	foreignScope  = []string{"$id", "$schema", "$dynamicRef", "$recursiveRef", "$vocabulary"}
)

// translate fills a part from the schema at its place. 3.0 dialect (nullable,
// boolean exclusiveMinimum, nothing beside $ref) becomes JSON Schema 2020-12.
func (s *schemaSet) translate(p *part) {
	p.weight = 1
	n := p.at.node
	switch {
	case n != nil && n.kind == boolean:
		p.out = n.isTrue()
		return
	case !n.isObject():
		p.out = true
		s.fail(p.at, "a schema is neither an object nor a boolean")
		return
	}
	out := make(map[string]any)
	p.out = out
	if s.translateReference(p, out) && s.document.version == "3.0" {
		return
	}
	for _, keyword := range foreignScope {
		if n.get(keyword) != nil {
			s.fail(p.at.get(keyword), "the keyword %s is not supported", keyword)
		}
	}
	for _, keyword := range literal {
		if value := n.get(keyword); value != nil {
			out[keyword] = value.value()
		}
	}
	s.translateInner(p, out)
	s.finish(p, out)
}

func (s *schemaSet) translateReference(p *part, out map[string]any) bool {
	ref := p.at.node.get("$ref")
	if ref == nil || ref.kind != text {
		return false
	}
	target, err := s.document.lookup(ref.text)
	if err != nil {
		s.fail(p.at.get("$ref"), "%v", err)
		return true
	}
	definition := s.definition(target)
	p.same = append(p.same, definition)
	out["$ref"] = "#/$defs/" + definition.name
	return true
}

// translateInner translates the schemas inside a schema.
func (s *schemaSet) translateInner(p *part, out map[string]any) {
	for _, keyword := range sameValue {
		if at := p.at.get(keyword); at.node != nil {
			p.same = append(p.same, s.inner(at, out, keyword))
		}
	}
	for _, keyword := range sameValueList {
		p.same = append(p.same, s.innerList(p.at.get(keyword), out, keyword)...)
	}
	for _, keyword := range belowValue {
		if at := p.at.get(keyword); at.node != nil {
			p.below = append(p.below, s.inner(at, out, keyword))
		}
	}
	p.below = append(p.below, s.innerList(p.at.get("prefixItems"), out, "prefixItems")...)
	p.named = s.innerMap(p.at.get("properties"), out, "properties")
	p.below = append(p.below, sortedParts(s.innerMap(p.at.get("patternProperties"), out, "patternProperties"))...)
	p.same = append(p.same, sortedParts(s.innerMap(p.at.get("dependentSchemas"), out, "dependentSchemas"))...)
}

func (s *schemaSet) inner(at place, out map[string]any, keyword string) *part {
	p := &part{at: at}
	s.all = append(s.all, p)
	s.translate(p)
	out[keyword] = p.out
	return p
}

func (s *schemaSet) innerList(at place, out map[string]any, keyword string) []*part {
	if at.node == nil || at.node.kind != array {
		return nil
	}
	var parts []*part
	var list []any
	for i := range at.node.items {
		p := s.inner(at.item(i), map[string]any{}, keyword)
		parts, list = append(parts, p), append(list, p.out)
	}
	out[keyword] = list
	return parts
}

func (s *schemaSet) innerMap(at place, out map[string]any, keyword string) map[string]*part {
	if !at.node.isObject() {
		return nil
	}
	parts, fields := make(map[string]*part), make(map[string]any)
	at.fields(func(name string, value place) {
		parts[name] = s.inner(value, fields, name)
	})
	out[keyword] = fields
	return parts
}

// finish applies what is particular to OpenAPI.
func (s *schemaSet) finish(p *part, out map[string]any) {
	n := p.at.node
	if values, ok := out["enum"].([]any); ok {
		p.weight += uint64(len(values))
	}
	if format := n.get("format").str(); asserted(format) {
		out["format"] = format
	}
	if s.document.version == "3.0" {
		s.fromVersion30(n, out)
	}
	if required, ok := out["required"].([]any); ok {
		out["required"] = s.withoutReadOnly(p, required)
	}
}

func (s *schemaSet) fromVersion30(n *node, out map[string]any) {
	if name, ok := out["type"].(string); ok && n.get("nullable").isTrue() {
		out["type"] = []any{name, "null"}
	}
	for exclusive, limit := range map[string]string{"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"} {
		if flag, ok := out[exclusive].(bool); ok {
			delete(out, exclusive)
			if bound, bounded := out[limit]; flag && bounded {
				out[exclusive] = bound
				delete(out, limit)
			}
		}
	}
}

// withoutReadOnly drops required properties that only responses carry (OpenAPI
// 3.0.4 §4.7.24.2: required takes effect on the response only).
func (s *schemaSet) withoutReadOnly(p *part, required []any) []any {
	return slices.DeleteFunc(slices.Clone(required), func(name any) bool {
		property := p.named[asString(name)]
		if property == nil {
			return false
		}
		at, err := s.document.resolve(property.at)
		return err == nil && (at.node.get("readOnly").isTrue() || property.at.node.get("readOnly").isTrue())
	})
}

func asString(v any) string {
	name, _ := v.(string)
	return name
}

// asserted lists the formats that are checked. Others are hints to readers, as
// the standard has it.
func asserted(format string) bool {
	return slices.Contains([]string{"date", "date-time", "uuid", "ipv4", "ipv6", "int32", "int64"}, format)
}

// formats adds the integer formats of OpenAPI to those that the library knows.
func formats() []*jsonschema.Format {
	return []*jsonschema.Format{
		{Name: "int32", Validate: within(math.MinInt32, math.MaxInt32)},
		{Name: "int64", Validate: within(math.MinInt64, math.MaxInt64)},
	}
}

func within(low, high int64) func(any) error {
	return func(value any) error {
		literal, ok := value.(json.Number)
		if !ok || strings.ContainsAny(string(literal), ".eE") {
			return nil // type: integer judges those
		}
		if i, err := literal.Int64(); err != nil || i < low || i > high {
			return errRange
		}
		return nil
	}
}
