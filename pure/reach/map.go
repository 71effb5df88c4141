package reach

import (
	"maps"
	"slices"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/route"
)

// Operation is one method on one path, with what opens it.
type Operation struct {
	API     string `json:"api"`
	ID      string `json:"id"`
	Method  string `json:"method"`
	Path    string `json:"path"` // of the gateway, with parameters in braces
	Summary string `json:"summary,omitempty"`
	// Public operations need no token, so that no scope opens them.
	Public bool `json:"public,omitempty"`
	// Needs are the scope sets of which a token must hold one; who holds none opens
	// nothing.
	Needs []Set `json:"needs,omitempty"`
	// Data are the classes of data that it handles, by name.
	Data []string `json:"data,omitempty"`
}

// String gives the operation as "POST /billing/payments".
func (o *Operation) String() string { return o.Method + " " + o.Path }

// Set is scopes that open an operation together, in one token of one server.
type Set struct {
	Server string         `json:"server"`
	Scopes []access.Scope `json:"scopes"` // by name; never none
}

// Map is what the scopes of a snapshot open. It is read-only.
type Map struct {
	snapshot   *config.Snapshot
	operations []*Operation
	sets       map[string][][]access.Scope
	naming     map[string]map[access.Scope][]int          // by server and scope: places in operations that need it
	stands     map[string]map[access.Scope][]access.Scope // by server: a scope, its descendants
}

// Of reads what every scope of a snapshot opens.
func Of(s *config.Snapshot) *Map {
	m := &Map{
		snapshot: s, sets: map[string][][]access.Scope{}, stands: map[string]map[access.Scope][]access.Scope{},
		naming: map[string]map[access.Scope][]int{},
	}
	for name, server := range s.Servers {
		m.stands[name], m.naming[name] = descendants(server), map[access.Scope][]int{}
	}
	if s.Routes == nil {
		return m
	}
	for _, o := range s.Routes.Operations() {
		m.operations = append(m.operations, m.operation(o))
	}
	for _, sets := range m.sets {
		slices.SortFunc(sets, slices.Compare[[]access.Scope])
	}
	return m
}

func (m *Map) operation(o *route.Operation) *Operation {
	api := m.snapshot.APIs[string(o.API)]
	is := &Operation{
		API: string(o.API), ID: string(o.ID), Method: o.Method, Path: o.Template,
		Summary: o.Summary, Public: o.Security.Public, Data: o.Data,
	}
	for _, alternative := range o.Security.Alternatives {
		if set, possible := m.set(api, alternative); possible && !o.Security.Public {
			is.Needs = append(is.Needs, set)
			m.note(set)
			for _, s := range set.Scopes {
				m.naming[set.Server][s] = append(m.naming[set.Server][s], len(m.operations))
			}
		}
	}
	return is
}

// set finds the server whose token can hold an alternative: the one that has all of
// its scopes, if there is one.
func (m *Map) set(api *config.LiveAPI, alternative []route.Scope) (set Set, possible bool) {
	if api == nil || len(alternative) == 0 {
		return set, false
	}
	for _, name := range api.Servers {
		server := m.snapshot.Servers[name]
		if server == nil || slices.ContainsFunc(alternative, func(s route.Scope) bool { return !declares(server, access.Scope(s)) }) {
			continue
		}
		set.Server = name
		for _, s := range alternative {
			set.Scopes = append(set.Scopes, access.Scope(s))
		}
		slices.Sort(set.Scopes)
		return set, true
	}
	return set, false
}

func declares(server *config.LiveServer, scope access.Scope) bool {
	spec, known := server.Access.Scope(scope)
	return known && spec.Kind != access.OIDC
}

// note keeps what is needed together, once.
func (m *Map) note(set Set) {
	if len(set.Scopes) < 2 || slices.ContainsFunc(m.sets[set.Server], func(s []access.Scope) bool { return slices.Equal(s, set.Scopes) }) {
		return
	}
	m.sets[set.Server] = append(m.sets[set.Server], set.Scopes)
}

// AndSets are the sets of several scopes that some operation needs together in a
// token of a server, in order, for [access.Options] and [access.DiffOptions].
func (m *Map) AndSets(server string) [][]access.Scope { return slices.Clone(m.sets[server]) }

// Operations are all of the gateway, by path, then method, the public ones included.
func (m *Map) Operations() []*Operation { return slices.Clone(m.operations) }

// Opens lists the operations that a token of a server with exactly these scopes may
// call, by path, then method. Public ones, which need none, are left out.
func (m *Map) Opens(server string, scopes ...access.Scope) []*Operation {
	held := m.Held(server, scopes...)
	var open []*Operation
	for _, o := range m.named(server, held) {
		if o.OpensTo(server, held) {
			open = append(open, o)
		}
	}
	return open
}

// named are the operations that some set of a server's needs one of the scopes for.
func (m *Map) named(server string, held map[access.Scope]bool) []*Operation {
	var places []int
	for scope := range held {
		places = append(places, m.naming[server][scope]...)
	}
	slices.Sort(places)
	var all []*Operation
	for _, at := range slices.Compact(places) {
		all = append(all, m.operations[at])
	}
	return all
}

// Held is the scopes of a token of a server with all that they stand for.
func (m *Map) Held(server string, scopes ...access.Scope) map[access.Scope]bool {
	held := map[access.Scope]bool{}
	for _, s := range scopes {
		held[s] = true
		for _, below := range m.stands[server][s] {
			held[below] = true
		}
	}
	return held
}

// OpensTo reports whether a token of a server opens the operation. Held are its scopes,
// with what they stand for; see [Map.Held].
func (o *Operation) OpensTo(server string, held map[access.Scope]bool) bool {
	return slices.ContainsFunc(o.Needs, func(set Set) bool {
		return set.Server == server && !slices.ContainsFunc(set.Scopes, func(s access.Scope) bool { return !held[s] })
	})
}

// servers are the names of the snapshot's servers, sorted.
func (m *Map) servers() []string { return slices.Sorted(maps.Keys(m.snapshot.Servers)) }
