package board

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/govern"
)

// naming says what is thought of a scope's name. Its form is checked before there is
// a snapshot at all.
func (m *maker) naming(s *Scope) Naming {
	name := string(s.Name)
	if word := govern.EnvironmentIn(m.after, name); word != "" {
		better := strings.Trim(strings.ReplaceAll(strings.ReplaceAll(name, "-"+word, ""), word+"-", ""), ".-")
		if better == name {
			better = ""
		}
		return Naming{Refused, fmt.Sprintf("it has the name of an environment in it, %q", word), better}
	}
	if len(s.Near) > 0 {
		return Naming{Doubtful, "it will be taken for " + strings.Join(s.Near, ", "), s.Near[0]}
	}
	first, rest, _ := strings.Cut(name, ".")
	var firsts []string
	for _, spec := range m.after.Servers[s.Server].Scopes {
		if other, _, _ := strings.Cut(spec.Name, "."); spec.Name != name && !slices.Contains(firsts, other) {
			firsts = append(firsts, other)
		}
	}
	switch near := govern.Near(first, firsts); {
	case slices.Contains(firsts, first), len(firsts) == 0:
		return Naming{Verdict: Good, Text: "it is app.verb.target, as the others are"}
	case len(near) > 0:
		return Naming{Doubtful, fmt.Sprintf("no other scope of %s begins with %s", s.Server, first), near[0] + "." + rest}
	}
	return Naming{Doubtful, fmt.Sprintf("no other scope of %s begins with %s: it begins a family of its own", s.Server, first), ""}
}
