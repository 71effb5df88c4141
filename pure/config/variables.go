package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// variables are what ${name} stands for in one environment. Those of the
// environment may refer to others and to built-in ones.
type variables struct {
	*report
	at       spot              // of the environment's variables
	defined  map[string]string // as written
	builtin  map[string]string
	values   map[string]string // filled in
	broken   map[string]bool   // told already
	pending  []string          // being filled in, outermost first
	expanded int               // bytes added so far
}

// newVariables fills in the variables of an environment. at leads to its entry.
func newVariables(r *report, at spot, defined, builtin map[string]string) *variables {
	v := &variables{
		report: r, at: at.at("variables"), defined: map[string]string{}, builtin: builtin,
		values: map[string]string{}, broken: map[string]bool{},
	}
	for _, name := range slices.Sorted(maps.Keys(defined)) {
		key := v.at.key(name)
		_, reserved := builtin[name]
		switch reason := checkKey(name); {
		case reserved:
			v.fail(key, finding{VariableReserved, fmt.Sprintf("the variable %q is built in", name), "give it another name"})
			continue
		case secretKey.MatchString(name):
			v.fail(key, finding{SecretInTree, fmt.Sprintf("the variable %q looks like a secret, and a tree holds none", name), "remove it, and replace the secret"})
		case reason != "":
			v.fail(key, finding{NameInvalid, fmt.Sprintf("%.80q is no name of a variable: %s", name, reason), nameFix + "; underscores may stand between them"})
		}
		v.defined[name] = defined[name]
	}
	for _, name := range slices.Sorted(maps.Keys(v.defined)) {
		v.value(name)
	}
	return v
}

// value is a variable's value; false if there is none, or if it is broken.
func (v *variables) value(name string) (string, bool) {
	if value, known := v.builtin[name]; known {
		return value, true
	}
	if value, known := v.values[name]; known {
		return value, !v.broken[name]
	}
	text, known := v.defined[name]
	if !known {
		return "", false
	}
	if i := slices.Index(v.pending, name); i >= 0 {
		v.cycle(append(slices.Clone(v.pending[i:]), name))
		return "", false
	}
	v.pending = append(v.pending, name)
	before := len(v.problems)
	value := v.fill(v.at.at(name), text)
	v.pending = v.pending[:len(v.pending)-1]
	v.values[name] = value
	v.broken[name] = v.broken[name] || len(v.problems) > before || v.full
	return value, !v.broken[name]
}

// cycle tells a circle once, at the first variable of it by name.
func (v *variables) cycle(names []string) {
	for _, name := range names {
		if v.broken[name] {
			return
		}
	}
	for _, name := range names {
		v.broken[name] = true
	}
	first := slices.Min(names)
	ring := names[:len(names)-1]
	at := slices.Index(ring, first)
	ring = append(slices.Clone(ring[at:]), ring[:at]...)
	v.fail(v.at.at(first), finding{
		VariableCycle,
		fmt.Sprintf("variables refer to each other in a circle: %s → %s", strings.Join(ring, " → "), first), "give one of them a value of its own",
	})
}

// fill puts variables into a text. What cannot be filled in is reported at the
// text and left out.
func (v *variables) fill(at spot, text string) string {
	var b strings.Builder
	for rest := text; ; {
		before, after, found := cutReference(rest, &b)
		b.WriteString(before)
		if !found {
			break
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed || checkReference(name) {
			v.fail(at, finding{VariableMalformed, "a variable is not written ${name}", "close the brace, or write $${ for a literal ${"})
			return ""
		}
		value, known := v.value(name)
		if !known && !v.isDefined(name) {
			v.fail(at, finding{VariableUnknown, fmt.Sprintf("the variable %q is not defined", name), suggest(name, v.names())})
		}
		b.WriteString(value)
		rest = tail
		if b.Len() > MaxText {
			v.fail(at, finding{VariableTooLong, fmt.Sprintf("with its variables the text has more than %d bytes", MaxText), "shorten the variables"})
			return ""
		}
	}
	return v.spend(at, b.String(), len(text))
}

// spend counts what variables add, so that a small tree cannot become a large one.
func (v *variables) spend(at spot, text string, before int) string {
	v.expanded += max(0, len(text)-before)
	if v.expanded > maxExpanded {
		v.fail(at, finding{VariableTooLong, fmt.Sprintf("variables add more than %d bytes to the tree", maxExpanded), "shorten the variables"})
		return ""
	}
	return text
}

// cutReference cuts text at its first ${ that is not escaped. Escapes before it
// are written out.
func cutReference(text string, b *strings.Builder) (before, after string, found bool) {
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			return text, "", false
		}
		if i == 0 || text[i-1] != '$' {
			return text[:i], text[i+2:], true
		}
		b.WriteString(text[:i-1])
		b.WriteString("${")
		text = text[i+2:]
	}
}

// checkReference refuses what cannot be the name of a variable or a built-in one.
func checkReference(name string) (malformed bool) {
	for part := range strings.SplitSeq(name, ".") {
		if checkKey(part) != "" {
			return true
		}
	}
	return false
}

func (v *variables) isDefined(name string) bool {
	_, defined := v.defined[name]
	return defined
}

func (v *variables) names() []string {
	return slices.Concat(slices.Collect(maps.Keys(v.defined)), slices.Collect(maps.Keys(v.builtin)))
}
