package access

import (
	"fmt"
	"strings"
)

// String says who, as "any customer in landlords, from anywhere".
func (p Population) String() string {
	who := []string{"any customer"}
	if p.Machine {
		who[0] = "the application itself"
	}
	for i, list := range p.In {
		who[0] += map[bool]string{true: " in ", false: " and in "}[i == 0] + either(list)
	}
	if len(p.NotIn) > 0 {
		who[0] += " and not in "
		if len(p.In) == 0 {
			who[0] = "any customer not in "
		}
		who[0] += either(p.NotIn)
	}
	for i, h := range p.Has {
		who[0] += map[bool]string{true: " whose ", false: " and whose "}[i == 0] + h.String()
	}
	who = append(who, p.From.String())
	for _, t := range p.When {
		where := map[bool]string{true: "within ", false: "outside "}[t.Inside]
		who = append(who, where+joined(t.Windows))
	}
	if !p.Machine {
		who = append(who, p.signIn()...)
	}
	return strings.Join(who, ", ")
}

// signIn says how well and how long ago, where it matters.
func (p Population) signIn() (said []string) {
	switch {
	case p.Most < PhishingResistant && p.Least == p.Most:
		said = append(said, "with assurance "+p.Least.String()+" only")
	case p.Most < PhishingResistant && p.Least > NoAssurance:
		said = append(said, "with assurance from "+p.Least.String()+" to "+p.Most.String())
	case p.Most < PhishingResistant:
		said = append(said, "with assurance up to "+p.Most.String())
	case p.Least > NoAssurance:
		said = append(said, "with "+p.Least.String()+" or better")
	}
	switch {
	case p.OlderThan > 0 && p.NoOlderThan > 0:
		said = append(said, fmt.Sprintf("signed in more than %s and at most %s ago", span(p.OlderThan), span(p.NoOlderThan)))
	case p.OlderThan > 0:
		said = append(said, fmt.Sprintf("signed in more than %s ago", span(p.OlderThan)))
	case p.NoOlderThan > 0:
		said = append(said, fmt.Sprintf("signed in at most %s ago", span(p.NoOlderThan)))
	}
	return said
}

// either lists things of which one is meant.
func either[T ~string](names []T) string {
	if len(names) < 2 {
		return list(names, "none")
	}
	return list(names[:len(names)-1], "") + " or " + string(names[len(names)-1])
}
