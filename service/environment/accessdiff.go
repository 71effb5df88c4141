package environment

import (
	"maps"
	"slices"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// AccessChange is one cell of the access matrix that applying a tree would
// change.
type AccessChange struct {
	Server      string            `json:"server"`
	Application string            `json:"application"` // empty: any future application
	Scope       string            `json:"scope"`
	Before      access.Obtainable `json:"before"`
	After       access.Obtainable `json:"after"`
	Witness     *access.Witness   `json:"witness,omitempty"` // of After
	Widens      bool              `json:"widens"`
}

// cellName finds the same cell on both sides.
type cellName struct{ server, application, scope string }

// compareAccess lists the cells that differ, widening first. Rules that tell
// too much apart to be proven are left to the validation of the tree, which
// refuses them.
func compareAccess(before, after *config.Snapshot) []AccessChange {
	was, is := cells(before), cells(after)
	names := maps.Clone(was)
	maps.Copy(names, is)
	var changes []AccessChange
	for name := range names {
		from, to := was[name], is[name]
		if from.Obtainable == to.Obtainable {
			continue
		}
		changes = append(changes, AccessChange{
			Server: name.server, Application: name.application, Scope: name.scope,
			Before: from.Obtainable, After: to.Obtainable, Witness: to.Witness,
			Widens: to.Obtainable > from.Obtainable,
		})
	}
	slices.SortFunc(changes, compareChanges)
	return changes
}

func compareChanges(a, b AccessChange) int {
	if a.Widens != b.Widens {
		if a.Widens {
			return -1
		}
		return 1
	}
	if c := strings.Compare(a.Server, b.Server); c != 0 {
		return c
	}
	if c := strings.Compare(a.Application, b.Application); c != 0 {
		return c
	}
	return strings.Compare(a.Scope, b.Scope)
}

// cells proves every server of a snapshot.
func cells(s *config.Snapshot) map[cellName]access.Cell {
	all := map[cellName]access.Cell{}
	if s == nil {
		return all
	}
	for name, server := range s.Servers {
		matrix, err := access.Prove(server.Access, access.Options{})
		if err != nil {
			continue
		}
		for _, row := range matrix.Rows {
			for i, cell := range row.Cells {
				all[cellName{name, string(row.Application), string(matrix.Scopes[i])}] = cell
			}
		}
	}
	return all
}
