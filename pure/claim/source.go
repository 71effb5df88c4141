package claim

import (
	"math"
	"strconv"

	"sallyport/pure/access"
)

// source is where a claim's value is from.
type source interface {
	// value gives it as a string, int64, bool or []string; nil if there is none.
	value(*Input) (any, Reason)
	// bytes are how long its JSON is unless configuration says otherwise, and how
	// long it can be at all; 0 is no such bound.
	bytes() (usual, all int)
	tells() telling
	String() string
}

// telling is what a value can tell of a customer besides their subject id.
type telling struct {
	attributes             []string // sorted
	groups, name, accounts bool
}

// constant is a text that configuration has.
type constant string

func (c constant) value(*Input) (any, Reason) { return string(c), "" }
func (c constant) tells() telling             { return telling{} }
func (c constant) String() string             { return "the constant " + string(c) }

func (c constant) bytes() (usual, all int) {
	n := len(AppendString(nil, string(c)))
	return n, n
}

// attribute is a customer's attribute as it is registered.
type attribute access.AttributeSpec

func (a attribute) tells() telling { return telling{attributes: []string{string(a.Name)}} }
func (a attribute) String() string { return "attribute " + string(a.Name) }

func (a attribute) bytes() (usual, all int) {
	switch a.Type {
	case access.Number:
		return len(strconv.Itoa(math.MinInt64)), len(strconv.Itoa(math.MinInt64))
	case access.Boolean:
		return len("false"), len("false")
	case access.Date:
		return len(`"2006-01-02"`), len(`"2006-01-02"`)
	}
	return DefaultMost, 0
}

func (a attribute) value(in *Input) (any, Reason) {
	if in.Customer == nil {
		return nil, ""
	}
	return typed(in.Customer.Attributes[string(a.Name)], a.Type)
}

// typed reads the text that the directory has of an attribute; nil if it is empty.
func typed(text string, t access.AttributeType) (any, Reason) {
	switch {
	case text == "":
		return nil, ""
	case !t.Valid(text):
		return nil, NotOfType
	case t == access.Number:
		n, _ := strconv.ParseInt(text, 10, 64) // valid
		return n, ""
	case t == access.Boolean:
		return text == "true", ""
	}
	return text, ""
}

// filtered is a customer's groups that pass; none is an empty list.
type filtered Filter

func (f filtered) bytes() (usual, all int) { return DefaultMostGroups, 0 }
func (f filtered) tells() telling          { return telling{groups: true} }
func (f filtered) String() string          { return Filter(f).String() }

func (f filtered) value(in *Input) (any, Reason) {
	if in.Customer == nil {
		return nil, ""
	}
	kept := []string{}
	for _, group := range in.Customer.Groups {
		if Filter(f).Keeps(group) {
			kept = append(kept, group)
		}
	}
	return kept, ""
}

// filled is what a hook answered for a claim.
type filled struct {
	claim, hook string
	kind        Type // empty: any
}

func (f filled) tells() telling { return telling{} }
func (f filled) String() string { return "the hook " + f.hook }

func (f filled) bytes() (usual, all int) {
	switch f.kind {
	case Bool:
		return len("false"), len("false")
	case Int:
		return len(strconv.Itoa(math.MinInt64)), len(strconv.Itoa(math.MinInt64))
	}
	return DefaultMost, 0
}

func (f filled) value(in *Input) (any, Reason) {
	value, found := in.Filled[f.claim]
	if !found || value == nil {
		return nil, ""
	}
	if t := typeOf(value); t == "" || f.kind != "" && t != f.kind {
		return nil, NotAsDeclared
	}
	return value, ""
}

// typeOf is the type of a claim's value; empty for what no claim can be.
func typeOf(value any) Type {
	switch value.(type) {
	case string:
		return String
	case bool:
		return Bool
	case int64:
		return Int
	case []string:
		return Strings
	}
	return ""
}
