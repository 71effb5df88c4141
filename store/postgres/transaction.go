package postgres

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"sallyport/store/relational"
)

var errOver = errors.New("the transaction is over")

// transaction is one transaction on a connection. Statements that bound it or
// a part of it travel with the next one that needs an answer.
type transaction struct {
	conn   *pgxpool.Conn
	text   *statements
	before []string
	over   atomic.Bool // its function has returned
	failed error       // the last error of the server
}

var _ relational.TxConn = (*transaction)(nil)

const (
	begin     = "BEGIN"
	savepoint = "SAVEPOINT nested"
	release   = "RELEASE nested"
)

// begun tells whether the server knows of the transaction.
func (t *transaction) begun() bool { return len(t.before) == 0 || t.before[0] != begin }

// Exec implements [relational.Conn].
func (t *transaction) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	if t.over.Load() {
		return 0, errOver
	}
	if len(t.before) == 0 {
		n, err := t.text.exec(ctx, t.conn, statement, args)
		return n, t.note(err)
	}
	if err := relational.CheckText(args); err != nil {
		return 0, err
	}
	results, err := t.send(ctx, statement, args)
	if err != nil {
		return 0, t.note(err)
	}
	tag, err := results.Exec()
	return tag.RowsAffected(), t.note(translate(errors.Join(err, results.Close())))
}

// Query implements [relational.Conn].
func (t *transaction) Query(ctx context.Context, text string, args ...any) (relational.Rows, error) {
	if t.over.Load() {
		return nil, errOver
	}
	if len(t.before) == 0 {
		found, err := t.text.query(ctx, t.conn, text, args)
		return noted{found, t, nil}, t.note(err)
	}
	if err := relational.CheckText(args); err != nil {
		return nil, err
	}
	results, err := t.send(ctx, text, args)
	if err != nil {
		return nil, t.note(err)
	}
	found, err := results.Query()
	if err != nil {
		return nil, t.note(translate(errors.Join(err, results.Close())))
	}
	return noted{rows{found}, t, results}, nil
}

// send puts a statement on its way behind those that wait, and reads their
// answers.
func (t *transaction) send(ctx context.Context, statement string, args []any) (pgx.BatchResults, error) {
	var batch pgx.Batch
	for _, bound := range t.before {
		batch.Queue(bound)
	}
	batch.Queue(t.text.number(statement), args...)
	results := t.conn.SendBatch(ctx, &batch)
	for range t.before {
		if _, err := results.Exec(); err != nil {
			return nil, translate(errors.Join(err, results.Close()))
		}
	}
	t.before = t.before[:0]
	return results, nil
}

// note remembers what the server refused: it refuses everything after, too.
func (t *transaction) note(err error) error {
	if err != nil && !errors.Is(err, errOver) {
		t.failed = err
	}
	return err
}

// noted rows note an error that comes while they are read.
type noted struct {
	relational.Rows
	t       *transaction
	results pgx.BatchResults // to be closed behind them; may be nil
}

func (r noted) Err() error { return r.t.note(r.Rows.Err()) }

func (r noted) Close() {
	r.Rows.Close()
	if r.results != nil {
		_ = r.t.note(translate(r.results.Close()))
	}
}

// EachIn implements [relational.Conn].
func (t *transaction) EachIn(ctx context.Context, text string, keys []string, scan func(relational.Rows) error, args ...any) error {
	if len(keys) == 0 {
		return nil
	}
	return eachIn(ctx, t, text, keys, scan, args)
}

// Insert implements [relational.TxConn].
func (t *transaction) Insert(ctx context.Context, table *relational.Table, values []any) (int64, error) {
	if len(values) == 0 {
		return 0, nil
	}
	if err := relational.CheckText(values); err != nil {
		return 0, err
	}
	if len(values) == len(table.Columns) {
		return t.Exec(ctx, t.text.insertion(table, true), values...)
	}
	return t.Exec(ctx, t.text.insertion(table, false), columns(table, values)...)
}

// Nested implements [relational.TxConn].
func (t *transaction) Nested(ctx context.Context, do func() error) error {
	t.before = append(t.before, savepoint)
	err := do()
	if n := len(t.before); n > 0 && t.before[n-1] == savepoint { // nothing was sent
		t.before = t.before[:n-1]
		return err
	}
	if err != nil {
		_, undo := t.Exec(ctx, "ROLLBACK TO nested")
		err = errors.Join(err, undo)
	}
	t.before = append(t.before, release)
	return err
}

// ForUpdate implements [relational.TxConn].
func (t *transaction) ForUpdate() string { return " FOR UPDATE" }
