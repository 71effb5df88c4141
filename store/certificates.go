package store

import (
	"context"
	"time"
)

// CertificateFile is one thing that obtaining certificates leaves behind: a
// certificate, its key, an account with a certification authority, the answer to a
// challenge that is open.
type CertificateFile struct {
	Name    string // a path of segments with slashes between them; at most 400 bytes
	Sealed  []byte // with name and environment as associated data; at most 256 KiB
	Size    int64  // of what is sealed, in bytes
	Changed time.Time
}

// Certificates reads what nodes share to speak TLS under names of their own, and who
// of them is at work on it. It belongs to the installation, so env is [System].
type Certificates interface {
	// CertificateFile reads one; [ErrNotFound].
	CertificateFile(ctx context.Context, env EnvironmentID, name string) (CertificateFile, error)
	// CertificateFiles lists what lies below a name, by name and without Sealed, at
	// most 10 000; all if below is empty.
	CertificateFiles(ctx context.Context, env EnvironmentID, below string) ([]CertificateFile, error)
	// Lease reads who holds a name; [ErrNotFound] if it was released, or never taken.
	// One whose time is over may still be there.
	Lease(ctx context.Context, env EnvironmentID, name string) (Lease, error)
}

// CertificateWriter changes it.
type CertificateWriter interface {
	// PutCertificateFile stores f, in place of one of the same name.
	PutCertificateFile(ctx context.Context, f CertificateFile) error
	// DeleteCertificateFiles removes the one of a name and all below it; removing what
	// is gone is no error.
	DeleteCertificateFiles(ctx context.Context, name string) error
	// TakeLease makes l.Holder the only one who holds l.Name until l.Until, if nobody
	// else holds it at now; else [ErrConflict]. Who holds it takes it for longer.
	TakeLease(ctx context.Context, l Lease, now time.Time) error
	// ReleaseLease lets go of a name, if holder holds it; else nothing happens.
	ReleaseLease(ctx context.Context, name, holder string) error
}

// Lease says that one node does a thing, until it is done or the node is gone.
type Lease struct {
	Name   string // at most 400 bytes
	Holder string // at most 100 bytes
	Until  time.Time
}
