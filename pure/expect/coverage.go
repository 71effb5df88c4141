package expect

import (
	"maps"
	"slices"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// Coverage tells of one server which cells of its matrix somebody speaks of.
type Coverage struct {
	Server   string     `json:"server"`
	Cells    int        `json:"cells"`
	Untested []Untested `json:"untested,omitempty"`
}

// Untested is an application and a scope of a server's matrix that nobody speaks of.
type Untested struct {
	Application string       `json:"application"` // [config.AnyFuture] for one to come
	Scope       access.Scope `json:"scope"`
}

// Cover counts per server, by name, the cells that no statement speaks of: those that
// could change without anybody having said what they should be. Rows are the
// applications that the server serves, and the one to come.
func Cover(s *config.Snapshot) []Coverage {
	stated := map[string]map[Untested]bool{}
	for _, one := range Statements(s) {
		if one.About != OfScopes || s.Servers[one.Server] == nil {
			continue
		}
		if stated[one.Server] == nil {
			stated[one.Server] = map[Untested]bool{}
		}
		one.cells(s.Servers[one.Server].Access, func(c Untested) { stated[one.Server][c] = true })
	}
	var all []Coverage
	for _, name := range slices.Sorted(maps.Keys(s.Servers)) {
		c := Coverage{Server: name}
		model := s.Servers[name].Access
		for _, application := range rowsOf(model) {
			for _, scope := range model.Scopes() {
				c.Cells++
				if cell := (Untested{application, scope.Name}); !stated[name][cell] {
					c.Untested = append(c.Untested, cell)
				}
			}
		}
		all = append(all, c)
	}
	return all
}

func rowsOf(m *access.Model) []string {
	var rows []string
	for _, id := range m.Applications() {
		rows = append(rows, string(id))
	}
	return append(rows, config.AnyFuture)
}

// cells visits what a statement about scopes speaks of.
func (s *Statement) cells(m *access.Model, visit func(Untested)) {
	applications := []string{s.Application}
	if s.Must == access.MustNobodyBut {
		applications = slices.DeleteFunc(rowsOf(m), func(name string) bool { return slices.Contains(s.Applications, name) })
	}
	scopes := s.Scopes
	if s.Must == access.MustOnly || s.Must == access.MustExactly {
		scopes = nil
		for _, spec := range m.Scopes() {
			scopes = append(scopes, spec.Name)
		}
	}
	for _, application := range applications {
		for _, scope := range scopes {
			visit(Untested{application, scope})
		}
	}
}
