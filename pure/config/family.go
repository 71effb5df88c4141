package config

import (
	"fmt"
	"slices"
	"strings"
)

// families checks the parents of scopes.
func (c *checker) families(list spot, scopes []ScopeSpec) {
	find := func(name string) int {
		return slices.IndexFunc(scopes, func(s ScopeSpec) bool { return s.Name == name })
	}
	var names []string
	for _, s := range scopes {
		names = append(names, s.Name)
	}
	told := map[string]bool{}
	for i, s := range scopes {
		at := list.at(i, "parent")
		if s.Parent == "" || !c.known(at, fmt.Sprintf("the scope %q", s.Name), "scope", s.Parent, names) {
			continue
		}
		switch parent := scopes[find(s.Parent)]; {
		case customers(parent.Kind) != customers(s.Kind):
			c.fail(at, finding{ParentUnfit, fmt.Sprintf("the scope %q is %s, and its parent %q is %s", s.Name, s.Kind, parent.Name, parent.Kind), "let both be a customer's, or both the system's"})
		case strings.HasSuffix(parent.Kind, "-read") && strings.HasSuffix(s.Kind, "-write"):
			c.fail(at, finding{ParentUnfit, fmt.Sprintf("the scope %q writes, and its parent %q only reads", s.Name, parent.Name), "choose a parent that writes"})
		}
		if circle := circle(scopes, i, find); circle != nil && !slices.ContainsFunc(circle, func(name string) bool { return told[name] }) {
			for _, name := range circle {
				told[name] = true
			}
			c.fail(at, finding{ParentUnfit, "these scopes are each other's parents: " + strings.Join(append(circle, circle[0]), " → "), "remove one of the parents"})
		}
	}
}

func customers(kind string) bool { return strings.HasPrefix(kind, "customer-") }

// circle gives the scopes above one up to itself; nil if none of them is itself.
func circle(scopes []ScopeSpec, i int, find func(string) int) []string {
	var names []string
	for at := i; at >= 0 && scopes[at].Parent != "" && len(names) <= len(scopes); at = find(scopes[at].Parent) {
		if at == i && len(names) > 0 {
			return names
		}
		names = append(names, scopes[at].Name)
	}
	return nil
}
