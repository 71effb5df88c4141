package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"sallyport/store"
	"sallyport/store/relational"
)

// translate gives the errors of the engine their meaning for services.
func translate(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM:
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w", store.ErrSchema, err)
	}
	return err
}

// preparer is a database or one connection of it.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// prepared keeps each statement compiled. There are few different ones, as
// all their values are arguments.
type prepared struct {
	by    preparer
	watch func(statement string) // nil: nobody does
	mu    sync.RWMutex
	text  map[string]*sql.Stmt
}

func (p *prepared) statement(text string) (*sql.Stmt, error) {
	if p.watch != nil {
		p.watch(text)
	}
	p.mu.RLock()
	s := p.text[text]
	p.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.text[text]; s != nil {
		return s, nil
	}
	s, err := p.by.PrepareContext(context.Background(), text)
	if err != nil {
		return nil, translate(err)
	}
	if p.text == nil {
		p.text = map[string]*sql.Stmt{}
	}
	p.text[text] = s
	return s, nil
}

func (p *prepared) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, s := range p.text {
		errs = append(errs, s.Close())
	}
	p.text = nil
	return errors.Join(errs...)
}

// exec and query look at ctx before they begin and run to their end then:
// interrupting SQLite within a transaction would undo the work of others too,
// and watching a context costs more than a point read.
func (p *prepared) exec(ctx context.Context, text string, args []any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := relational.CheckText(args); err != nil {
		return 0, err
	}
	s, err := p.statement(text)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(context.WithoutCancel(ctx), args...)
	if err != nil {
		return 0, translate(err)
	}
	return result.RowsAffected()
}

func (p *prepared) query(ctx context.Context, text string, args []any) (relational.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := relational.CheckText(args); err != nil {
		return nil, err
	}
	s, err := p.statement(text)
	if err != nil {
		return nil, err
	}
	r, err := s.QueryContext(context.WithoutCancel(ctx), args...)
	if err != nil {
		return nil, translate(err)
	}
	return rows{r}, nil
}

// eachIn looks keys up some at a time, in portions of a few sizes only, so
// that there are few statements to keep.
func (p *prepared) eachIn(ctx context.Context, text string, keys []string, scan func(relational.Rows) error, args []any) error {
	for len(keys) > 0 {
		size := portion(len(keys))
		all := append(make([]any, 0, len(args)+size), args...)
		for _, key := range keys[:size] {
			all = append(all, key)
		}
		keys = keys[size:]
		if err := p.each(ctx, text+" IN (?"+strings.Repeat(", ?", size-1)+")", all, scan); err != nil {
			return err
		}
	}
	return nil
}

func (p *prepared) each(ctx context.Context, text string, args []any, scan func(relational.Rows) error) error {
	rows, err := p.query(ctx, text, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// portion is how many of n rows or keys one statement takes.
func portion(n int) int {
	switch {
	case n >= 64:
		return 64
	case n >= 16:
		return 16
	case n >= 4:
		return 4
	}
	return 1
}

type rows struct{ *sql.Rows }

func (r rows) Close()     { r.Rows.Close() }
func (r rows) Err() error { return translate(r.Rows.Err()) }

// pool reads committed state on any of the read connections.
type pool struct{ prepared }

var _ relational.Conn = (*pool)(nil)

func (p *pool) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	return p.exec(ctx, statement, args)
}

func (p *pool) Query(ctx context.Context, query string, args ...any) (relational.Rows, error) {
	return p.query(ctx, query, args)
}

func (p *pool) EachIn(ctx context.Context, query string, keys []string, scan func(relational.Rows) error, args ...any) error {
	return p.eachIn(ctx, query, keys, scan, args)
}
