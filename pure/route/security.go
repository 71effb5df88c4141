package route

import (
	"fmt"
	"slices"
	"strings"
)

// scheme is a securityScheme as far as we understand it.
type scheme struct {
	scopes bool      // its requirement lists scopes
	key    KeyScheme // of an apiKey scheme
	broken bool      // reported already
}

// readSchemes reads components.securitySchemes and the scopes declared there.
func (c *compiler) readSchemes() {
	c.document.root.get("components").get("securitySchemes").fields(func(name string, at place) {
		at, err := c.document.resolve(at)
		if err != nil {
			c.fail(ReferenceBroken, at, fmt.Sprintf("security scheme %q: %v", name, err), "")
			c.schemes[name] = scheme{broken: true}
			return
		}
		c.schemes[name] = c.readScheme(name, at)
	})
}

func (c *compiler) readScheme(name string, at place) scheme {
	switch kind := at.node.get("type").str(); {
	case kind == "apiKey":
		return scheme{key: KeyScheme{name, at.node.get("in").str(), at.node.get("name").str()}}
	case len(c.options.Schemes) > 0 && !slices.Contains(c.options.Schemes, name):
		// Known to the document, unknown to the catalogue: an error where used.
		return scheme{broken: c.unsupported(at, name, "is not one of the accepted schemes")}
	case kind == "oauth2":
		at.get("flows").fields(func(_ string, flow place) {
			flow.get("scopes").fields(func(scope string, text place) {
				c.declare(Scope(scope), Declaration{text.node.str(), text.where()})
			})
		})
		return scheme{scopes: true}
	case kind == "openIdConnect":
		return scheme{scopes: true}
	case kind == "http" && strings.EqualFold(at.node.get("scheme").str(), "bearer"):
		return scheme{scopes: true} // OpenAPI 3.1 allows roles here
	default:
		return scheme{broken: c.unsupported(at, name, "is of a type that carries no scopes")}
	}
}

// unsupported warns at the scheme; its use is an error.
func (c *compiler) unsupported(at place, name, why string) bool {
	c.warn(SchemeUnsupported, at, fmt.Sprintf("security scheme %q %s", name, why),
		"use oauth2, openIdConnect, http bearer with scopes, or apiKey for the subscription key")
	return true
}

func (c *compiler) declare(scope Scope, declaration Declaration) {
	if _, known := c.declared[scope]; !known {
		c.declared[scope] = declaration
	}
}

// readSecurity reads the requirement in force for an operation: its own, or
// else the document's.
func (c *compiler) readSecurity(id OperationID, operation place) Security {
	at := operation.get("security")
	if at.node == nil {
		at = c.document.root.get("security")
	}
	if at.node == nil {
		at = place{operation.pointer, nil}
	}
	security := Security{Public: c.options.Public[id]}
	open := at.node == nil || len(at.node.items) == 0
	if at.node != nil {
		for i := range at.node.items {
			open = c.readAlternative(&security, at.item(i)) || open
		}
	}
	c.settle(&security, id, operation, open)
	security.Above = c.ancestors(security)
	return security
}

// ancestors lists for each scope of the alternatives what stands for it.
func (c *compiler) ancestors(security Security) map[Scope][]Scope {
	var above map[Scope][]Scope
	for _, scope := range security.Scopes() {
		for at := c.options.Parents[scope]; at != "" && at != scope && !slices.Contains(above[scope], at); at = c.options.Parents[at] {
			if above == nil {
				above = map[Scope][]Scope{}
			}
			above[scope] = append(above[scope], at)
		}
	}
	return above
}

// readAlternative adds one requirement object; it reports whether that object
// asks for no scope.
func (c *compiler) readAlternative(security *Security, at place) (open bool) {
	wanted := make(map[Scope]bool)
	broken := false
	at.fields(func(name string, scopes place) {
		known, declared := c.schemes[name]
		switch {
		case !declared:
			c.fail(SchemeUnknown, scopes, fmt.Sprintf("security scheme %q is not defined", name), "define it in components.securitySchemes")
			broken = true
		case known.broken:
			c.fail(SchemeUnsupported, scopes, fmt.Sprintf("security scheme %q cannot be enforced", name), "remove it here, or replace it")
			broken = true
		case !known.scopes:
			if !slices.Contains(security.Keys, known.key) {
				security.Keys = append(security.Keys, known.key)
			}
		default:
			c.readScopes(wanted, scopes)
		}
	})
	if len(wanted) == 0 {
		return !broken // what is broken is refused already, and needs no second complaint
	}
	set := sorted(wanted)
	if !slices.ContainsFunc(security.Alternatives, func(other []Scope) bool { return slices.Equal(other, set) }) {
		security.Alternatives = append(security.Alternatives, set)
	}
	return false
}

func (c *compiler) readScopes(wanted map[Scope]bool, at place) {
	if at.node.kind != array {
		c.fail(ScopeInvalid, at, "the scopes are not a list", "")
		return
	}
	for i, item := range at.node.items {
		if !validScope(item.str()) {
			c.fail(ScopeInvalid, at.item(i), "a scope is empty or has a character that RFC 6749 §3.3 forbids", "")
			continue
		}
		wanted[c.intern(item.str())] = true
	}
}

// intern gives equal scopes one string, so that comparing them is comparing a
// pointer.
func (c *compiler) intern(name string) Scope {
	if known, ok := c.scopes[name]; ok {
		return known
	}
	c.scopes[name] = Scope(name)
	return Scope(name)
}

// settle decides whether document and catalogue agree that an operation is open.
func (c *compiler) settle(security *Security, id OperationID, operation place, open bool) {
	switch {
	case security.Public && !open:
		c.fail(PublicDisputed, operation,
			fmt.Sprintf("the catalogue marks %s public, the document asks for scopes", id),
			"write `security: []` on the operation, or remove it from the catalogue's public operations")
	case !security.Public && open:
		c.fail(OperationOpen, operation,
			fmt.Sprintf("%s can be called without any scope, and the catalogue does not mark it public", id),
			"name its scopes under security (a subscription key does not replace them), or mark it public in the catalogue")
	case security.Public:
		security.Alternatives = nil
	}
}

// validScope is the scope-token of RFC 6749 §3.3.
func validScope(name string) bool {
	for i := range len(name) {
		if c := name[i]; c < 0x21 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return name != "" && len(name) <= 200
}
