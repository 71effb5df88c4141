package console

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/web/design"
)

var marks = map[access.Obtainable]design.Mark{
	access.Always: design.Good("Granted"), access.Conditional: design.Good("Conditional"), access.Never: design.Plain("Denied"),
}

// matrixRows and matrixColumns are how much of a matrix a page shows: what a
// screen can hold, so that 300 × 200 cells weigh no more than these.
const (
	matrixRows    = 50
	matrixColumns = 24
)

// view is the part of a matrix that somebody asks for.
type view struct {
	applications string // part of the name
	scopes       string
	grant        access.GrantType // empty: any
	group        string           // empty: any; nobody: none
	tag          string           // of applications: a name, a value, or name=value
	state        state            // that some cell of a row and column has; empty: any
	from, column int              // where the page begins
}

// readView reads a view from an address. What it does not know it leaves out.
func (x *exchange) readView() view {
	q := x.r.URL.Query()
	v := view{
		applications: strings.ToLower(strings.TrimSpace(q.Get("q"))), scopes: strings.ToLower(strings.TrimSpace(q.Get("scope"))),
		tag: strings.ToLower(strings.TrimPrefix(strings.TrimSpace(q.Get("tag")), "tag:")), state: cellStateOf(q.Get("state")),
		from: number(q.Get("row")), column: number(q.Get("column")),
	}
	if g := access.GrantType(q.Get("grant")); g == access.AuthorizationCode || g == access.ClientCredentials {
		v.grant = g
	}
	if g := q.Get("group"); g == nobody || slices.ContainsFunc(x.live.Snapshot().Tenant.Groups, func(spec config.GroupSpec) bool { return spec.Name == g }) {
		v.group = g
	}
	return v
}

// groups is whom the proof is about.
func (v view) groups() []access.Group {
	switch v.group {
	case "":
		return nil
	case nobody:
		return []access.Group{}
	}
	return []access.Group{access.Group(v.group)}
}

// columns are the scopes that the view shows: a grant can carry only those of
// its kind, so the grant chooses among them.
func (v view) columns(s *config.LiveServer, m *access.Matrix) []int {
	var columns []int
	for i, name := range m.Scopes {
		spec, _ := s.Access.Scope(name)
		other := v.grant == access.AuthorizationCode && !spec.Kind.Customer() || v.grant == access.ClientCredentials && !spec.Kind.System()
		if !other && strings.Contains(string(name), v.scopes) {
			columns = append(columns, i)
		}
	}
	return columns
}

// rows are the applications that the view shows.
func (v view) rows(s *config.Snapshot, m *access.Matrix) []access.Row {
	return slices.DeleteFunc(slices.Clone(m.Rows), func(r access.Row) bool {
		a := s.Applications[string(r.Application)]
		return !strings.Contains(string(r.Application), v.applications) || v.tag != "" && (a == nil || !tagged(a.Tags, v.tag))
	})
}

// matrix shows what every application can obtain from a server, as proven.
func (x *exchange) matrix() {
	s, v, m, ok := x.proven()
	if !ok {
		return
	}
	judged, err := x.judged(x.live.Snapshot())
	if err != nil {
		x.broken(err)
		return
	}
	columns, rows := v.columns(s, m), v.rows(x.live.Snapshot(), m)
	rows, columns = v.narrowed(judged, s.Name, rows, m, columns)
	v.from, v.column = begin(v.from, len(rows), matrixRows), begin(v.column, len(columns), matrixColumns)
	shown := rows[v.from:min(v.from+matrixRows, len(rows))]
	across := columns[v.column:min(v.column+matrixColumns, len(columns))]
	grid := &design.Matrix{Corner: "Application", Empty: design.Empty{What: "Nothing is called so.", Do: "Take something out of the filter."}}
	grid.Caption = fmt.Sprintf("Applications %d to %d of %d, scopes %d to %d of %d", v.from+1, v.from+len(shown), len(rows), v.column+1, v.column+len(across), len(columns))
	for _, i := range across {
		grid.Columns = append(grid.Columns, string(m.Scopes[i]))
	}
	for _, row := range shown {
		grid.Rows = append(grid.Rows, x.matrixRow(v, judged, row, m.Scopes, across))
	}
	if len(across) == 0 {
		grid.Rows = nil
	}
	down := x.window("row", v.from, matrixRows, len(rows), "Earlier applications", "Later applications")
	right := x.window("column", v.column, matrixColumns, len(columns), "Earlier scopes", "Later scopes")
	x.show(sheet{Title: "Access matrix of " + s.Name, Trail: []design.Place{x.above("Access", "access")}, Parts: []part{
		x.tested(judged, s.Name),
		{Filter: x.matrixFilter(v)},
		{Lead: v.legend(tally(rows, columns)) + " " + grid.Caption + "."},
		{Matrix: grid, Pager: &down},
		{Pager: &right},
		{Links: []design.Place{{Label: "CSV file of all that the filter shows", URL: x.here("access", s.Name, "matrix.csv") + "?" + x.r.URL.RawQuery}}},
	}})
}

// legend says what the marks mean, and how many cells have each.
func (v view) legend(n map[access.Obtainable]int64) string {
	depends := "groups, attributes, network, time or sign-in"
	if v.group != "" {
		depends = "attributes, network, time or sign-in"
	}
	return fmt.Sprintf("● granted: %s; dotted, conditional, by %s: %s. ○ denied: %s. ■ against what is expected; ◔ can be had, and nobody said whether it should. Proven by trying every circumstance that the rules tell apart; open a cell to see why.",
		grouped(n[access.Always]), depends, grouped(n[access.Conditional]), grouped(n[access.Never]))
}

func (x *exchange) matrixFilter(v view) *filter {
	groups := design.Field{Name: "group", Label: "Customers", Value: v.group, Optional: true, Options: []design.Option{{Value: "", Label: "of any groups"}, {Value: nobody, Label: "of no group"}}}
	for _, g := range x.live.Snapshot().Tenant.Groups {
		groups.Options = append(groups.Options, design.Option{Value: g.Name, Label: "of " + g.Name})
	}
	grants := design.Field{Name: "grant", Label: "Grant type", Value: string(v.grant), Optional: true, Options: []design.Option{{Value: "", Label: "any"}}}
	for _, g := range []access.GrantType{access.AuthorizationCode, access.ClientCredentials} {
		grants.Options = append(grants.Options, design.Option{Value: string(g), Label: string(g)})
	}
	kinds := design.Field{Name: "state", Label: "Cells", Value: string(v.state), Optional: true, Options: []design.Option{{Value: "", Label: "any"}}}
	for _, one := range states {
		kinds.Options = append(kinds.Options, design.Option{Value: string(one), Label: string(one)})
	}
	return &filter{Button: "Filter", Fields: []design.Field{
		{Name: "q", Label: "Application", Type: "search", Value: v.applications, MaxLength: 63, Autocomplete: "off", Optional: true},
		{Name: "scope", Label: "Scope", Type: "search", Value: v.scopes, MaxLength: 100, Autocomplete: "off", Optional: true},
		{Name: "tag", Label: "Tag of applications", Type: "search", Value: v.tag, MaxLength: 100, Autocomplete: "off", Optional: true},
		grants, groups, kinds,
	}}
}

// tested tells how the server stands to what is expected of it.
func (x *exchange) tested(j *judgements, server string) part {
	if !j.stated {
		return part{Empty: &design.Empty{
			What: "Nobody has said yet who should get what, so nothing is tested.",
			Do:   "Import your spreadsheet of applications and scopes: sallyport access import SHEET.csv",
		}}
	}
	return part{Tiles: append(x.matrixTiles(j, server), x.walkedTiles(server)...)}
}

// proven finds the server of the path, and proves of it what the address asks.
func (x *exchange) proven() (*config.LiveServer, view, *access.Matrix, bool) {
	s, exists := x.live.Snapshot().Servers[x.values["server"]]
	if !exists {
		x.missing()
		return nil, view{}, nil, false
	}
	v := x.readView()
	m, err := x.proof(s.Name, v.groups())
	if err != nil {
		x.unprovable(s.Name, err)
	}
	return s, v, m, err == nil
}

func (x *exchange) unprovable(server string, err error) {
	var much *access.Unreviewable
	if !errors.As(err, &much) {
		x.broken(err)
		return
	}
	x.say(http.StatusOK, "Access matrix of "+server, "The rules tell too much apart to be proven: "+err.Error(), "Use fewer groups, networks or time windows in the policies named.")
}

// matrixRow links each cell to its reasons, by the shortest address: one that is
// relative to the page.
func (x *exchange) matrixRow(v view, judged *judgements, row access.Row, scopes []access.Scope, columns []int) design.MatrixRow {
	shown := design.MatrixRow{Label: "any future application"}
	if row.Application != "" {
		shown.Label, shown.URL = string(row.Application), x.here("applications", string(row.Application))
	}
	groups := ""
	if v.group != nobody {
		groups = v.group
	}
	for _, i := range columns {
		c := judged.mark(cellName{x.values["server"], row.Application, scopes[i]}, row.Cells[i])
		if row.Application != "" {
			c.URL = query(x.values["server"]+"/explain", "application", string(row.Application), "scope", string(scopes[i]), "groups", groups)
		}
		shown.Cells = append(shown.Cells, c)
	}
	return shown
}

// tally counts the cells of some columns, of all if they are nil, by what they say.
func tally(rows []access.Row, columns []int) map[access.Obtainable]int64 {
	n := map[access.Obtainable]int64{}
	for _, row := range rows {
		if row.Application == "" {
			continue // nobody's yet
		}
		if columns == nil {
			for _, c := range row.Cells {
				n[c.Obtainable]++
			}
		}
		for _, i := range columns {
			n[row.Cells[i].Obtainable]++
		}
	}
	return n
}

// matrixCSV is the view as a file, one line for each cell that can be had.
func (x *exchange) matrixCSV() {
	s, v, m, ok := x.proven()
	if !ok {
		return
	}
	judged, err := x.judged(x.live.Snapshot())
	if err != nil {
		x.broken(err)
		return
	}
	rows, columns := v.narrowed(judged, s.Name, v.rows(x.live.Snapshot(), m), m, v.columns(s, m))
	x.csv("access-"+s.Name, func(write func(...string)) error {
		head := []string{"application"}
		for _, i := range columns {
			head = append(head, string(m.Scopes[i]))
		}
		write(head...)
		for _, row := range rows {
			line := []string{string(row.Application)}
			if line[0] == "" {
				line[0] = "(any future application)"
			}
			for _, i := range columns {
				line = append(line, row.Cells[i].Obtainable.String())
			}
			write(line...)
		}
		return nil
	})
}

// begin keeps the beginning of a page inside a list, at a multiple of its size.
func begin(from, all, page int) int {
	return max(0, min(from, all-1)) / page * page
}
