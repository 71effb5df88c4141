package relational

import (
	"context"
	"time"

	"sallyport/store"
)

var certificates = Table{"certificates", []Column{
	{"env", Int},
	{"name", Text},
	{"sealed", Blob},
	{"size", Int},
	{"changed", Int},
}}

var leases = Table{"leases", []Column{
	{"env", Int},
	{"name", Text},
	{"holder", Text},
	{"until", Int},
}}

const (
	maxCertificateFile  = 256 << 10
	maxCertificateFiles = 10_000
	maxLeaseName        = 400
	maxHolder           = 100
)

// CertificateFile implements [store.Certificates].
func (r *Reader) CertificateFile(ctx context.Context, env store.EnvironmentID, name string) (store.CertificateFile, error) {
	return queryOne(ctx, r.conn, func(rows Rows) (f store.CertificateFile, err error) {
		return f, rows.Scan(&f.Name, asBytes(&f.Sealed), &f.Size, asTime(&f.Changed))
	}, "SELECT name, sealed, size, changed FROM certificates WHERE env = ? AND name = ?", int64(env), name)
}

// CertificateFiles implements [store.Certificates]. '0' is what comes behind '/'.
func (r *Reader) CertificateFiles(ctx context.Context, env store.EnvironmentID, below string) ([]store.CertificateFile, error) {
	scan := func(rows Rows) (f store.CertificateFile, err error) {
		return f, rows.Scan(&f.Name, &f.Size, asTime(&f.Changed))
	}
	if below == "" {
		return queryAll(ctx, r.conn, scan, "SELECT name, size, changed FROM certificates WHERE env = ? ORDER BY name LIMIT ?",
			int64(env), int64(maxCertificateFiles))
	}
	return queryAll(ctx, r.conn, scan, "SELECT name, size, changed FROM certificates WHERE env = ? AND name > ? AND name < ? ORDER BY name LIMIT ?",
		int64(env), below+"/", below+"0", int64(maxCertificateFiles))
}

// Lease implements [store.Certificates].
func (r *Reader) Lease(ctx context.Context, env store.EnvironmentID, name string) (store.Lease, error) {
	return queryOne(ctx, r.conn, func(rows Rows) (l store.Lease, err error) {
		return l, rows.Scan(&l.Name, &l.Holder, asTime(&l.Until))
	}, "SELECT name, holder, until FROM leases WHERE env = ? AND name = ?", int64(env), name)
}

// PutCertificateFile implements [store.CertificateWriter].
func (t *Tx) PutCertificateFile(ctx context.Context, f store.CertificateFile) error {
	if err := atMost("a file", len(f.Sealed), maxCertificateFile); err != nil {
		return err
	}
	if err := atMost("the name of a file", len(f.Name), maxLeaseName); err != nil {
		return err
	}
	changed, err := t.conn.Exec(ctx, "UPDATE certificates SET sealed = ?, size = ?, changed = ? WHERE env = ? AND name = ?",
		blob(f.Sealed), f.Size, micros(f.Changed), int64(t.env), f.Name)
	if err != nil || changed > 0 {
		return err
	}
	stored, err := t.conn.Insert(ctx, &certificates, []any{int64(t.env), f.Name, blob(f.Sealed), f.Size, micros(f.Changed)})
	t.retry = t.retry || err == nil && stored == 0 // somebody made it since
	return err
}

// DeleteCertificateFiles implements [store.CertificateWriter].
func (t *Tx) DeleteCertificateFiles(ctx context.Context, name string) error {
	_, err := t.conn.Exec(ctx, "DELETE FROM certificates WHERE env = ? AND (name = ? OR name > ? AND name < ?)",
		int64(t.env), name, name+"/", name+"0")
	return err
}

// TakeLease implements [store.CertificateWriter].
func (t *Tx) TakeLease(ctx context.Context, l store.Lease, now time.Time) error {
	if err := atMost("the name of a lease", len(l.Name), maxLeaseName); err != nil {
		return err
	}
	if err := atMost("the holder of a lease", len(l.Holder), maxHolder); err != nil {
		return err
	}
	changed, err := t.conn.Exec(ctx, "UPDATE leases SET holder = ?, until = ? WHERE env = ? AND name = ? AND (holder = ? OR until <= ?)",
		l.Holder, micros(l.Until), int64(t.env), l.Name, l.Holder, micros(now))
	if err != nil || changed > 0 {
		return err
	}
	stored, err := t.conn.Insert(ctx, &leases, []any{int64(t.env), l.Name, l.Holder, micros(l.Until)})
	return one(stored, err, store.ErrConflict)
}

// ReleaseLease implements [store.CertificateWriter].
func (t *Tx) ReleaseLease(ctx context.Context, name, holder string) error {
	_, err := t.conn.Exec(ctx, "DELETE FROM leases WHERE env = ? AND name = ? AND holder = ?", int64(t.env), name, holder)
	return err
}
