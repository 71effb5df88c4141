package sqlite

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"sallyport/store"
	"sallyport/store/relational"
)

var errOver = errors.New("the transaction is over")

// transaction is what the functions of one Write see of the write connection.
type transaction struct {
	tx   *relational.Tx // for the function; nil when the engine itself writes
	w    *writer
	over atomic.Bool // its function has returned
	// broken is set once SQLite may have undone everything on its own, as it
	// does when space runs out: what ran now would be committed by itself.
	broken error
}

var _ relational.TxConn = (*transaction)(nil)

func (t *transaction) usable() error {
	if t.over.Load() {
		return errOver
	}
	return t.broken
}

func (t *transaction) note(err error) error {
	if errors.Is(err, store.ErrUnavailable) {
		t.broken = err
	}
	return err
}

// Exec implements [relational.Conn].
func (t *transaction) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	if err := t.usable(); err != nil {
		return 0, err
	}
	n, err := t.w.statements.exec(ctx, statement, args)
	return n, t.note(err)
}

// Query implements [relational.Conn].
func (t *transaction) Query(ctx context.Context, query string, args ...any) (relational.Rows, error) {
	if err := t.usable(); err != nil {
		return nil, err
	}
	rows, err := t.w.statements.query(ctx, query, args)
	return rows, t.note(err)
}

// EachIn implements [relational.Conn].
func (t *transaction) EachIn(ctx context.Context, query string, keys []string, scan func(relational.Rows) error, args ...any) error {
	if err := t.usable(); err != nil {
		return err
	}
	return t.note(t.w.statements.eachIn(ctx, query, keys, scan, args))
}

// Insert implements [relational.TxConn].
func (t *transaction) Insert(ctx context.Context, table *relational.Table, values []any) (int64, error) {
	var stored int64
	for columns := len(table.Columns); len(values) > 0; {
		size := portion(len(values) / columns)
		n, err := t.Exec(ctx, t.w.insertion(table, size), values[:size*columns]...)
		if err != nil {
			return stored, err
		}
		stored += n
		values = values[size*columns:]
	}
	return stored, nil
}

// Nested implements [relational.TxConn].
func (t *transaction) Nested(_ context.Context, do func() error) error {
	if err := t.mark("SAVEPOINT nested"); err != nil {
		return err
	}
	if err := do(); err != nil {
		if undo := t.mark("ROLLBACK TO nested", "RELEASE nested"); undo != nil {
			return errors.Join(err, undo)
		}
		return err
	}
	return t.mark("RELEASE nested")
}

// mark runs statements that bound a part of the transaction. No caller's
// context may keep them from running.
func (t *transaction) mark(statements ...string) error {
	for _, statement := range statements {
		if _, err := t.Exec(context.Background(), statement); err != nil {
			return err
		}
	}
	return nil
}

// ForUpdate implements [relational.TxConn]: there is no other writer.
func (t *transaction) ForUpdate() string { return "" }

// insertion is the statement that adds a number of rows to a table.
type insertion struct {
	table *relational.Table
	rows  int
}

func (w *writer) insertion(table *relational.Table, rows int) string {
	key := insertion{table, rows}
	text := w.insertions[key]
	if text == "" {
		var names []string
		for _, c := range table.Columns {
			names = append(names, c.Name)
		}
		row := "(?" + strings.Repeat(", ?", len(names)-1) + ")"
		text = "INSERT INTO " + table.Name + " (" + strings.Join(names, ", ") + ") VALUES " + row +
			strings.Repeat(", "+row, rows-1) + " ON CONFLICT DO NOTHING"
		w.insertions[key] = text
	}
	return text
}
