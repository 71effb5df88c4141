package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"sallyport/store"
	"sallyport/store/relational"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

func schema() relational.Schema {
	files, _ := fs.Sub(schemaFiles, "schema") // a valid path
	return relational.Schema{Dialect: goose.DialectSQLite3, Files: files}
}

// readers is how many connections read at once. Reads are short; more would
// only hold more page caches.
const readers = 4

// Config says where a store is.
type Config struct {
	// Path of the database file. It is created, readable by its owner only, if
	// it is not there; beside it lie its -wal, -shm and .lock.
	Path string
	// Now dates events and feed entries that come without a time; time.Now if nil.
	Now func() time.Time
	// Crash, if set, is called with a name just before and just after each
	// durable write, so that a test can end the process there.
	Crash func(point string)
	// Watch, if set, is called with the text of each statement before it runs, from
	// whatever goroutine runs it, so that a test can compare what two requests cost.
	Watch func(statement string)
}

// Store keeps one installation in a file. It is safe for concurrent use.
type Store struct {
	*relational.Reader
	config Config
	lock   *os.File
	reads  *sql.DB
	writes *sql.DB
	reader *pool
	writer *writer
	known  relational.Known
}

var _ store.Store = (*Store)(nil)

// Open opens the store at c.Path, creating it and bringing its schema up to
// date as needed. [store.ErrLocked] if another process, which the error names,
// has it open; [store.ErrSchema] if a newer release made it, or something else
// did.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	path, err := filepath.Abs(c.Path)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	c.Path = path
	s := &Store{config: c}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("store %s: %w", path, err), s.release())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	if s.lock, err = lockFile(s.config.Path + ".lock"); err != nil {
		return err
	}
	file, err := os.OpenFile(s.config.Path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if s.writes, err = sql.Open("sqlite", source(s.config.Path, "_txlock=immediate", "_pragma=cache_size(-16000)")); err != nil {
		return err
	}
	s.writes.SetMaxOpenConns(1)
	if err := s.bringUpToDate(ctx); err != nil {
		return err
	}
	if s.reads, err = sql.Open("sqlite", source(s.config.Path, "_pragma=query_only(1)", "_pragma=cache_size(-4000)")); err != nil {
		return err
	}
	s.reads.SetMaxOpenConns(readers)
	s.reads.SetMaxIdleConns(readers)
	s.reader = &pool{prepared{by: s.reads, watch: s.config.Watch}}
	s.Reader = relational.NewReader(s.reader)
	connection, err := s.writes.Conn(ctx)
	if err != nil {
		return translate(err)
	}
	s.writer = newWriter(s.config, connection)
	return nil
}

// source is the data source name: every connection gets the same pragmas.
func source(path string, more ...string) string {
	pragmas := append([]string{
		"_pragma=busy_timeout(5000)",
		"_pragma=journal_mode(WAL)",
		"_pragma=synchronous(FULL)",
		"_pragma=foreign_keys(1)",
		"_pragma=secure_delete(1)", // what is erased leaves no copy in free pages
		"_pragma=wal_autocheckpoint(4000)",
		"_pragma=journal_size_limit(67108864)",
		"_pragma=temp_store(MEMORY)",
	}, more...)
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String() + "?" + strings.Join(pragmas, "&")
}

// bringUpToDate reads the schema's version, which is all that a start on
// existing data costs.
func (s *Store) bringUpToDate(ctx context.Context) error {
	var version, tables int64
	err := s.writes.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM sqlite_schema),
		(SELECT COUNT(*) FROM sqlite_schema WHERE name = 'goose_db_version')`).Scan(&tables, &version)
	if err != nil {
		return translate(err)
	}
	switch {
	case version > 0:
		if err := s.writes.QueryRowContext(ctx, relational.SchemaVersion).Scan(&version); err != nil {
			return translate(err)
		}
	case tables > 0:
		return fmt.Errorf("a SQLite database of something else: %w", store.ErrSchema)
	}
	behind, err := schema().Behind(version)
	if err != nil || !behind {
		return err
	}
	return translate(schema().Apply(ctx, s.writes))
}

// Ping implements [store.Store].
func (s *Store) Ping(ctx context.Context) error {
	return relational.Ping(ctx, s.reader)
}

// Close implements [store.Store].
func (s *Store) Close() error {
	if !s.writer.close() {
		return nil
	}
	return s.release()
}

// release gives back what was opened, in any state of opening.
func (s *Store) release() error {
	var errs []error
	if s.writer != nil {
		errs = append(errs, s.writer.release())
	}
	if s.reader != nil {
		errs = append(errs, s.reader.close())
	}
	for _, db := range []*sql.DB{s.reads, s.writes} { // the last connection folds the log into the file
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
