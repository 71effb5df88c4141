// Package table reads one row of a database's table, however it was written
// down: as CSV, as an object of JSON, or by a running database.
//
// It owns what such rows have in common: names of columns in any case, truth in
// several spellings, instants as databases print them, and columns that hold a
// list as JSON. What a column means is the business of the format that calls it.
package table

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sallyport/pure/legacy"
)

// MaxColumns is how many columns one row may have.
const MaxColumns = 500

// Row is one row. Its columns are found in any case, because databases do not
// agree on one, and because a password must not be missed for its spelling. It
// is used by one goroutine.
type Row struct {
	names  []string // as they are told
	values []string
	at     map[string]int // by the name in lower case
}

// Read takes an element of rows. It must be UTF-8, within [legacy.MaxElement] and
// [MaxColumns], and have each column once. Values that are missing at its end are
// empty, empty ones beyond the last column are passed over. The columns that are
// known are told in the spelling that is given here. Errors are [*legacy.Fault]s.
func Read(e legacy.Element, known ...string) (*Row, error) {
	if len(e.Names) > MaxColumns {
		return nil, &legacy.Fault{What: "too many columns"}
	}
	r := &Row{names: slices.Clone(e.Names), values: make([]string, len(e.Names)), at: make(map[string]int, len(e.Names))}
	for i, name := range e.Names {
		folded := strings.ToLower(name)
		if _, met := r.at[folded]; met {
			return nil, &legacy.Fault{What: "a column occurs twice"}
		}
		r.at[folded] = i
	}
	for _, name := range known {
		if at, found := r.at[strings.ToLower(name)]; found {
			r.names[at] = name
		}
	}
	size := 0
	for i, value := range e.Values {
		size += len(value)
		switch {
		case size > legacy.MaxElement:
			return nil, &legacy.Fault{What: "it is too long"}
		case !utf8.ValidString(value):
			return nil, &legacy.Fault{What: "it has bytes that are no UTF-8"}
		case i < len(r.values):
			if !absent(value) {
				r.values[i] = value
			}
		case value != "":
			return nil, &legacy.Fault{What: "more values than columns"}
		}
	}
	return r, nil
}

// absent tells what tools of databases write where a column has no value: those of
// SQL Server the word, in capitals, those of PostgreSQL and MySQL a backslash and an N.
func absent(value string) bool { return value == "NULL" || value == `\N` }

// Has tells whether there is such a column, empty or not.
func (r *Row) Has(column string) bool {
	_, found := r.at[strings.ToLower(column)]
	return found
}

// Text gives a value as it is written, "" if there is no such column.
func (r *Row) Text(column string) string {
	if at, found := r.at[strings.ToLower(column)]; found {
		return r.values[at]
	}
	return ""
}

// Flag reads yes or no. It is not said by an empty value, nor by a word that is
// neither.
func (r *Row) Flag(column string) (yes, said bool) {
	switch strings.ToLower(strings.TrimSpace(r.Text(column))) {
	case "true", "t", "yes", "y", "1", "\x01":
		return true, true
	case "false", "f", "no", "n", "0", "\x00":
		return false, true
	}
	return false, false
}

// layouts are those in which the databases that are known print an instant. One
// without a zone is taken as UTC. Fractions of a second are read in all of them.
var layouts = [...]string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05Z07",
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02",
}

// Instant reads when something was, in UTC.
func (r *Row) Instant(column string) (at time.Time, said bool) {
	text := strings.TrimSpace(r.Text(column))
	if len(text) > 64 {
		return time.Time{}, false
	}
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

// Tell gives every value that is there as a field, but for the columns that are
// named, which hold secrets or are told otherwise. The instants are written as
// RFC 3339 has them, if they can be read.
func (r *Row) Tell(p *legacy.Person, except, instants []string) {
	for i, name := range r.names {
		switch {
		case contains(except, name):
		case contains(instants, name):
			if at, said := r.Instant(name); said {
				p.Add(name, at.Format(time.RFC3339Nano))
				continue
			}
			p.Add(name, r.values[i])
		default:
			p.Add(name, r.values[i])
		}
	}
}

// contains tells whether a column is one of those that are named, or a part of it:
// of an object whose members are the columns, what a member holds has a path.
func contains(names []string, name string) bool {
	return slices.ContainsFunc(names, func(other string) bool { return strings.EqualFold(other, name) || within(other, name) })
}

// within tells whether a name is a path below a column.
func within(column, name string) bool {
	name, pointer := strings.CutPrefix(name, "/")
	if len(name) <= len(column) || !strings.EqualFold(name[:len(column)], column) {
		return false
	}
	return name[len(column)] == '.' || pointer && name[len(column)] == '/'
}

// List reads a column that holds a list as JSON, as databases put the rows of
// another table into one. An empty column is an empty list. One that was taken
// apart is a fault, for it would lose what it holds. Errors are [*legacy.Fault]s
// that name the column.
func List[T any](r *Row, column string) ([]T, error) {
	text := strings.TrimSpace(r.Text(column))
	if slices.ContainsFunc(r.names, func(name string) bool { return within(column, name) }) {
		return nil, &legacy.Fault{Where: column, What: "write the list into one text, as JSON"}
	}
	if text == "" || text == "null" {
		return nil, nil
	}
	var holder struct {
		List []T `json:"list"`
	}
	if err := legacy.Decode([]byte(`{"list":`+text+`}`), &holder); err != nil {
		return nil, &legacy.Fault{Where: column, What: "not a list in JSON as it should be"}
	}
	return holder.List, nil
}
