package certificate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/caddyserver/certmagic"

	"sallyport/store"
)

// storage is certmagic's, in the store: each file a sealed row.
type storage struct {
	cfg   Config
	locks *locks
}

var _ certmagic.Storage = (*storage)(nil)

func newStorage(cfg Config) *storage { return &storage{cfg, newLocks(cfg)} }

// sealedAs is the associated data of a file: one cannot be put in another's place.
func sealedAs(name string) string { return "certificate/" + name }

// clean is the one spelling of a key.
func clean(key string) string { return strings.Trim(path.Clean("/"+key), "/") }

// Store implements certmagic.Storage.
func (s *storage) Store(ctx context.Context, key string, value []byte) error {
	name := clean(key)
	sealed, err := s.cfg.Sealer.Seal(ctx, store.System, sealedAs(name), value)
	if err != nil {
		return err
	}
	f := store.CertificateFile{Name: name, Sealed: sealed, Size: int64(len(value)), Changed: s.cfg.Now()}
	err = s.cfg.Store.Write(ctx, store.System, func(tx store.Tx) error { return tx.PutCertificateFile(ctx, f) })
	if err != nil {
		return fmt.Errorf("storing %s: %w", name, err)
	}
	return nil
}

// Load implements certmagic.Storage.
func (s *storage) Load(ctx context.Context, key string) ([]byte, error) {
	f, err := s.read(ctx, key)
	if err != nil {
		return nil, err
	}
	return s.cfg.Sealer.Open(ctx, store.System, sealedAs(f.Name), f.Sealed)
}

// read gives the row of a key; fs.ErrNotExist.
func (s *storage) read(ctx context.Context, key string) (store.CertificateFile, error) {
	f, err := s.cfg.Store.CertificateFile(ctx, store.System, clean(key))
	if errors.Is(err, store.ErrNotFound) {
		return f, fs.ErrNotExist
	}
	if err != nil {
		return f, fmt.Errorf("reading %s: %w", clean(key), err)
	}
	return f, nil
}

// Delete implements certmagic.Storage.
func (s *storage) Delete(ctx context.Context, key string) error {
	return s.cfg.Store.Write(ctx, store.System, func(tx store.Tx) error { return tx.DeleteCertificateFiles(ctx, clean(key)) })
}

// Exists implements certmagic.Storage.
func (s *storage) Exists(ctx context.Context, key string) bool {
	if _, err := s.read(ctx, key); err == nil {
		return true
	}
	below, err := s.cfg.Store.CertificateFiles(ctx, store.System, clean(key))
	return err == nil && len(below) > 0
}

// List implements certmagic.Storage.
func (s *storage) List(ctx context.Context, key string, recursive bool) ([]string, error) {
	prefix := clean(key)
	files, err := s.cfg.Store.CertificateFiles(ctx, store.System, prefix)
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", prefix, err)
	}
	if len(files) == 0 {
		return nil, fs.ErrNotExist
	}
	names, seen := []string{}, map[string]bool{}
	for _, f := range files {
		name := f.Name
		if !recursive {
			first, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(name, prefix), "/"), "/")
			name = path.Join(prefix, first)
		}
		if !seen[name] {
			names, seen[name] = append(names, name), true
		}
	}
	return names, nil
}

// Stat implements certmagic.Storage.
func (s *storage) Stat(ctx context.Context, key string) (certmagic.KeyInfo, error) {
	f, err := s.read(ctx, key)
	if err == nil {
		return certmagic.KeyInfo{Key: f.Name, Modified: f.Changed, Size: f.Size, IsTerminal: true}, nil
	}
	below, listErr := s.cfg.Store.CertificateFiles(ctx, store.System, clean(key))
	if !errors.Is(err, fs.ErrNotExist) || listErr != nil || len(below) == 0 {
		return certmagic.KeyInfo{}, err
	}
	return certmagic.KeyInfo{Key: clean(key)}, nil
}

// Lock implements certmagic.Locker.
func (s *storage) Lock(ctx context.Context, name string) error { return s.locks.take(ctx, clean(name)) }

// Unlock implements certmagic.Locker.
func (s *storage) Unlock(ctx context.Context, name string) error {
	return s.locks.release(ctx, clean(name))
}
