package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sallyport/store"
	"sallyport/store/relational"
)

var _ store.Copier = (*Store)(nil)

// Copy implements [store.Copier]. It holds a read transaction of its own, so that
// the write-ahead log grows meanwhile.
func (s *Store) Copy(ctx context.Context, to store.Copied) (schema int64, err error) {
	c, err := s.reads.Conn(ctx)
	if err != nil {
		return 0, translate(err)
	}
	defer c.Close()
	if _, err := c.ExecContext(ctx, "BEGIN"); err != nil {
		return 0, translate(err)
	}
	defer func() { _, _ = c.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") }()
	if err := c.QueryRowContext(ctx, relational.SchemaVersion).Scan(&schema); err != nil {
		return 0, translate(err)
	}
	tables, err := tablesOf(ctx, c)
	if err != nil {
		return 0, err
	}
	return schema, relational.Copy(ctx, reading{c}, tables, to)
}

// reading reads within the transaction of a connection.
type reading struct{ c *sql.Conn }

func (r reading) Query(ctx context.Context, query string) (relational.Rows, error) {
	found, err := r.c.QueryContext(ctx, query)
	if err != nil {
		return nil, translate(err)
	}
	return rows{found}, nil
}

// tablesOf reads from the catalogue which tables there are.
func tablesOf(ctx context.Context, c interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
},
) ([]relational.Table, error) {
	found, err := c.QueryContext(ctx, `SELECT t.name, c.name, c.type FROM sqlite_schema t JOIN pragma_table_info(t.name) c
		WHERE t.type = 'table' ORDER BY t.name, c.cid`)
	if err != nil {
		return nil, translate(err)
	}
	return relational.Catalogue(rows{found})
}

// Restore makes a store at c.Path of a copy that was made in a schema: replay gives
// its rows. There must be no store there yet ([store.ErrExists]). If it fails,
// nothing is left there. Opening the store brings its schema up to date.
func Restore(ctx context.Context, c Config, version int64, replay func(store.Copied) error) (err error) {
	path, err := filepath.Abs(c.Path)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return fmt.Errorf("store %s: %w", path, err)
	}
	defer lock.Close()
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("store %s: %w", path, store.ErrExists)
	}
	if err != nil {
		return err
	}
	defer func() {
		if err == nil {
			return
		}
		for _, suffix := range []string{"", "-wal", "-shm"} {
			_ = os.Remove(path + suffix)
		}
	}()
	if err := file.Close(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", source(path, "_txlock=immediate"))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	err = restore(ctx, db, version, replay)
	return errors.Join(err, translate(db.Close()))
}

func restore(ctx context.Context, db *sql.DB, version int64, replay func(store.Copied) error) error {
	if err := schema().ApplyTo(ctx, db, version); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	defer func() { _ = tx.Rollback() }() // behind a commit it does nothing
	tables, err := tablesOf(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "PRAGMA defer_foreign_keys = 1"); err != nil {
		return translate(err)
	}
	for _, t := range tables { // what a new store begins with
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+relational.Quoted([]string{t.Name})[0]); err != nil {
			return translate(err)
		}
	}
	load := relational.NewLoader(tables, func(t *relational.Table, values []any) error {
		return insertAll(ctx, tx, t, values)
	})
	if err := replay(load); err != nil {
		return err
	}
	if err := load.Flush(); err != nil {
		return err
	}
	return translate(tx.Commit())
}

// insertAll adds rows, whose values stand one after the other.
func insertAll(ctx context.Context, tx *sql.Tx, t *relational.Table, values []any) error {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	row := "(?" + strings.Repeat(", ?", len(names)-1) + ")"
	count := len(values) / len(names)
	_, err := tx.ExecContext(ctx, "INSERT INTO "+relational.Quoted([]string{t.Name})[0]+" ("+strings.Join(relational.Quoted(names), ", ")+") VALUES "+
		row+strings.Repeat(", "+row, count-1), values...)
	return translate(err)
}
