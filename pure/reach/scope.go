package reach

import "sallyport/pure/access"

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
	held := m.Held(server, name)
	for _, o := range m.named(server, held) {
		if !o.OpensTo(server, held) {
			s.Helps = append(s.Helps, o)
			continue
		}
		s.Opens = append(s.Opens, o)
		s.APIs, s.Data = append(s.APIs, o.API), append(s.Data, o.Data...)
	}
	s.APIs, s.Data = classes(s.APIs), classes(s.Data, m.releases(server, held))
	return s, true
}
