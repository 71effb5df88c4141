package reach

import (
	"fmt"
	"slices"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// Application is what an application can reach with the tokens of one server.
type Application struct {
	Server string `json:"server"`
	// Application is empty for any future application.
	Application access.ApplicationID `json:"application,omitempty"`
	Reaches     []Reached            `json:"reaches,omitempty"`
	APIs        []string             `json:"apis,omitempty"`
	Data        []string             `json:"data,omitempty"`
}

// Reached is an operation with the ways into it.
type Reached struct {
	Operation *Operation `json:"operation"`
	// By are the scope sets that open it and can be obtained together.
	By []Opening `json:"by"`
	// Products have the API and admit the application; without one it has no key.
	Products []string `json:"products,omitempty"`
}

// Opening is a scope set that can be had in one token, and how.
type Opening struct {
	Scopes     []access.Scope    `json:"scopes"`
	Obtainable access.Obtainable `json:"obtainable"`
	Witness    *access.Witness   `json:"witness,omitempty"`
}

// Options of [Map.Applications] and [Map.IfGranted].
type Options struct {
	// Server asks about one server; empty for all.
	Server string
	// From is what [access.Options.From] is.
	From time.Time
}

// Applications proves for every application and server which operations it can
// reach, by server, in the order of the matrix: the future application comes last.
// The error tells of a server whose rules cannot be proven; see [access.Prove].
func (m *Map) Applications(o Options) ([]Application, error) {
	var all []Application
	for _, server := range m.servers() {
		if o.Server != "" && o.Server != server {
			continue
		}
		some, err := m.of(server, m.snapshot.Servers[server].Access, o)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// of proves one model of a server.
func (m *Map) of(server string, model *access.Model, o Options) ([]Application, error) {
	sets := m.sets[server]
	matrix, err := access.Prove(model, access.Options{AndSets: sets, From: o.From})
	if err != nil {
		return nil, fmt.Errorf("server %s: %w", server, err)
	}
	var all []Application
	for _, row := range matrix.Rows {
		a := Application{Server: server, Application: row.Application}
		for _, operation := range m.operations {
			r := Reached{Operation: operation}
			for _, set := range operation.Needs {
				if cell, had := obtained(matrix, row, sets, set); had && set.Server == server {
					r.By = append(r.By, Opening{set.Scopes, cell.Obtainable, cell.Witness})
				}
			}
			if len(r.By) > 0 {
				r.Products = m.products(row.Application, operation.API)
				a.Reaches = append(a.Reaches, r)
				a.APIs, a.Data = append(a.APIs, operation.API), append(a.Data, operation.Data...)
			}
		}
		a.APIs, a.Data = classes(a.APIs), classes(a.Data)
		all = append(all, a)
	}
	return all, nil
}

// obtained finds the cell of a set, and whether it can be had at all.
func obtained(matrix *access.Matrix, row access.Row, sets [][]access.Scope, set Set) (cell access.Cell, had bool) {
	if len(set.Scopes) == 1 {
		at, found := slices.BinarySearch(matrix.Scopes, set.Scopes[0])
		if !found {
			return cell, false
		}
		cell = row.Cells[at]
	} else {
		at := slices.IndexFunc(sets, func(s []access.Scope) bool { return slices.Equal(s, set.Scopes) })
		if at < 0 {
			return cell, false
		}
		cell = row.Sets[at]
	}
	return cell, cell.Obtainable != access.Never
}

// products lists those that have an API and admit an application.
func (m *Map) products(application access.ApplicationID, api string) []string {
	var names []string
	for name, p := range m.snapshot.Products {
		if slices.Contains(p.APIs, api) && admits(p, application) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func admits(p *config.Product, application access.ApplicationID) bool {
	return slices.Contains(p.Applications, "*") || application != "" && slices.Contains(p.Applications, string(application))
}

// Has reports whether the application can obtain what opens something by a scope,
// alone or with others.
func (a *Application) Has(scope access.Scope) bool {
	return slices.ContainsFunc(a.Reaches, func(r Reached) bool {
		return slices.ContainsFunc(r.By, func(o Opening) bool { return slices.Contains(o.Scopes, scope) })
	})
}
