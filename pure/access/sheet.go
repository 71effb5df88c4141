package access

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Limits of a sheet.
const (
	maxSheet         = 8 << 20 // bytes
	maxSheetMistakes = 100
)

// SheetMistake is something in a sheet that cannot be read. Row is the line on
// which it begins, Column the cell, both from 1; Column is 0 for a whole row.
type SheetMistake struct {
	Row, Column int
	What        string
}

func (e *SheetMistake) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("row %d: %s", e.Row, e.What)
	}
	return fmt.Sprintf("row %d, column %d: %s", e.Row, e.Column, e.What)
}

// ParseSheet reads the spreadsheet of who should have what, as CSV (RFC 4180) with
// or without a byte order mark. The header names scopes after its first cell, each
// row an application and what it should: "yes" (also y, x, should, must) is
// [MustObtain], "no" (also n, -, "should not", "must not") is [MustNever], and an
// empty cell says nothing. Upper and lower case are the same.
//
// Every expectation is of one cell, with its place, and gets the owner given. The
// error joins every [*SheetMistake], of the first hundred; then there are no
// expectations. The sheet is at most 8 MiB.
func ParseSheet(sheet []byte, owner string) ([]Expectation, error) {
	if len(sheet) > maxSheet {
		return nil, &SheetMistake{Row: 1, What: "the sheet is larger than 8 MiB"}
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(sheet, []byte("\ufeff"))))
	r.FieldsPerRecord = -1
	p := &sheetReader{owner: owner, rows: map[ApplicationID]int{}}
	for header := true; len(p.mistakes) < maxSheetMistakes; header = false {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if wrong := (*csv.ParseError)(nil); errors.As(err, &wrong) {
			p.row = wrong.StartLine
			p.mistake(0, "it is no CSV: a quote is wrong")
			break
		}
		if p.row, _ = r.FieldPos(0); header {
			p.header(cells)
		} else {
			p.application(cells)
		}
	}
	if p.scopes == nil && len(p.mistakes) == 0 {
		p.row = max(p.row, 1)
		p.mistake(0, "the header names no scope")
	}
	if len(p.mistakes) > 0 {
		return nil, errors.Join(p.mistakes...)
	}
	return p.expectations, nil
}

type sheetReader struct {
	owner        string
	row          int
	scopes       []Scope // by column, from the second on
	rows         map[ApplicationID]int
	expectations []Expectation
	mistakes     []error
}

func (p *sheetReader) mistake(column int, what string) {
	p.mistakes = append(p.mistakes, &SheetMistake{Row: p.row, Column: column, What: what})
}

func (p *sheetReader) header(cells []string) {
	for i, cell := range cells[1:] {
		name := Scope(strings.TrimSpace(cell))
		switch {
		case name == "":
			p.mistake(i+2, "the header names no scope here")
		case len(name) > maxName || !scopeToken(name):
			p.mistake(i+2, "this is no name of a scope")
		case slices.Contains(p.scopes, name):
			p.mistake(i+2, fmt.Sprintf("scope %s has a column already", name))
		}
		p.scopes = append(p.scopes, name)
	}
}

func (p *sheetReader) application(cells []string) {
	id := ApplicationID(strings.TrimSpace(cells[0]))
	empty := !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
	switch {
	case empty:
		return
	case id == "" || len(id) > maxName:
		p.mistake(1, "this is no name of an application")
	case p.rows[id] > 0:
		p.mistake(1, fmt.Sprintf("application %s has row %d already", id, p.rows[id]))
	}
	p.rows[id] = p.row
	for i, cell := range cells[1:] {
		if i >= len(p.scopes) {
			if strings.TrimSpace(cell) != "" {
				p.mistake(i+2, "the header names no scope here")
			}
			continue
		}
		must, known := mustOf(cell)
		switch {
		case !known:
			p.mistake(i+2, "this is neither yes nor no")
		case must != "":
			p.expectations = append(p.expectations, Expectation{
				Must: must, Owner: p.owner, Application: id, Scopes: []Scope{p.scopes[i]},
				Place: fmt.Sprintf("row %d, column %d", p.row, i+2),
			})
		}
	}
}

// mustOf reads a cell; empty means nothing.
func mustOf(cell string) (Must, bool) {
	switch strings.ToLower(strings.Join(strings.Fields(cell), " ")) {
	case "":
		return "", true
	case "yes", "y", "x", "should", "must":
		return MustObtain, true
	case "no", "n", "-", "should not", "must not":
		return MustNever, true
	}
	return "", false
}
