package route

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

var errRange = errors.New("beyond the range of its format")

// readParameters reads the parameters of a path item and its operation; the
// operation's replace those of the same name and place.
func (c *compiler) readParameters(segments []segment, item, operation place) []Parameter {
	var all []Parameter
	for _, list := range []place{item.get("parameters"), operation.get("parameters")} {
		if list.node == nil {
			continue
		}
		for i := range list.node.items {
			p, ok := c.readParameter(list.item(i))
			if !ok {
				continue
			}
			all = slices.DeleteFunc(all, func(other Parameter) bool { return other.Name == p.Name && other.In == p.In })
			all = append(all, p)
		}
	}
	for _, p := range all {
		if p.In == "path" && !slices.Contains(segments, segment{p.Name, true}) {
			c.fail(PathInvalid, operation, fmt.Sprintf("the path parameter %.40q is not in the template", p.Name), "")
		}
	}
	return all
}

func (c *compiler) readParameter(raw place) (Parameter, bool) {
	at, err := c.document.resolve(raw)
	if err != nil {
		c.fail(ReferenceBroken, raw, err.Error(), "")
		return Parameter{}, false
	}
	n := at.node
	p := Parameter{
		Name: n.get("name").str(), In: n.get("in").str(), Required: n.get("required").isTrue(),
		Deprecated: n.get("deprecated").isTrue(), Description: n.get("description").str(),
	}
	p.explode = p.In == "query" && (n.get("explode") == nil || n.get("explode").isTrue())
	schema := at.get("schema")
	if schema.node == nil {
		c.unchecked(at, p, "it has no schema")
		return p, true
	}
	p.Schema = schema.pointer
	if p.In != "path" && p.In != "query" {
		return p, true // headers and cookies belong to the gateway and the API
	}
	p.schema = c.schemas.add(schema)
	if why := c.cannotCheck(p, n); why != "" {
		c.unchecked(at, p, why)
		return p, true
	}
	p.checked = true
	return p, true
}

func (c *compiler) unchecked(at place, p Parameter, why string) {
	if p.In == "path" || p.In == "query" {
		c.warn(ParameterUnchecked, at, fmt.Sprintf("the parameter %.40q is passed without checking its value: %s", p.Name, why),
			"use a schema with a type, in the default style")
	}
}

// cannotCheck is why a parameter's text cannot be turned into a value.
func (c *compiler) cannotCheck(p Parameter, n *node) string {
	style := n.get("style").str()
	if style != "" && style != "form" && p.In == "query" || style != "" && style != "simple" && p.In == "path" {
		return "its style is " + style
	}
	kinds := c.kinds(p.schema.at)
	switch {
	case len(kinds) == 0:
		return "its schema has no type"
	case slices.Contains(kinds, "object"):
		return "its value is an object"
	}
	return ""
}

// kinds is the type of a schema, behind references.
func (c *compiler) kinds(at place) []string {
	at, err := c.document.resolve(at)
	if err != nil {
		return nil
	}
	return typesOf(at.node)
}

func typesOf(n *node) []string {
	declared := n.get("type")
	if declared == nil {
		return nil
	}
	if declared.kind == text {
		return []string{declared.text}
	}
	var all []string
	for _, item := range declared.items {
		all = append(all, item.str())
	}
	return all
}

// ValidateParameters checks path and query parameters against the operation's
// description: required ones are there, single ones are given once, and values
// fit their schemas. Undocumented query parameters are let pass. Errors are
// *RequestError with up to eight violations.
func (m Match) ValidateParameters(query url.Values) error {
	if m.Operation == nil {
		return &RequestError{Reason: ParameterInvalid}
	}
	var found []Violation
	for i := range m.Operation.Parameters {
		p := &m.Operation.Parameters[i]
		switch p.In {
		case "path":
			value, _ := m.Parameter(p.Name)
			found = append(found, m.checkParameter(p, []string{value})...)
		case "query":
			found = append(found, m.checkParameter(p, query[p.Name])...)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return &RequestError{ParameterInvalid, found[:min(len(found), maxViolations)]}
}

func (m Match) checkParameter(p *Parameter, values []string) []Violation {
	if len(values) == 0 {
		if p.Required {
			return []Violation{{In: p.In, Name: p.Name, What: "is missing"}}
		}
		return nil
	}
	if !p.checked {
		return nil
	}
	at, err := m.Operation.document.resolve(p.schema.at)
	if err != nil {
		return []Violation{{In: p.In, Name: p.Name, What: "cannot be checked"}}
	}
	kinds := typesOf(at.node)
	if slices.Contains(kinds, "array") {
		return m.checkList(p, at, values)
	}
	// Two readers of a repeated parameter may take different ones.
	if len(values) > 1 {
		return []Violation{{In: p.In, Name: p.Name, What: "is given more than once"}}
	}
	value, err := typed(kinds, values[0])
	if err != nil {
		return []Violation{{In: p.In, Name: p.Name, What: err.Error()}}
	}
	return p.schema.check(p.In, p.Name, value)
}

func (m Match) checkList(p *Parameter, at place, values []string) []Violation {
	if !p.explode {
		if len(values) > 1 {
			return []Violation{{In: p.In, Name: p.Name, What: "is given more than once"}}
		}
		values = strings.Split(values[0], ",")
	}
	var kinds []string
	if items := at.get("items"); items.node != nil {
		if items, err := m.Operation.document.resolve(items); err == nil {
			kinds = typesOf(items.node)
		}
	}
	list := make([]any, 0, len(values))
	for _, value := range values {
		item, err := typed(kinds, value)
		if err != nil {
			return []Violation{{In: p.In, Name: p.Name, What: err.Error()}}
		}
		list = append(list, item)
	}
	if p.schema.cost([]uint64{1, uint64(len(list))}) > maxEffort {
		return []Violation{{In: p.In, Name: p.Name, What: "has too many items"}}
	}
	return p.schema.check(p.In, p.Name, list)
}

// typed reads a parameter's text as the first of the types that fits, and as
// text if none does: the schema then says what is wrong.
func typed(kinds []string, value string) (any, error) {
	numeric := slices.Contains(kinds, "integer") || slices.Contains(kinds, "number")
	switch {
	case numeric && isNumber(value):
		return json.Number(value), checkNumber(value)
	case slices.Contains(kinds, "boolean") && (value == "true" || value == "false"):
		return value == "true", nil
	}
	return value, nil
}

func isNumber(value string) bool {
	return value != "" && strings.IndexByte("-0123456789", value[0]) >= 0 && json.Valid([]byte(value))
}
