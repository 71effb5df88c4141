package govern

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/reach"
)

// Report is what one revision says of scopes, rules and tokens. It is read-only.
type Report struct {
	Servers []Server `json:"servers"` // by name

	operations []*reach.Operation
}

// Server is one authorization server.
type Server struct {
	Name     string           `json:"name"`
	Budget   int              `json:"scope_budget"`
	Scopes   []Scope          `json:"scopes"`             // by name
	Findings []access.Finding `json:"findings,omitempty"` // of its rules
	Sizes    []Size           `json:"sizes,omitempty"`    // by application
	// Unreviewable says why its rules cannot be proven, if so: then nobody can tell
	// who obtains what, and there are no findings and sizes.
	Unreviewable string `json:"unreviewable,omitempty"`
}

// Of reports on every server of a snapshot.
func Of(s *config.Snapshot) *Report {
	opened := reach.Of(s)
	r := &Report{operations: opened.Operations()}
	for _, name := range slices.Sorted(maps.Keys(s.Servers)) {
		r.Servers = append(r.Servers, of(s, s.Servers[name], opened))
	}
	return r
}

// Server finds a server by name; nil if there is none.
func (r *Report) Server(name string) *Server {
	for i := range r.Servers {
		if r.Servers[i].Name == name {
			return &r.Servers[i]
		}
	}
	return nil
}

// Scope finds a scope by name; nil if there is none.
func (s *Server) Scope(name string) *Scope {
	if s == nil {
		return nil
	}
	for i := range s.Scopes {
		if s.Scopes[i].Name == name {
			return &s.Scopes[i]
		}
	}
	return nil
}

// Size finds the sizes of an application; nil if it gets no token there.
func (s *Server) Size(application string) *Size {
	if s == nil {
		return nil
	}
	for i := range s.Sizes {
		if s.Sizes[i].Application == application {
			return &s.Sizes[i]
		}
	}
	return nil
}

func of(snapshot *config.Snapshot, live *config.LiveServer, opened *reach.Map) Server {
	s := Server{Name: live.Name, Budget: live.Budget}
	joints, err := access.Jointly(live.Access)
	if err == nil {
		s.Findings, err = access.Findings(live.Access, nil)
	}
	if err != nil {
		s.Unreviewable = unreviewable(err)
		joints = nil
	}
	s.Scopes = scopesOf(snapshot, live, opened, joints)
	if err == nil {
		s.Sizes = sizesOf(snapshot, live, joints)
	}
	return s
}

// unreviewable is why rules cannot be proven, as a clause for people.
func unreviewable(err error) string {
	var u *access.Unreviewable
	switch {
	case !errors.As(err, &u):
		return err.Error()
	case u.Groups > access.MaxGroups:
		return fmt.Sprintf("policies %v tell %d groups apart, and nobody can look through more than %d", u.Policies, u.Groups, access.MaxGroups)
	}
	return fmt.Sprintf("policies %v make %d circumstances, and no more than %d are tried", u.Policies, u.Contexts, access.MaxContexts)
}
