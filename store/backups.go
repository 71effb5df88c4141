package store

import (
	"context"
	"time"
)

// Backup is a backup of the whole installation, of which the system environment
// keeps the list.
type Backup struct {
	Digest   [32]byte  // of its content
	Created  time.Time // of when it holds everything
	Verified time.Time // when a copy restored from it was looked through; zero: never
	Schema   int64
	Rows     int64
	By       string // who made it, as an audit actor
}

// Backups reads the list of backups.
type Backups interface {
	// Backups lists at most limit of them, newest first.
	Backups(ctx context.Context, env EnvironmentID, limit int) ([]Backup, error)
}

// BackupWriter changes the list.
type BackupWriter interface {
	// PutBackup adds a backup, or sets Verified of the one with its digest, if that
	// is later.
	PutBackup(ctx context.Context, b Backup) error
}
