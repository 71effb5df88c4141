package certificate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"sallyport/store"
)

func TestFilesAreSealedEachAsWhatItIs(t *testing.T) {
	w := newWorld(t)
	s := newStorage(w.config())
	key := []byte("-----BEGIN EC PRIVATE KEY-----")
	w.must(s.Store(t.Context(), "/ca/a/key", key))
	row, err := w.store.CertificateFile(t.Context(), store.System, "ca/a/key")
	w.must(err)
	if bytes.Contains(row.Sealed, []byte("PRIVATE")) {
		t.Error("the key is not sealed")
	}
	if got, err := s.Load(t.Context(), "ca/a/key"); err != nil || !bytes.Equal(got, key) {
		t.Errorf("read %q, %v", got, err)
	}
	row.Name = "ca/b/key"
	w.must(w.store.Write(t.Context(), store.System, func(tx store.Tx) error { return tx.PutCertificateFile(t.Context(), row) }))
	if _, err := s.Load(t.Context(), "ca/b/key"); err == nil {
		t.Error("a file opens in another's place")
	}
}

func TestFilesAreFoundAsInDirectories(t *testing.T) {
	w := newWorld(t)
	s, ctx := newStorage(w.config()), t.Context()
	for _, name := range []string{"ca/a/key", "ca/a/crt", "ca/b/key", "other"} {
		w.must(s.Store(ctx, name, []byte(name)))
	}
	for _, test := range []struct {
		path      string
		recursive bool
		want      string
	}{
		{"ca", false, "[ca/a ca/b]"},
		{"ca/", true, "[ca/a/crt ca/a/key ca/b/key]"},
		{"", false, "[ca other]"},
		{"ca/a", false, "[ca/a/crt ca/a/key]"},
	} {
		if got, err := s.List(ctx, test.path, test.recursive); err != nil || fmt.Sprint(got) != test.want {
			t.Errorf("%q: %v, %v; want %s", test.path, got, err, test.want)
		}
	}
	if _, err := s.List(ctx, "none", true); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("listing nothing: %v", err)
	}
	if info, err := s.Stat(ctx, "ca/a/key"); err != nil || !info.IsTerminal || info.Size != 8 || !info.Modified.Equal(w.clock()) {
		t.Errorf("%+v, %v", info, err)
	}
	if info, err := s.Stat(ctx, "ca"); err != nil || info.IsTerminal {
		t.Errorf("%+v, %v", info, err)
	}
	if !s.Exists(ctx, "ca") || !s.Exists(ctx, "ca/a/key") || s.Exists(ctx, "ca/a/ke") {
		t.Error("what exists is not told")
	}
	w.must(s.Delete(ctx, "ca/a"))
	if _, err := s.Load(ctx, "ca/a/key"); !errors.Is(err, fs.ErrNotExist) || !s.Exists(ctx, "ca/b/key") {
		t.Errorf("after deleting: %v", err)
	}
}

func TestOneNodeHoldsALockAndThenTheOther(t *testing.T) {
	w := newWorld(t)
	one, two := newStorage(w.config()), newStorage(w.config())
	w.must(one.Lock(t.Context(), "issue/x"))
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := two.Lock(short, "issue/x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("both hold it: %v", err)
	}
	again, cancelAgain := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancelAgain()
	if err := one.Lock(again, "issue/x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one node holds it twice: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	w.must(one.Unlock(ended, "issue/x")) // who was told to stop lets go, too
	w.must(two.Lock(t.Context(), "issue/x"))
	w.must(two.Unlock(t.Context(), "issue/x"))
}

func TestTheLockOfAKilledNodeIsOverSoon(t *testing.T) {
	w := newWorld(t)
	killed := newLocks(w.config())
	w.must(killed.lease(t.Context(), "issue/x", "killed")) // and nobody takes it anew
	w.pass(lockLife - time.Second)
	two := newLocks(w.config())
	if err := two.lease(t.Context(), "issue/x", "two"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("it is over before its time: %v", err)
	}
	w.pass(time.Second)
	w.must(two.take(t.Context(), "issue/x"))
	w.must(two.release(t.Context(), "issue/x"))
}
