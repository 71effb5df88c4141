package reach

import (
	"slices"

	"sallyport/pure/access"
)

// Scope is what one scope opens.
type Scope struct {
	Server string       `json:"server"`
	Name   access.Scope `json:"name"`
	// Below are the scopes that it stands for besides itself.
	Below []access.Scope `json:"below,omitempty"`
	// Opens are the operations that a token with it alone may call.
	Opens []*Operation `json:"opens,omitempty"`
	// Helps are the operations that it opens only together with others.
	Helps []*Operation `json:"helps,omitempty"`
	// APIs are those of Opens, and Data the classes of data that Opens and claims
	// bring with it, by name.
	APIs []string `json:"apis,omitempty"`
	Data []string `json:"data,omitempty"`
}

// Scopes are all of a server's declared scopes, by name.
func (m *Map) Scopes(server string) []Scope {
	live := m.snapshot.Servers[server]
	if live == nil {
		return nil
	}
	var all []Scope
	for _, spec := range live.Access.Scopes() {
		s, _ := m.Scope(server, spec.Name)
		all = append(all, s)
	}
	return all
}

// Scope says what one scope of a server opens; false if it has no such scope.
func (m *Map) Scope(server string, name access.Scope) (s Scope, known bool) {
	live := m.snapshot.Servers[server]
	if live == nil || !declares(live, name) {
		return s, false
	}
	s = Scope{Server: server, Name: name, Below: m.stands[server][name]}
	held := m.held(server, []access.Scope{name})
	for _, o := range m.operations {
		switch {
		case o.openTo(server, held):
			s.Opens = append(s.Opens, o)
			s.APIs = append(s.APIs, o.API)
			s.Data = append(s.Data, o.Data...)
		case o.names(server, held):
			s.Helps = append(s.Helps, o)
		}
	}
	s.APIs, s.Data = classes(s.APIs), classes(s.Data)
	return s, true
}

// names reports whether some set needs one of the scopes.
func (o *Operation) names(server string, held map[access.Scope]bool) bool {
	return slices.ContainsFunc(o.Needs, func(set Set) bool {
		return set.Server == server && slices.ContainsFunc(set.Scopes, func(s access.Scope) bool { return held[s] })
	})
}
