package backup_test

import (
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/service/backup"
	"sallyport/store/sqlite"
)

func TestABackupOfTheFutureCountsAsOfNow(t *testing.T) {
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := func() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }
	svc := backup.New(backup.Config{Store: s, Audit: audit.New(s, now, rand.Reader), Now: now})
	sum := &backup.Sum{Head: backup.Head{Schema: 17, Created: now().AddDate(10, 0, 0)}, Rows: map[string]int64{"": 1}}
	if err := svc.Verified(t.Context(), "operator/kim", sum); err != nil {
		t.Fatal(err)
	}
	if newest, ok, err := svc.Newest(t.Context()); err != nil || !ok || !newest.Created.Equal(now()) {
		t.Errorf("the newest is of %s, %v, %v", newest.Created, ok, err)
	}
}
