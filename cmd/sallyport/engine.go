package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sallyport/store"
	"sallyport/store/postgres"
	"sallyport/store/sqlite"
)

// location is where an installation's state is, as given by --store.
type location struct {
	engine string // sqlite or postgres
	target string // path or connection string
}

// parseLocation reads sqlite:PATH or postgres://….
func parseLocation(flag string) (location, error) {
	switch {
	case strings.HasPrefix(flag, "sqlite:") && len(flag) > len("sqlite:"):
		path, err := filepath.Abs(strings.TrimPrefix(flag, "sqlite:"))
		return location{"sqlite", path}, err
	case strings.HasPrefix(flag, "postgres://"), strings.HasPrefix(flag, "postgresql://"):
		return location{"postgres", flag}, nil
	}
	return location{}, fmt.Errorf("--store %q is neither sqlite:PATH nor postgres://HOST/DATABASE\n  fix: for example --store sqlite:./sallyport.db", redactDSN(flag))
}

// open opens the store, creating a SQLite one if it is missing.
func (l location) open(ctx context.Context) (store.Store, error) {
	if l.engine == "postgres" {
		return postgres.Open(ctx, postgres.Config{DSN: l.target, Now: now, Crash: crashHook()})
	}
	if err := os.MkdirAll(filepath.Dir(l.target), 0o700); err != nil {
		return nil, err
	}
	return sqlite.Open(ctx, sqlite.Config{Path: l.target, Now: now, Crash: crashHook()})
}

// stateDir is where what belongs beside the store lies: the master key, unless
// it is given elsewhere, and the control socket.
func (l location) stateDir() (string, error) {
	if l.engine == "sqlite" {
		return filepath.Dir(l.target), nil
	}
	base := os.Getenv("XDG_STATE_HOME")
	if base == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("no place for the control socket: set XDG_STATE_HOME: %w", err)
		}
		base = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(base, "sallyport", l.handle()), nil
}

// beside gives the path of a file that belongs to the store.
func (l location) beside(suffix string) (string, error) {
	dir, err := l.stateDir()
	if err != nil {
		return "", err
	}
	if l.engine == "sqlite" {
		return l.target + suffix, nil
	}
	return filepath.Join(dir, "sallyport"+suffix), nil
}

// restore makes a store of the rows of a copy, where there is none.
func (l location) restore(ctx context.Context, schema int64, replay func(store.Copied) error) error {
	if l.engine == "postgres" {
		return postgres.Restore(ctx, postgres.Config{DSN: l.target}, schema, replay)
	}
	if err := os.MkdirAll(filepath.Dir(l.target), 0o700); err != nil {
		return err
	}
	return sqlite.Restore(ctx, sqlite.Config{Path: l.target}, schema, replay)
}
