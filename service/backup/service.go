package backup

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
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
	// MAC authenticates with a secret of the installation that serves nothing else, and
	// is the same for ever.
	MAC func(ctx context.Context) (func(message []byte) [32]byte, error)
}

// ErrReceipt: what is said to be a backup was not made by this installation, or whoever
// says so has not read it to its end.
var ErrReceipt = errors.New("not the receipt of a backup that this installation made")

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
	Seen    *Seen     `json:"seen,omitempty"`
}

// Seen counts what was looked at of a copy that was restored.
type Seen struct {
	Environments int `json:"environments"`
	Chains       int `json:"ledgers"`
	Passwords    int `json:"passwords"`
	Factors      int `json:"factors"`
}

// Create writes a backup for the recipients to out, and puts it on the list once it
// is complete: whoever reads out must not trust what came before an error.
// [ErrRecipient], and the errors of out and the store.
func (s *Service) Create(ctx context.Context, by audit.Actor, recipients []string, out io.Writer) (*Sum, error) {
	keys, err := Recipients(recipients)
	if err != nil {
		return nil, err
	}
	mac, err := s.cfg.MAC(ctx) // before the copy, which has the secret too then
	if err != nil {
		return nil, fmt.Errorf("making a backup: %w", err)
	}
	sum, err := Create(ctx, s.cfg.Store, Making{s.cfg.Now(), keys, func(sum *Sum) []byte { r := mac(receipted(sum)); return r[:] }}, out)
	if err != nil {
		return nil, fmt.Errorf("making a backup: %w", err)
	}
	return sum, s.note(ctx, noted{kind: audit.BackupCreated, by: by, sum: sum})
}

// receipted is what a receipt is of: all that is recorded of a backup.
func receipted(sum *Sum) []byte {
	return fmt.Appendf(nil, "sallyport backup, version 1\n%x %d %d %d", sum.Digest, sum.Created.Unix(), sum.Schema, sum.Total())
}

// Verified notes that a copy restored from the backup was looked through and found
// good, and what was looked at. When it was made, and of what, is not a matter of
// anybody's word: the receipt is of these. [ErrReceipt].
func (s *Service) Verified(ctx context.Context, by audit.Actor, sum *Sum, seen Seen) error {
	mac, err := s.cfg.MAC(ctx)
	if err != nil {
		return fmt.Errorf("checking the receipt of a backup: %w", err)
	}
	if want := mac(receipted(sum)); subtle.ConstantTimeCompare(want[:], sum.Receipt) != 1 {
		return ErrReceipt
	}
	return s.note(ctx, noted{audit.BackupVerified, by, sum, s.cfg.Now(), &seen})
}

// noted is what the list and the ledger are told of a backup.
type noted struct {
	kind     audit.Type
	by       audit.Actor
	sum      *Sum
	verified time.Time
	seen     *Seen
}

func (s *Service) note(ctx context.Context, n noted) error {
	kind, by, sum, verified := n.kind, n.by, n.sum, n.verified
	b := store.Backup{Digest: sum.Digest, Created: sum.Created, Verified: verified, Schema: sum.Schema, Rows: sum.Total(), By: string(by)}
	return s.cfg.Store.Write(ctx, store.System, func(tx store.Tx) error {
		if err := tx.PutBackup(ctx, b); err != nil {
			return err
		}
		return tx.Audit(ctx, s.cfg.Audit.Event(audit.Entry{
			Type: kind, Actor: by, Detail: detail{hex.EncodeToString(b.Digest[:]), b.Created, b.Rows, n.seen},
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
