package store

import "context"

// Copier copies a whole installation, every environment and every table, so that
// it can be restored elsewhere, by either engine.
type Copier interface {
	// Copy gives all rows as they were at one instant, while others read and write,
	// and the number of the schema in which they are written. What is sealed stays
	// sealed: without the master key a copy opens nothing. Errors are those of to
	// and of the engine.
	Copy(ctx context.Context, to Copied) (schema int64, err error)
}

// Copied takes the rows of a copy.
type Copied interface {
	// Table begins a table: the rows that follow are its. Its columns come in an
	// order of their own. A table comes once, behind those to which it refers.
	Table(name string, columns []string) error
	// Row takes a row of the table that began last: an int64, a string or a []byte
	// for each column. The slices are the engine's again once it returns.
	Row(values []any) error
}
