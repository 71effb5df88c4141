package config

import (
	"fmt"
	"slices"
	"strings"
)

// This file holds the checks that objects of all kinds have in common.

// name checks the name of an entry of a list.
func (c *checker) name(at spot, name, what string) {
	c.grammar(at, name, what, checkName(name))
}

// key is name for what may have underscores.
func (c *checker) key(at spot, name, what string) {
	c.grammar(at, name, what, checkKey(name))
}

func (c *checker) grammar(at spot, name, what, reason string) {
	switch {
	case name == "" && !at.has("name"):
		c.fail(at, finding{FieldRequired, "this " + what + " has no name", "add name:"})
	case reason != "":
		c.fail(at.at("name"), finding{NameInvalid, fmt.Sprintf("%.80q is no name of a %s: %s", name, what, reason), nameFix})
	}
}

// once refuses names that a list has twice. inner leads from an item to its name.
func (c *checker) once(list spot, names []string, what string, inner ...any) {
	seen := make(map[string]bool, len(names))
	for i, name := range names {
		if name != "" && seen[name] {
			code := ItemRepeated
			if len(inner) > 0 {
				code = NameTaken
			}
			c.fail(list.at(append([]any{i}, inner...)...), finding{code, fmt.Sprintf("the %s %q is here twice", what, name), "remove one of them"})
		}
		seen[name] = true
	}
}

// required refuses an empty text.
func (c *checker) required(at spot, key, value string) bool {
	if value != "" {
		return true
	}
	c.fail(at.at(key), finding{FieldRequired, fmt.Sprintf("%s is missing", key), fmt.Sprintf("add %s:", key)})
	return false
}

// oneOf refuses a value that is not among the known ones.
func (c *checker) oneOf(at spot, what, value string, known ...string) bool {
	if slices.Contains(known, value) {
		return true
	}
	c.fail(at, finding{ValueUnknown, fmt.Sprintf("%.80q is no %s", value, what), suggest(value, known)})
	return false
}

// known refuses a reference to what the tree does not have. In a tree that could
// not be read in full it says nothing, since the rest may have it.
func (c *checker) known(at spot, by, what, name string, known []string) bool {
	if slices.Contains(known, name) {
		return true
	}
	if !c.tree.lost && !c.full {
		fix := suggest(name, known)
		if fix == "" {
			fix = "add it, or remove its name here"
		}
		c.fail(at, finding{ReferenceMissing, fmt.Sprintf("%s names the %s %q, which is not in the tree", by, what, name), fix})
	}
	return false
}

// references checks a list of names.
func (c *checker) references(list spot, by, what string, names, known []string) {
	for i, name := range names {
		c.known(list.at(i), by, what, name, known)
	}
	c.once(list, names, what)
}

// starred checks a list of names that may be just "*"; it reports whether it is.
func (c *checker) starred(list spot, by, what string, names, known []string) bool {
	if !slices.Contains(names, "*") {
		c.references(list, by, what, names, known)
		return false
	}
	if len(names) > 1 {
		c.fail(list.at(slices.Index(names, "*")), finding{StarNotAlone, fmt.Sprintf(`%s names "*" beside others`, by), `keep either "*" or the names`})
		c.references(list, by, what, slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "*" }), known)
	}
	return true
}

// bounds is what a length of time must lie within.
type bounds struct {
	what        string
	least, most Duration
}

// within refuses a length of time out of bounds. What is absent is left to its
// default.
func (c *checker) within(at spot, key string, d Duration, b bounds) {
	if !at.has(key) || at.at(key).node.Value != "0" && d == 0 {
		return // absent, or told already
	}
	if d < b.least || d > b.most {
		c.fail(at.at(key), finding{OutOfBounds, fmt.Sprintf("%s is %s", b.what, d), fmt.Sprintf("choose between %s and %s", b.least, b.most)})
	}
}

// quoted joins names for a sentence.
func quoted(names []string) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(parts, ", ")
}
