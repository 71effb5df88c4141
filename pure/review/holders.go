package review

import (
	"errors"
	"fmt"
	"slices"

	"sallyport/pure/access"
)

// holder is an application that can obtain something from a server now; empty for any
// future one.
type holder struct {
	application access.ApplicationID
	cell        access.Cell
}

// matrix proves what can be obtained from a server after the change, once it is
// asked for. It is nil where that cannot be proven, which fails a gate.
func (c *comparison) matrix(server string) (*access.Matrix, error) {
	if x, known := c.matrices[server]; known {
		return x, nil
	}
	x, err := access.Prove(c.after.Servers[server].Access, access.Options{AndSets: c.is.AndSets(server), From: c.options.From})
	var unreviewable *access.Unreviewable
	if err != nil && !errors.As(err, &unreviewable) {
		return nil, fmt.Errorf("proving the rules of %s: %w", server, err)
	}
	if err != nil {
		x = nil
		c.unreviewable(server, err)
	}
	c.matrices[server] = x
	return x, nil
}

// holders lists who can obtain scopes together from a server, or with none who can
// sign in there or obtain anything.
func (c *comparison) holders(server string, scopes []access.Scope) ([]holder, error) {
	x, err := c.matrix(server)
	if err != nil || x == nil {
		return nil, err
	}
	var all []holder
	for _, row := range x.Rows {
		if cell := c.cell(x, row, scopes); cell.Obtainable != access.Never {
			all = append(all, holder{row.Application, cell})
		}
	}
	return all, nil
}

func (c *comparison) cell(x *access.Matrix, row access.Row, scopes []access.Scope) access.Cell {
	switch len(scopes) {
	case 0:
		if row.SignIn.Obtainable != access.Never {
			return row.SignIn
		}
		if i := slices.IndexFunc(row.Cells, func(c access.Cell) bool { return c.Obtainable != access.Never }); i >= 0 {
			return row.Cells[i]
		}
	case 1:
		if at, known := slices.BinarySearch(x.Scopes, scopes[0]); known {
			return row.Cells[at]
		}
		if access.IsOIDC(scopes[0]) {
			return row.SignIn
		}
	default:
		sets := c.is.AndSets(string(x.Server))
		if at := slices.IndexFunc(sets, func(s []access.Scope) bool { return slices.Equal(s, scopes) }); at >= 0 {
			return row.Sets[at]
		}
	}
	return access.Cell{}
}

// shows is a cell's witness as a request of its holder. That of signing in alone names
// no scope, which would ask for the defaults.
func (h holder) shows() *access.Request {
	if h.cell.Witness == nil {
		return nil
	}
	r := h.cell.Witness.Request(h.application)
	if len(r.Scopes) == 0 {
		r.Scopes = []access.Scope{"openid"}
	}
	return &r
}

// who names an application for a sentence.
func who(id access.ApplicationID) string {
	if id == "" {
		return "any future application"
	}
	return string(id)
}
