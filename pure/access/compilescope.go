package access

import (
	"fmt"
	"slices"
	"strings"
)

// scopes sorts by name, so that tokens list scopes in the same order however
// the file is arranged.
func (c *compiler) scopes() {
	m, first := c.model, map[Scope]int{}
	for i, s := range c.spec.Scopes {
		path := fmt.Sprintf("scopes[%d]", i)
		if c.scope(path, s); IsOIDC(s.Name) {
			continue
		}
		if other, twice := first[s.Name]; twice {
			c.refuse(path, fmt.Sprintf("scope %s is already declared at scopes[%d]", s.Name, other), "remove one of them")
			continue
		}
		first[s.Name] = i
		m.scopes = append(m.scopes, s)
	}
	slices.SortFunc(m.scopes, func(a, b ScopeSpec) int { return strings.Compare(string(a.Name), string(b.Name)) })
	n := len(m.scopes)
	m.all, m.customer, m.system, m.defaults = newSet(n), newSet(n), newSet(n), newSet(n)
	m.all.fill(n)
	for i, s := range m.scopes {
		m.position[s.Name] = i
		if s.Kind.Customer() {
			m.customer.add(i)
		}
		if s.Kind.System() {
			m.system.add(i)
		}
		if s.Default {
			m.defaults.add(i)
		}
	}
}

func (c *compiler) scope(path string, s ScopeSpec) {
	c.name(path, string(s.Name))
	if !scopeToken(s.Name) {
		c.refuse(path, "its name has characters that no scope may have", `use printable ASCII without space, " and \`)
	}
	switch {
	case IsOIDC(s.Name) && s.Kind != OIDC:
		c.refuse(path, fmt.Sprintf("%s belongs to OpenID Connect", s.Name), "choose another name")
	case IsOIDC(s.Name) && s.Default:
		c.refuse(path+".default", "OpenID Connect's scopes are never defaults", "remove it")
	case s.Kind == OIDC && !IsOIDC(s.Name):
		c.refuse(path+".kind", fmt.Sprintf("%s is not one of OpenID Connect's scopes", s.Name), "give it one of the four kinds")
	case s.Kind < CustomerRead || s.Kind > OIDC:
		c.refuse(path+".kind", "has no kind", "say customer or system, read or write")
	}
	if verb := verbOf(s.Name); verb != "" && (s.Kind.Customer() || s.Kind.System()) && !strings.HasSuffix(s.Kind.String(), verb) {
		c.warn(path, fmt.Sprintf("%s is named for %s but its kind is %s", s.Name, verb, s.Kind), "let name and kind agree")
	}
}

// scopeToken obeys RFC 6749 §3.3.
func scopeToken(s Scope) bool {
	for _, b := range []byte(s) {
		if b <= ' ' || b > '~' || b == '"' || b == '\\' {
			return false
		}
	}
	return true
}

// verbOf gives "read" or "write" of a scope named app.verb.target.
func verbOf(s Scope) string {
	if parts := strings.Split(string(s), "."); len(parts) == 3 && (parts[1] == "read" || parts[1] == "write") {
		return parts[1]
	}
	return ""
}

// scopeSet resolves names, refusing what is unknown and what no list may hold.
func (c *compiler) scopeSet(path string, scopes []Scope) set {
	s := newSet(len(c.model.scopes))
	for i, name := range scopes {
		at := fmt.Sprintf("%s[%d]", path, i)
		position, known := c.model.position[name]
		switch {
		case IsOIDC(name):
			c.refuse(at, fmt.Sprintf("%s is OpenID Connect's own and needs no mention", name), "remove it")
		case !known:
			c.refuse(at, fmt.Sprintf("scope %s is not declared", name), "declare it under scopes or correct the name")
		case s.has(position):
			c.warn(at, fmt.Sprintf("scope %s is listed twice", name), "remove one")
		default:
			s.add(position)
		}
	}
	return s
}
