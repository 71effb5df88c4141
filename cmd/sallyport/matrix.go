package main

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"sallyport/pure/access"
	"sallyport/web/admin"
)

// futureApplication is how the row of applications to come is named.
const futureApplication = "(any future one)"

func rowName(row access.Row) string {
	if row.Application == "" {
		return futureApplication
	}
	return string(row.Application)
}

// matrices writes what people or programs read: a grid, or a line a cell.
func (s *session) matrices(m admin.Matrices) error {
	s.note("%s, revision %d", m.Place, m.Revision)
	if !s.look.person {
		return s.look.table(s.out, nil, cellRows(m))
	}
	for i, server := range m.Servers {
		if i > 0 {
			fmt.Fprintln(s.out)
		}
		fmt.Fprintln(s.out, s.look.paint(bold, string(server.Server)))
		if gridWidth(server) <= s.look.width {
			s.grid(server)
		} else {
			s.lists(server)
		}
	}
	_, err := fmt.Fprintf(s.out, "\n%s always   %s under conditions   %s never\n",
		s.sign(access.Always), s.sign(access.Conditional), s.sign(access.Never))
	s.next("sallyport access explain APPLICATION SCOPE --env %s", m.Place)
	return err
}

func (s *session) sign(o access.Obtainable) string {
	switch o {
	case access.Always:
		return s.look.paint(green, "●")
	case access.Conditional:
		return s.look.paint(yellow, "◌")
	}
	return "○"
}

// columnWidth holds a column's number.
const columnWidth = 4

func nameWidth(m *access.Matrix) int {
	width := 0
	for _, row := range m.Rows {
		width = max(width, utf8.RuneCountInString(rowName(row)))
	}
	return width
}

func gridWidth(m *access.Matrix) int { return nameWidth(m) + columnWidth*len(m.Scopes) }

// grid writes applications × scopes; columns are numbered and named below.
func (s *session) grid(m *access.Matrix) {
	width := nameWidth(m)
	heading := strings.Repeat(" ", width)
	for i := range m.Scopes {
		heading += fmt.Sprintf("%*d", columnWidth, i+1)
	}
	fmt.Fprintln(s.out, heading)
	for _, row := range m.Rows {
		name := rowName(row)
		text := name + strings.Repeat(" ", width-utf8.RuneCountInString(name))
		for _, cell := range row.Cells {
			text += strings.Repeat(" ", columnWidth-1) + s.sign(cell.Obtainable)
		}
		fmt.Fprintln(s.out, text)
	}
	for i, scope := range m.Scopes {
		fmt.Fprintf(s.out, "%*d %s\n", columnWidth, i+1, scope)
	}
}

// lists is the grid where it has no room: what each application has.
func (s *session) lists(m *access.Matrix) {
	for _, row := range m.Rows {
		fmt.Fprintln(s.out, rowName(row))
		none := true
		for i, cell := range row.Cells {
			if cell.Obtainable != access.Never {
				none = false
				fmt.Fprintf(s.out, "  %s %s\n", s.sign(cell.Obtainable), m.Scopes[i])
			}
		}
		if none {
			fmt.Fprintf(s.out, "  %s nothing\n", s.sign(access.Never))
		}
	}
}

// cellRows are all cells with how each can be had.
func cellRows(m admin.Matrices) (rows [][]string) {
	for _, server := range m.Servers {
		for _, row := range server.Rows {
			for i, cell := range row.Cells {
				how := []string{"", "", "", ""}
				if w := cell.Witness; w != nil {
					how = []string{string(w.Grant), strings.Join(words(w.Groups), " "), string(w.Policy), string(w.Rule)}
				}
				rows = append(rows, append([]string{
					string(server.Server), string(row.Application), string(server.Scopes[i]), cell.Obtainable.String(),
				}, how...))
			}
		}
	}
	return rows
}

func words[T ~string](all []T) []string {
	texts := make([]string, len(all))
	for i, v := range all {
		texts[i] = string(v)
	}
	return texts
}

// matrixCSV writes a line a cell with a heading. An empty application stands
// for any future one.
func (s *session) matrixCSV(m admin.Matrices) error {
	w := csv.NewWriter(s.out)
	rows := [][]string{{"server", "application", "scope", "obtainable", "grant", "groups", "policy", "rule", "longest_seconds", "weakest", "rate", "claims"}}
	most := mostRows(m)
	for i, row := range cellRows(m) {
		rows = append(rows, append(row, most[i]...))
	}
	return w.WriteAll(rows)
}

// mostRows is the most that anybody has of each cell, in the order of cellRows: the
// longest life of an access token, the weakest assurance, the highest rate, and the
// claims that come with it.
func mostRows(m admin.Matrices) (rows [][]string) {
	for _, server := range m.Servers {
		for _, row := range server.Rows {
			for i, cell := range row.Cells {
				most := make([]string, 4)
				if cell.Obtainable != access.Never {
					most[3] = strings.Join(m.Claims[string(server.Server)][string(server.Scopes[i])], " ")
				}
				if w := cell.LongestBy; w != nil {
					most[0] = strconv.FormatInt(int64(w.Lifetimes.Access.Seconds()), 10)
				}
				if w := cell.WeakestBy; w != nil && w.Grant != access.ClientCredentials {
					most[1] = w.Assurance.String()
				}
				if w := cell.HighestBy; w != nil {
					most[2] = w.Rate.String()
				}
				rows = append(rows, most)
			}
		}
	}
	return rows
}
