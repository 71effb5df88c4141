package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"sallyport/store"
	"sallyport/store/relational"
)

var _ store.Copier = (*Store)(nil)

// Copy implements [store.Copier].
func (s *Store) Copy(ctx context.Context, to store.Copied) (schema int64, err error) {
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return 0, translate(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := tx.QueryRow(ctx, relational.SchemaVersion).Scan(&schema); err != nil {
		return 0, translate(err)
	}
	tables, err := tablesOf(ctx, tx)
	if err != nil {
		return 0, err
	}
	return schema, relational.Copy(ctx, reading{tx}, tables, to)
}

// reading reads within a transaction.
type reading struct{ tx pgx.Tx }

func (r reading) Query(ctx context.Context, query string) (relational.Rows, error) {
	found, err := r.tx.Query(ctx, query)
	if err != nil {
		return nil, translate(err)
	}
	return rows{found}, nil
}

// tablesOf reads from the catalogue which tables there are.
func tablesOf(ctx context.Context, tx pgx.Tx) ([]relational.Table, error) {
	found, err := tx.Query(ctx, `SELECT c.table_name::text, c.column_name::text, c.data_type::text
		FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' ORDER BY c.table_name, c.ordinal_position`)
	if err != nil {
		return nil, translate(err)
	}
	return relational.Catalogue(rows{found})
}

// Restore makes a store of a copy that was made in a schema: replay gives its rows.
// The database must be empty ([store.ErrExists]). If it fails, the tables are there
// and empty. Opening the store brings its schema up to date.
func Restore(ctx context.Context, c Config, version int64, replay func(store.Copied) error) error {
	settings, err := poolSettings(c.DSN)
	if err != nil {
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, settings)
	if err != nil {
		return fmt.Errorf("store: %w", translate(err))
	}
	defer pool.Close()
	var tables int
	if err := pool.QueryRow(ctx, "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()").Scan(&tables); err != nil {
		return fmt.Errorf("store: %w", translate(err))
	}
	if tables > 0 {
		return fmt.Errorf("store: the database has tables: %w", store.ErrExists)
	}
	schema, err := schema()
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	if err := schema.ApplyTo(ctx, db, version); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return load(ctx, tx, replay) })
}

func load(ctx context.Context, tx pgx.Tx, replay func(store.Copied) error) error {
	tables, err := tablesOf(ctx, tx)
	if err != nil {
		return err
	}
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.Name
	}
	if _, err := tx.Exec(ctx, "TRUNCATE "+strings.Join(relational.Quoted(names), ", ")); err != nil { // what a new store begins with
		return translate(err)
	}
	loader := relational.NewLoader(tables, func(t *relational.Table, values []any) error { return copyIn(ctx, tx, t, values) })
	if err := replay(loader); err != nil {
		return err
	}
	if err := loader.Flush(); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "SELECT setval(pg_get_serial_sequence('environments', 'id'), (SELECT max(id) FROM environments))")
	return translate(err)
}

func copyIn(ctx context.Context, tx pgx.Tx, t *relational.Table, values []any) error {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = c.Name
	}
	count := len(values) / len(columns)
	stored, err := tx.CopyFrom(ctx, pgx.Identifier{t.Name}, columns, pgx.CopyFromSlice(count, func(i int) ([]any, error) {
		return values[i*len(columns) : (i+1)*len(columns)], nil
	}))
	if err == nil && int(stored) != count {
		err = errors.New("fewer rows than were given")
	}
	return translate(err)
}
