package source

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"slices"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/pure/config"
	"sallyport/pure/migrate"
	"sallyport/service/egress"
)

// Spec is how a system is reached, checked and with its defaults set.
type Spec = config.LiveConnection

// Deps are what systems need besides their connection. Fields without a default
// are required.
type Deps struct {
	// Secret gives a secret of the environment by its name.
	Secret func(ctx context.Context, name string) ([]byte, error)
	Now    func() time.Time
	Rand   io.Reader // safe for concurrent use
	// Issuer and Sign are how a hook is told who asks: the issuer of an
	// authorization server, and a JWS by its key of the type sallyport-source+jwt.
	// Nil: hooks cannot be asked.
	Issuer func(server string) string
	Sign   func(ctx context.Context, server string, payload []byte) (string, error)

	// Plan is the migration's, by which a hash of an element is found; nil: hashes are
	// not verified here. Work bounds how many are at once; nil: nothing does. It gives an
	// error if do did not run.
	Plan *migrate.Plan
	Work func(ctx context.Context, hash *passhash.Hash, do func()) error
	// Files is the directory of files that may be asked; empty: none.
	Files string

	Private  *egress.Allowance // private hosts at which systems may be; nil: none
	Resolver egress.Resolver   // nil: the system's
	Roots    *x509.CertPool    // nil: the machine's own
	// Sleep waits for d or until ctx ends, whose error it gives; nil: a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Wait waits for d or until ctx ends.
func (d Deps) Wait(ctx context.Context, long time.Duration) error {
	if d.Sleep != nil {
		return d.Sleep(ctx, long)
	}
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Dialer is the way to the system: public addresses, and what network: lists, if the
// installation allows it.
// Kinds that do not speak HTTP connect through it too.
func (d Deps) Dialer(spec *Spec) *egress.Dialer {
	return &egress.Dialer{
		Allowed: d.Private, Resolver: d.Resolver, Timeout: spec.Timeout.Std(),
		Host: func(hostport string) bool { return slices.Contains(spec.Private, hostport) },
	}
}

// TLS is how the system's certificate is verified: by ca: if there is one.
func (d Deps) TLS(spec *Spec) (*tls.Config, error) {
	roots := d.Roots
	if spec.CAPEM != nil {
		roots = x509.NewCertPool()
		if !roots.AppendCertsFromPEM(spec.CAPEM) {
			return nil, &Fault{Reason: NotConfigured, What: "ca: holds no certificate that can be read"}
		}
	}
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, nil
}

// SecretOf gives a secret that a connection names; nil for an empty name.
func (d Deps) SecretOf(ctx context.Context, name string) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	value, err := d.Secret(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("the secret %q of the earlier system: %w", name, err)
	}
	return value, nil
}
