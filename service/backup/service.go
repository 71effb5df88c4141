package backup

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"sallyport/service/audit"
	"sallyport/store"
)

// Store is what the service needs of the store.
type Store interface {
	store.Copier
	store.Backups
	store.Writer
}

// Config constructs a [Service].
type Config struct {
	Store Store
	Audit *audit.Log
	Now   func() time.Time
}

// Service makes backups of the running installation and keeps the list of them. It
// is safe for concurrent use.
type Service struct{ cfg Config }

// New gives a service. All fields are required.
func New(cfg Config) *Service { return &Service{cfg} }

// detail is what audit keeps of a backup.
type detail struct {
	SHA256  string    `json:"sha256"`
	Created time.Time `json:"created"`
	Rows    int64     `json:"rows"`
}

// Create writes a backup for the recipients to out, and puts it on the list once it
// is complete: whoever reads out must not trust what came before an error.
// [ErrRecipient], and the errors of out and the store.
func (s *Service) Create(ctx context.Context, by audit.Actor, recipients []string, out io.Writer) (*Sum, error) {
	keys, err := Recipients(recipients)
	if err != nil {
		return nil, err
	}
	sum, err := Create(ctx, s.cfg.Store, s.cfg.Now(), keys, out)
	if err != nil {
		return nil, fmt.Errorf("making a backup: %w", err)
	}
	return sum, s.note(ctx, audit.BackupCreated, by, sum, time.Time{})
}

// Verified notes that a copy restored from the backup was looked through and found
// good. Whoever says so says when it was made, too: one from the future would open the
// gate before imports for as long, so it counts as of now.
func (s *Service) Verified(ctx context.Context, by audit.Actor, sum *Sum) error {
	now, seen := s.cfg.Now(), *sum
	if seen.Created.After(now) {
		seen.Created = now
	}
	return s.note(ctx, audit.BackupVerified, by, &seen, now)
}

func (s *Service) note(ctx context.Context, kind audit.Type, by audit.Actor, sum *Sum, verified time.Time) error {
	b := store.Backup{Digest: sum.Digest, Created: sum.Created, Verified: verified, Schema: sum.Schema, Rows: sum.Total(), By: string(by)}
	return s.cfg.Store.Write(ctx, store.System, func(tx store.Tx) error {
		if err := tx.PutBackup(ctx, b); err != nil {
			return err
		}
		return tx.Audit(ctx, s.cfg.Audit.Event(audit.Entry{
			Type: kind, Actor: by, Detail: detail{hex.EncodeToString(b.Digest[:]), b.Created, b.Rows},
		}))
	})
}

// Made is a backup on the list.
type Made store.Backup

// List gives at most limit backups, newest first.
func (s *Service) List(ctx context.Context, limit int) (all []Made, err error) {
	stored, err := s.cfg.Store.Backups(ctx, store.System, limit)
	for _, b := range stored {
		all = append(all, Made(b))
	}
	return all, err
}

// Newest gives the newest backup that was verified; ok is false if none was.
func (s *Service) Newest(ctx context.Context) (newest Made, ok bool, err error) {
	all, err := s.List(ctx, 1000)
	for _, b := range all {
		if !b.Verified.IsZero() {
			return b, true, err
		}
	}
	return newest, false, err
}
