package access

import (
	"fmt"
	"slices"
)

// families are what scopes stand for besides themselves, by position.
type families struct {
	parents []int // -1 for none
	up      []set // ancestors; nil where there are none
	down    []set // descendants; nil where there are none
}

// parents resolves the parents of scopes, and refuses what would let a list mean
// more than it says: a machine's scope below a customer's, or writing below reading.
func (c *compiler) parents() {
	m := c.model
	m.families.parents = make([]int, len(m.scopes))
	for i, s := range m.scopes {
		m.families.parents[i] = -1
		if s.Parent == "" {
			continue
		}
		path := fmt.Sprintf("scopes[%d].parent", slices.IndexFunc(c.spec.Scopes, func(o ScopeSpec) bool { return o.Name == s.Name }))
		at, known := m.position[s.Parent]
		if !known {
			c.refuse(path, fmt.Sprintf("scope %s is not declared", s.Parent), "declare it under scopes or correct the name")
			continue
		}
		switch parent := m.scopes[at]; {
		case parent.Kind.Customer() != s.Kind.Customer():
			c.refuse(path, fmt.Sprintf("scope %s is %s, and its parent %s is %s", s.Name, s.Kind, parent.Name, parent.Kind), "let both be a customer's, or both the system's")
		case parent.Kind.reads() && !s.Kind.reads():
			c.refuse(path, fmt.Sprintf("scope %s writes, and its parent %s only reads", s.Name, parent.Name), "choose a parent that writes")
		}
		m.families.parents[i] = at
	}
	c.cycles()
	m.families.trace()
}

// cycles are refused, each at the first of its scopes.
func (c *compiler) cycles() {
	m := c.model
	told := newSet(len(m.scopes))
	for i := range m.scopes {
		seen, text := newSet(len(m.scopes)), ""
		for at := i; at >= 0 && !told.has(at); at = m.families.parents[at] {
			if text += string(m.scopes[at].Name) + " → "; !seen.has(at) {
				seen.add(at)
				continue
			}
			if at == i {
				told.or(seen)
				path := fmt.Sprintf("scopes[%d].parent", slices.IndexFunc(c.spec.Scopes, func(o ScopeSpec) bool { return o.Name == m.scopes[i].Name }))
				c.refuse(path, "scopes are each other's parents: "+text[:len(text)-len(" → ")], "remove one of the parents")
			}
			break
		}
	}
}

// trace finds ancestors and descendants. It ends in a circle too, which drafts of
// half a change can have.
func (f *families) trace() {
	n := len(f.parents)
	f.up, f.down = make([]set, n), make([]set, n)
	for i := range f.parents {
		for at := f.parents[i]; at >= 0 && at != i && (f.up[i] == nil || !f.up[i].has(at)); at = f.parents[at] {
			if f.up[i] == nil {
				f.up[i] = newSet(n)
			}
			if f.down[at] == nil {
				f.down[at] = newSet(n)
			}
			f.up[i].add(at)
			f.down[at].add(i)
		}
	}
}

// below gives scopes and their descendants: what a list allows.
func (f *families) below(lists set) set {
	scopes := lists.clone()
	lists.each(func(i int) {
		if f.down[i] != nil {
			scopes.or(f.down[i])
		}
	})
	return scopes
}

// around gives scopes, their ancestors and their descendants: what a list denies.
func (f *families) around(lists set) set {
	scopes := f.below(lists)
	lists.each(func(i int) {
		if f.up[i] != nil {
			scopes.or(f.up[i])
		}
	})
	return scopes
}

// expand finds what lists stand for.
func (m *Model) expand() {
	f := &m.families
	m.entitled = make([]set, len(m.entitles))
	for i, lists := range m.entitles {
		m.entitled[i] = f.below(lists)
	}
	for _, app := range m.applications {
		app.assigned = f.below(app.assigns)
	}
	m.future.assigned = m.future.assigns
	for _, p := range m.policies {
		for _, r := range p.rules {
			switch {
			case r.all:
				r.scopes = m.all
			case r.effect == Deny:
				r.scopes = f.around(r.lists)
			default:
				r.scopes = f.below(r.lists)
			}
		}
	}
}

// Ancestors returns the scopes that open what a scope opens, the nearest first;
// none of a scope that is not declared. The slice is the caller's.
func (m *Model) Ancestors(scope Scope) []Scope {
	var names []Scope
	at, known := m.position[scope]
	for known {
		if at = m.families.parents[at]; at < 0 {
			break
		}
		names = append(names, m.scopes[at].Name)
	}
	return names
}

// Descendants returns the scopes whose operations a scope opens besides its own,
// by name; none of a scope that is not declared. The slice is the caller's.
func (m *Model) Descendants(scope Scope) []Scope {
	if at, known := m.position[scope]; known && m.families.down[at] != nil {
		return m.scopeNames(m.families.down[at])
	}
	return nil
}
