package backup_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"sallyport/service/audit"
	"sallyport/service/backup"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// installation is one that makes backups, whose secret is its name.
func installation(t *testing.T, name string, now func() time.Time) (*backup.Service, store.Store) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return backup.New(backup.Config{
		Store: s, Audit: audit.New(s, now, rand.Reader), Now: now,
		MAC: func(context.Context) (func([]byte) [32]byte, error) {
			return func(message []byte) [32]byte { return sha256.Sum256(append([]byte(name), message...)) }, nil
		},
	}), s
}

func TestABackupCountsAsVerifiedByItsReceiptAlone(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }
	svc, s := installation(t, "ours", now)
	other, _ := installation(t, "theirs", now)
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := svc.Create(t.Context(), "operator/kim", []string{key.Recipient().String()}, &file); err != nil {
		t.Fatal(err)
	}
	read, err := backup.Restore(&file, []age.Identity{key}, func(_ int64, replay func(store.Copied) error) error { return replay(nobody{}) })
	if err != nil {
		t.Fatal(err)
	}
	changed := func(change func(*backup.Sum)) *backup.Sum { other := *read; change(&other); return &other }
	for name, test := range map[string]struct {
		by  *backup.Service
		sum *backup.Sum
	}{
		"by what the list tells, without a receipt": {svc, changed(func(s *backup.Sum) { s.Receipt = nil })},
		"of the future":                  {svc, changed(func(s *backup.Sum) { s.Created = now().AddDate(10, 0, 0) })},
		"of more rows":                   {svc, changed(func(s *backup.Sum) { s.Rows = map[string]int64{"": 1 << 40} })},
		"of another content":             {svc, changed(func(s *backup.Sum) { s.Digest[0] ^= 1 })},
		"by half a receipt":              {svc, changed(func(s *backup.Sum) { s.Receipt = s.Receipt[:16] })},
		"at an installation not its own": {other, read},
	} {
		if err := test.by.Verified(t.Context(), "operator/kim", test.sum, backup.Seen{Environments: 1}); !errors.Is(err, backup.ErrReceipt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, ok, err := svc.Newest(t.Context()); ok || err != nil {
		t.Errorf("it counts already: %v", err)
	}
	if err := svc.Verified(t.Context(), "operator/kim", read, backup.Seen{Environments: 1, Chains: 2}); err != nil {
		t.Fatal(err)
	}
	if newest, ok, err := svc.Newest(t.Context()); err != nil || !ok || newest.Digest != read.Digest {
		t.Errorf("the newest is %+v, %v, %v", newest, ok, err)
	}
	events, _, err := s.AuditEvents(t.Context(), store.System, store.AuditQuery{Type: string(audit.BackupVerified), Limit: 10})
	if err != nil || len(events) != 1 || !strings.Contains(string(events[0].Body), `"seen":{"environments":1,"ledgers":2,`) {
		t.Errorf("the ledger says %+v, %v", events, err)
	}
}

// nobody takes rows and keeps none.
type nobody struct{}

func (nobody) Table(string, []string) error { return nil }
func (nobody) Row([]any) error              { return nil }
