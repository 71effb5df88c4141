package relational

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"

	"sallyport/store"
)

// Schema is the numbered SQL files of one engine.
type Schema struct {
	Dialect goose.Dialect
	Files   fs.FS // 0001_initial.sql and so on, in the root
	Options []goose.ProviderOption
}

// Newest is the number of the last file.
func (s Schema) Newest() (int64, error) {
	names, err := fs.Glob(s.Files, "*.sql")
	if err != nil || len(names) == 0 {
		return 0, fmt.Errorf("no schema files: %w", store.ErrSchema)
	}
	number, _, _ := strings.Cut(names[len(names)-1], "_")
	return strconv.ParseInt(number, 10, 64)
}

// SchemaVersion reads the number of the last file that was applied.
const SchemaVersion = "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied"

// Behind tells whether a database at version needs Apply. A version that is
// newer than this program is refused: it may mean what this program does not
// know.
func (s Schema) Behind(version int64) (bool, error) {
	newest, err := s.Newest()
	if err != nil {
		return false, err
	}
	if version > newest {
		return false, fmt.Errorf("the database has schema %d, this release knows up to %d; start a newer release: %w",
			version, newest, store.ErrSchema)
	}
	return version < newest, nil
}

// Apply brings the schema up to date. It costs more than a start may, so it is
// called only when Behind says so.
func (s Schema) Apply(ctx context.Context, db *sql.DB) error {
	provider, err := s.provider(db)
	if err == nil {
		_, err = provider.Up(ctx)
	}
	return asSchema(err)
}

// ApplyTo brings an empty database to an earlier version, in which a copy was made.
func (s Schema) ApplyTo(ctx context.Context, db *sql.DB, version int64) error {
	if _, err := s.Behind(version); err != nil {
		return err
	}
	provider, err := s.provider(db)
	if err == nil {
		_, err = provider.UpTo(ctx, version)
	}
	return asSchema(err)
}

func (s Schema) provider(db *sql.DB) (*goose.Provider, error) {
	quiet := goose.WithSlog(slog.New(slog.DiscardHandler))
	return goose.NewProvider(s.Dialect, db, s.Files, append([]goose.ProviderOption{quiet}, s.Options...)...)
}

func asSchema(err error) error {
	if err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	return nil
}
