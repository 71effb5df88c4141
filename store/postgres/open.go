package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"sallyport/store"
	"sallyport/store/relational"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

func schema() (relational.Schema, error) {
	files, err := fs.Sub(schemaFiles, "schema")
	if err != nil {
		return relational.Schema{}, err
	}
	// Nodes that start together look for the lock each second, for two minutes.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
	return relational.Schema{
		Dialect: goose.DialectPostgres,
		Files:   files,
		Options: []goose.ProviderOption{goose.WithSessionLocker(locker)},
	}, err
}

// Config says where a store is.
type Config struct {
	// DSN is a connection URL or keyword string as libpq reads it, and may
	// carry pgxpool's settings such as pool_max_conns. The simple protocol is
	// refused. One connection more than the pool is held open for the claims
	// on audit chains.
	DSN string
	// Now dates events and feed entries that come without a time; time.Now if nil.
	Now func() time.Time
	// Crash, if set, is called with a name just before and just after each
	// durable write, so that a test can end the process there.
	Crash func(point string)
	// Watch, if set, is called with the text of each statement before it runs, from
	// whatever goroutine runs it, so that a test can compare what two requests cost.
	Watch func(statement string)
}

// Store keeps one installation in a database. It is safe for concurrent use.
type Store struct {
	*relational.Reader
	config   Config
	pool     *pgxpool.Pool
	reads    reads
	known    relational.Known
	writers  *writers
	recorder *recorder
}

var _ store.Store = (*Store)(nil)

// connections is the size of the pool unless the DSN says otherwise.
const connections = 16

// Open connects to the database of c.DSN and brings its schema up to date as
// needed, one process at a time. [store.ErrSchema] if a newer release made it,
// or something else did; [store.ErrUnavailable] if it does not answer.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	settings, err := poolSettings(c.DSN)
	if err != nil {
		return nil, err
	}
	if c.Watch != nil {
		settings.ConnConfig.Tracer = watcher(c.Watch)
	}
	pool, err := pgxpool.NewWithConfig(ctx, settings)
	if err != nil {
		return nil, fmt.Errorf("store: %w", translate(err))
	}
	if err := bringUpToDate(ctx, pool); err != nil {
		pool.Close()
		return nil, fmt.Errorf("store: %w", err)
	}
	s := &Store{config: c, pool: pool, reads: reads{pool, &statements{}}}
	s.Reader = relational.NewReader(s.reads)
	s.writers = newWriters(settings.ConnConfig)
	s.recorder = newRecorder(s)
	return s, nil
}

// errDSN hides what is wrong with a connection string: it may hold a password.
var errDSN = errors.New("store: the connection string of PostgreSQL cannot be read")

func poolSettings(dsn string) (*pgxpool.Config, error) {
	settings, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errDSN
	}
	if settings.ConnConfig.DefaultQueryExecMode == pgx.QueryExecModeSimpleProtocol {
		return nil, fmt.Errorf("store: the simple protocol puts values into statements: %w", errors.ErrUnsupported)
	}
	if !strings.Contains(dsn, "pool_max_conns") {
		settings.MaxConns = connections
	}
	parameters := settings.ConnConfig.RuntimeParams
	if parameters["application_name"] == "" {
		parameters["application_name"] = "sallyport"
	}
	// An answered write is durable, whatever the server's default.
	parameters["synchronous_commit"] = "on"
	parameters["default_transaction_isolation"] = "read committed"
	// A node that froze must not hold its locks for ever.
	parameters["idle_in_transaction_session_timeout"] = "60000"
	return settings, nil
}

// bringUpToDate reads the schema's version, which is all that a start on
// existing data costs.
func bringUpToDate(ctx context.Context, pool *pgxpool.Pool) error {
	var ours, others bool
	err := pool.QueryRow(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL,
		EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema())`).Scan(&ours, &others)
	if err != nil {
		return translate(err)
	}
	var version int64
	switch {
	case ours:
		if err := pool.QueryRow(ctx, relational.SchemaVersion).Scan(&version); err != nil {
			return translate(err)
		}
	case others:
		return fmt.Errorf("a database of something else: %w", store.ErrSchema)
	}
	s, err := schema()
	if err != nil {
		return err
	}
	behind, err := s.Behind(version)
	if err != nil || !behind {
		return err
	}
	db := stdlib.OpenDBFromPool(pool)
	return errors.Join(s.Apply(ctx, db), db.Close())
}

// Ping implements [store.Store].
func (s *Store) Ping(ctx context.Context) error { return relational.Ping(ctx, s.reads) }

// Sweep implements [store.Store].
func (s *Store) Sweep(ctx context.Context, now time.Time, limit int) (int, error) {
	return relational.Sweep(ctx, s.reads, now, limit, func(statement string, args ...any) (int64, error) {
		return s.reads.Exec(ctx, statement, args...)
	})
}

// Close implements [store.Store].
func (s *Store) Close() error {
	s.recorder.close()
	s.pool.Close() // waits for connections to come back
	return s.writers.close()
}
