package config

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.yaml.in/yaml/v4"
)

// Retirement is the announced end of a scope.
type Retirement struct {
	Server  string // empty: the only server that has the scope
	Scope   string
	Until   time.Time // the day on which it goes; zero: not yet known
	Instead string    // the scope of the same server that replaces it; empty: none
}

// Retire marks a scope as deprecated. It changes what nobody can obtain, until the
// scope is taken out. Errors are told as in [Admit].
func Retire(t *Tree, r Retirement) (*Tree, []Problem) {
	e := newEditor(t)
	if server := e.having(r); server != nil {
		names := scopeNames(server.raw.(*Server))
		switch {
		case r.Instead == r.Scope:
			e.fail(spot{}, finding{MaturityInvalid, fmt.Sprintf("the scope %q cannot stand in its own place", r.Scope), "name another scope, or none"})
		case r.Instead != "" && !slices.Contains(names, r.Instead):
			e.missing(fmt.Sprintf("the authorization server %q has no scope", server.name), r.Instead, names)
		}
		e.edit(server, func(root *yaml.Node) {
			spec := child(child(root, "scopes"), slices.Index(names, r.Scope))
			put(spec, "maturity", text(string(Deprecated)))
			if !r.Until.IsZero() {
				put(spec, "until", text(r.Until.Format(time.DateOnly)))
			}
			if r.Instead != "" {
				put(spec, "instead", text(r.Instead))
			}
		})
	}
	return e.result()
}

// having finds the server that has the scope.
func (e *editor) having(r Retirement) (server *object) {
	var names, servers []string
	for _, ref := range e.tree.Objects() {
		if ref.Kind != KindServer || r.Server != "" && ref.Name != r.Server {
			continue
		}
		o := e.objects[ref]
		here := scopeNames(o.raw.(*Server))
		names = append(names, here...)
		if slices.Contains(here, r.Scope) {
			server, servers = o, append(servers, ref.Name)
		}
	}
	switch {
	case r.Server != "" && e.objects[Ref{KindServer, r.Server}] == nil:
		e.named(KindServer, "authorization server", r.Server)
	case len(servers) == 0:
		e.missing("no authorization server has the scope", r.Scope, names)
	case len(servers) > 1:
		e.fail(spot{}, finding{ReferenceMissing, "several authorization servers have the scope " + strconv.Quote(r.Scope), "say which: " + suggest("", servers)})
		return nil
	}
	return server
}

// replacement checks what is said to stand in a scope's place.
func (c *checker) replacement(at spot, s ScopeSpec, of *Server) {
	switch {
	case s.Instead == "":
	case s.Maturity != string(Deprecated):
		c.fail(at.at("instead"), finding{MaturityInvalid, fmt.Sprintf("the scope %q has another in its place, and is %s", s.Name, s.Maturity), "add maturity: deprecated, or remove instead:"})
	case s.Instead == s.Name:
		c.fail(at.at("instead"), finding{MaturityInvalid, fmt.Sprintf("the scope %q is said to stand in its own place", s.Name), "name another scope, or remove instead:"})
	default:
		c.known(at.at("instead"), fmt.Sprintf("the scope %q", s.Name), "scope", s.Instead, scopeNames(of))
	}
}
