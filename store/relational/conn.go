package relational

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"sallyport/store"
)

// Rows is the result of a query, read from first to last.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// Conn runs statements. The errors of an engine arrive as those of package
// store where one fits.
type Conn interface {
	// Exec runs one statement and tells how many rows it changed.
	Exec(ctx context.Context, statement string, args ...any) (int64, error)
	// Query runs one query.
	Query(ctx context.Context, query string, args ...any) (Rows, error)
	// EachIn runs query, which ends in the name of a text column, for the rows
	// whose column is one of keys, and hands each row to scan.
	EachIn(ctx context.Context, query string, keys []string, scan func(Rows) error, args ...any) error
}

// TxConn is the connection of one transaction.
type TxConn interface {
	Conn
	// Insert adds rows to t; values holds them one after the other, in the
	// order of the table's columns. Rows that clash with a key are left out,
	// which the number of rows stored tells.
	Insert(ctx context.Context, t *Table, values []any) (int64, error)
	// Nested runs do; if that fails, what it wrote is undone and the
	// transaction stays usable.
	Nested(ctx context.Context, do func() error) error
	// ForUpdate ends a SELECT whose rows are about to be changed.
	ForUpdate() string
}

// Type is the type of a column.
type Type int

// The types of columns.
const (
	Int  Type = iota // 64 bits
	Text             // UTF-8
	Blob
)

// Column is one column of a table.
type Column struct {
	Name string
	Type Type
}

// Table is what Insert needs to know about a table.
type Table struct {
	Name    string
	Columns []Column
}

// CheckText refuses text that an engine could not store, so that all refuse
// the same: [store.ErrInvalid].
func CheckText(args []any) error {
	for _, a := range args {
		s, isText := a.(string)
		if !isText {
			continue
		}
		if !utf8.ValidString(s) {
			return fmt.Errorf("text that is not UTF-8: %w", store.ErrInvalid)
		}
		for i := range len(s) {
			if s[i] == 0 {
				return fmt.Errorf("text with a NUL: %w", store.ErrInvalid)
			}
		}
	}
	return nil
}

// atMost refuses values above the limit of the contract.
func atMost(what string, length, limit int) error {
	if length > limit {
		return fmt.Errorf("%s of %d bytes, at most %d: %w", what, length, limit, store.ErrInvalid)
	}
	return nil
}

// between holds a page size to the contract's limits.
func between(limit, most int) int { return min(max(limit, 1), most) }

// queryAll collects what scan makes of each row.
func queryAll[T any](ctx context.Context, c Conn, scan func(Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := c.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// queryOne gives what scan makes of the first row, [store.ErrNotFound] if
// there is none.
func queryOne[T any](ctx context.Context, c Conn, scan func(Rows) (T, error), query string, args ...any) (T, error) {
	var none T
	rows, err := c.Query(ctx, query, args...)
	if err != nil {
		return none, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return none, err
		}
		return none, store.ErrNotFound
	}
	one, err := scan(rows)
	if err != nil {
		return none, err
	}
	rows.Close()
	return one, rows.Err()
}

func scanInt(rows Rows) (n int64, err error) { return n, rows.Scan(&n) }

// exists tells whether query has a row.
func exists(ctx context.Context, c Conn, query string, args ...any) (bool, error) {
	rows, err := c.Query(ctx, query, args...)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	found := rows.Next()
	return found, rows.Err()
}

// one turns a number of changed rows that should be one into missing if none was.
func one(changed int64, err, missing error) error {
	if err == nil && changed == 0 {
		return missing
	}
	return err
}

// missingAs replaces ErrNotFound by another meaning.
func missingAs(err, meaning error) error {
	if errors.Is(err, store.ErrNotFound) {
		return meaning
	}
	return err
}
