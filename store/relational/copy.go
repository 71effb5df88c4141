package relational

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"

	"sallyport/store"
)

// Querier reads within one transaction.
type Querier interface {
	// Query runs one query without arguments.
	Query(ctx context.Context, query string) (Rows, error)
}

// Copy gives every row of the named tables, as q sees them.
func Copy(ctx context.Context, q Querier, tables []Table, to store.Copied) error {
	for _, t := range inOrder(tables) {
		if err := copyTable(ctx, q, &t, to); err != nil {
			return fmt.Errorf("copying %s: %w", t.Name, err)
		}
	}
	return nil
}

// first are the tables to which others refer.
var first = []string{"environments", "customers", "accounts"}

// inOrder puts tables behind those to which they refer.
func inOrder(tables []Table) []Table {
	tables = slices.Clone(tables)
	rank := func(t Table) int {
		if at := slices.Index(first, t.Name); at >= 0 {
			return at
		}
		return len(first)
	}
	slices.SortFunc(tables, func(a, b Table) int {
		if by := rank(a) - rank(b); by != 0 {
			return by
		}
		return strings.Compare(a.Name, b.Name)
	})
	return tables
}

func copyTable(ctx context.Context, q Querier, t *Table, to store.Copied) error {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	if err := to.Table(t.Name, names); err != nil {
		return err
	}
	rows, err := q.Query(ctx, "SELECT "+strings.Join(Quoted(names), ", ")+" FROM "+Quoted([]string{t.Name})[0])
	if err != nil {
		return err
	}
	defer rows.Close()
	values, places := t.places()
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		if err := to.Row(values()); err != nil {
			return err
		}
	}
	return rows.Err()
}

// places gives where a row of the table is scanned to, and what is there then.
func (t *Table) places() (values func() []any, places []any) {
	for _, c := range t.Columns {
		switch c.Type {
		case Int:
			places = append(places, new(int64))
		case Text:
			places = append(places, new(string))
		default:
			places = append(places, new([]byte))
		}
	}
	row := make([]any, len(places))
	return func() []any {
		for i, place := range places {
			switch place := place.(type) {
			case *int64:
				row[i] = *place
			case *string:
				row[i] = *place
			case *[]byte:
				if *place == nil {
					*place = []byte{} // an empty blob, never NULL
				}
				row[i] = *place
			}
		}
		return row
	}, places
}

// Quoted are names as both engines read them.
func Quoted(names []string) []string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	return quoted
}

// typeOf gives the type of a column by what a catalogue calls it.
func typeOf(name string) (Type, error) {
	switch strings.ToLower(name) {
	case "integer", "bigint", "int", "smallint":
		return Int, nil
	case "text":
		return Text, nil
	case "blob", "bytea":
		return Blob, nil
	}
	return 0, fmt.Errorf("a column of type %q: %w", name, store.ErrSchema)
}

// kept tells whether a table of the catalogue belongs to the installation, rather
// than to the engine or to the keeping of its schema.
func kept(table string) bool {
	return table != goose.DefaultTablename && !strings.HasPrefix(table, "sqlite_")
}

// Catalogue reads which tables there are from rows of table, column and type, in the
// order of both.
func Catalogue(rows Rows) (tables []Table, err error) {
	defer rows.Close()
	for rows.Next() {
		var table, column, kind string
		if err := rows.Scan(&table, &column, &kind); err != nil {
			return nil, err
		}
		if !kept(table) {
			continue
		}
		t, err := typeOf(kind)
		if err != nil {
			return nil, err
		}
		if n := len(tables); n == 0 || tables[n-1].Name != table {
			tables = append(tables, Table{Name: table})
		}
		last := &tables[len(tables)-1]
		last.Columns = append(last.Columns, Column{column, t})
	}
	return tables, rows.Err()
}

// Loader puts the rows of a copy into tables that are there and empty.
type Loader struct {
	tables  map[string]Table
	insert  func(t *Table, values []any) error
	current *Table
	columns []int // where each of the copy's columns stands in the table
	values  []any
	met     map[string]bool
}

// NewLoader gives one that hands portions of rows to insert, values one after the
// other in the order of the table's columns.
func NewLoader(tables []Table, insert func(t *Table, values []any) error) *Loader {
	l := &Loader{tables: map[string]Table{}, insert: insert, met: map[string]bool{}}
	for _, t := range tables {
		l.tables[t.Name] = t
	}
	return l
}

// loadedAtOnce is how many values an engine is given at once.
const loadedAtOnce = 4000

// Table implements [store.Copied]. A table or column that this schema has not is
// [store.ErrSchema].
func (l *Loader) Table(name string, columns []string) error {
	if err := l.Flush(); err != nil {
		return err
	}
	t, known := l.tables[name]
	if !known || l.met[name] || len(columns) != len(t.Columns) {
		return fmt.Errorf("table %q of the copy: %w", name, store.ErrSchema)
	}
	l.met[name], l.current, l.columns = true, &t, nil
	for _, c := range t.Columns {
		at := slices.Index(columns, c.Name)
		if at < 0 {
			return fmt.Errorf("the copy's table %q lacks %q: %w", name, c.Name, store.ErrSchema)
		}
		l.columns = append(l.columns, at)
	}
	return nil
}

// Row implements [store.Copied].
func (l *Loader) Row(values []any) error {
	if l.current == nil || len(values) != len(l.columns) {
		return fmt.Errorf("a row without its table: %w", store.ErrSchema)
	}
	for i, at := range l.columns {
		if !l.current.Columns[i].Type.takes(values[at]) {
			return fmt.Errorf("column %q of table %q: %w", l.current.Columns[i].Name, l.current.Name, store.ErrSchema)
		}
		value := values[at]
		if blob, is := value.([]byte); is {
			value = append([]byte{}, blob...)
		}
		l.values = append(l.values, value)
	}
	if len(l.values) >= loadedAtOnce {
		return l.Flush()
	}
	return nil
}

// takes tells whether a value is of the type.
func (t Type) takes(value any) (ok bool) {
	switch t {
	case Int:
		_, ok = value.(int64)
	case Text:
		_, ok = value.(string)
	default:
		_, ok = value.([]byte)
	}
	return ok
}

// Flush hands over what is left. Call it behind the last row.
func (l *Loader) Flush() error {
	if len(l.values) == 0 {
		return nil
	}
	err := l.insert(l.current, l.values)
	l.values = l.values[:0]
	if err != nil {
		return fmt.Errorf("restoring %s: %w", l.current.Name, err)
	}
	return nil
}
