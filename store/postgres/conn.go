package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"sallyport/store"
	"sallyport/store/relational"
)

// translate gives the errors of the engine their meaning for services. What is
// neither the server's answer nor the caller's context is the way to the
// server.
func translate(err error) error {
	var e *pgconn.PgError
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, store.ErrInvalid):
		return err
	case errors.As(err, &e):
		return meaning(e)
	}
	return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
}

func meaning(e *pgconn.PgError) error {
	switch {
	case e.Code == "25006", // read only: a standby, after a switch-over
		strings.HasPrefix(e.Code, "08"),                                   // connection
		strings.HasPrefix(e.Code, "53"),                                   // out of disk, memory, connections
		strings.HasPrefix(e.Code, "57P"), strings.HasPrefix(e.Code, "58"), // shut down, input or output
		e.Code == "25P03": // idle in a transaction for too long
		return fmt.Errorf("%w: %w", store.ErrUnavailable, e)
	}
	return e
}

// passing tells of a failure that running the transaction again settles: could
// not serialise, deadlock, or a unique index at which two transactions met that
// each saw it free. Whoever comes second sees the other's row the next time.
func passing(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01" || e.Code == "23505")
}

// statements keeps the text of statements as this engine wants it. There are
// few different ones, as all their values are arguments.
type statements struct {
	numbered   sync.Map // by their text with ?
	insertions sync.Map // by insertionKey
}

// number gives a statement $1, $2 for each ?.
func (s *statements) number(statement string) string {
	if text, known := s.numbered.Load(statement); known {
		return text.(string)
	}
	var text strings.Builder
	parts := strings.Split(statement, "?")
	for i, part := range parts {
		text.WriteString(part)
		if i < len(parts)-1 {
			text.WriteString("$" + strconv.Itoa(i+1))
		}
	}
	s.numbered.Store(statement, text.String())
	return text.String()
}

// runner is a pool, or one connection of it.
type runner interface {
	Exec(ctx context.Context, statement string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
}

func (s *statements) exec(ctx context.Context, r runner, statement string, args []any) (int64, error) {
	if err := relational.CheckText(args); err != nil {
		return 0, err
	}
	tag, err := r.Exec(ctx, s.number(statement), args...)
	return tag.RowsAffected(), translate(err)
}

func (s *statements) query(ctx context.Context, r runner, text string, args []any) (relational.Rows, error) {
	if err := relational.CheckText(args); err != nil {
		return nil, err
	}
	found, err := r.Query(ctx, s.number(text), args...)
	if err != nil {
		return nil, translate(err)
	}
	return rows{found}, nil
}

func eachIn(ctx context.Context, c relational.Conn, text string, keys []string, scan func(relational.Rows) error, args []any) error {
	for _, key := range keys {
		if err := relational.CheckText([]any{key}); err != nil {
			return err
		}
	}
	// One index look-up for each key, whatever the planner thinks of a table
	// that was filled a moment ago; = ANY would let it read the whole table.
	text = "SELECT found.* FROM (SELECT unnest(?::text[]) AS key) AS wanted CROSS JOIN LATERAL (" +
		text + " = wanted.key OFFSET 0) AS found"
	found, err := c.Query(ctx, text, append([]any{keys}, args...)...)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		if err := scan(found); err != nil {
			return err
		}
	}
	return found.Err()
}

type rows struct{ pgx.Rows }

func (r rows) Err() error { return translate(r.Rows.Err()) }

// reads reads committed state on any connection.
type reads struct {
	pool       *pgxpool.Pool
	statements *statements
}

var _ relational.Conn = reads{}

func (r reads) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	return r.statements.exec(ctx, r.pool, statement, args)
}

func (r reads) Query(ctx context.Context, text string, args ...any) (relational.Rows, error) {
	return r.statements.query(ctx, r.pool, text, args)
}

func (r reads) EachIn(ctx context.Context, text string, keys []string, scan func(relational.Rows) error, args ...any) error {
	return eachIn(ctx, r, text, keys, scan, args)
}

// columns turns rows, one after the other, into one array for each column.
func columns(table *relational.Table, values []any) []any {
	width := len(table.Columns)
	arrays := make([]any, width)
	for i, c := range table.Columns {
		switch c.Type {
		case relational.Int:
			arrays[i] = column[int64](values, i, width)
		case relational.Text:
			arrays[i] = column[string](values, i, width)
		case relational.Blob:
			arrays[i] = column[[]byte](values, i, width)
		}
	}
	return arrays
}

func column[T any](values []any, at, width int) []T {
	array := make([]T, 0, len(values)/width)
	for ; at < len(values); at += width {
		array = append(array, values[at].(T))
	}
	return array
}

type insertionKey struct {
	table *relational.Table
	one   bool
}

// insertion is the statement that adds one row, or those of as many arrays as
// the table has columns.
func (s *statements) insertion(table *relational.Table, one bool) string {
	key := insertionKey{table, one}
	if text, known := s.insertions.Load(key); known {
		return text.(string)
	}
	rows := "SELECT * FROM unnest(" + arrays(table.Columns) + ")"
	if one {
		rows = "VALUES (?" + strings.Repeat(", ?", len(table.Columns)-1) + ")"
	}
	text := "INSERT INTO " + table.Name + " (" + names(table.Columns) + ") " + rows + " ON CONFLICT DO NOTHING"
	s.insertions.Store(key, text)
	return text
}

// arrays lists a table's columns as arrays: "?::bigint[], ?::text[]".
func arrays(columns []relational.Column) string {
	var list []string
	for _, c := range columns {
		list = append(list, map[relational.Type]string{
			relational.Int: "?::bigint[]", relational.Text: "?::text[]", relational.Blob: "?::bytea[]",
		}[c.Type])
	}
	return strings.Join(list, ", ")
}

func names(columns []relational.Column) string {
	var list []string
	for _, c := range columns {
		list = append(list, c.Name)
	}
	return strings.Join(list, ", ")
}
