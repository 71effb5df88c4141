package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"sallyport/service/certificate"
	"sallyport/service/environment"
	"sallyport/store"
)

// acmeOptions say where certificates come from; without a directory they do not.
type acmeOptions struct {
	directory, email, ca string
	httpListen           string
}

func (o *acmeOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.directory, "acme-directory", "", "https address of a certification authority's ACME directory: certificates for the names that are configured are obtained there")
	f.StringVar(&o.email, "acme-email", "", "where that authority writes to")
	f.StringVar(&o.ca, "acme-ca", "", "certificates in PEM that are trusted for the directory itself (default: the system's)")
	f.StringVar(&o.httpListen, "http-listen", "", "address for plain HTTP, such as :80: it answers HTTP-01, and leads browsers to https")
}

// accountSecret names the secret of the operators' environment that holds the key of
// an account that the authority knows already.
const accountSecret = "acme-account"

// openCertificates makes what keeps this node in certificates, if it is told to, and
// gives the TLS side of its listeners. own are the files, nil for none.
func (n *node) openCertificates(ctx context.Context, pages, plain net.Listener, own *certificateFiles) (*tls.Config, error) {
	o := n.options.acme
	if o.directory == "" {
		return own.config(), nil
	}
	cfg := certificate.Config{
		Store: n.store, Sealer: n.master, Audit: n.audit, Directory: o.directory, Email: o.email, Now: now, Rand: rand.Reader, Log: n.log,
		Names: (&uncovered{registry: n.registry, own: own}).names,
	}
	var err error
	if cfg.Roots, err = o.roots(); err != nil {
		return nil, err
	}
	account, err := n.vault.Open(ctx, store.System, accountSecret)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("the secret %s: %w", accountSecret, err)
	}
	cfg.Account = string(account)
	if at, is := pages.Addr().(*net.TCPAddr); is {
		cfg.TLSPort, cfg.TLSHost = at.Port, listeningHost(at)
	}
	if plain != nil {
		if at, is := plain.Addr().(*net.TCPAddr); is {
			cfg.HTTPPort = at.Port
		}
	}
	if n.certificates, err = certificate.New(cfg); err != nil {
		return nil, &exitError{exitUsage, fmt.Errorf("--acme-directory: %w", err)}
	}
	n.registry.Subscribe(func(_ context.Context, e store.FeedEntry) {
		if e.Kind == store.RevisionApplied {
			n.certificates.Wake()
		}
	})
	return n.certificates.TLS(own.fitting), nil
}

// listeningHost is empty for every interface.
func listeningHost(at *net.TCPAddr) string {
	if at.IP.IsUnspecified() {
		return ""
	}
	return at.IP.String()
}

func (o acmeOptions) roots() (*x509.CertPool, error) {
	if o.ca == "" {
		return nil, nil
	}
	text, err := os.ReadFile(o.ca)
	if err != nil {
		return nil, fmt.Errorf("--acme-ca: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, &exitError{exitUsage, fmt.Errorf("--acme-ca %s holds no certificate in PEM", o.ca)}
	}
	return roots, nil
}

// uncovered are the names for which no file has a certificate. It is asked at every
// handshake, so it remembers.
type uncovered struct {
	registry *environment.Registry
	own      *certificateFiles

	mu    sync.Mutex
	of    []string         // that the registry gave
	by    *tls.Certificate // that was in the files
	known []string
}

func (u *uncovered) names() []string {
	all := u.registry.Hostnames()
	if u.own == nil {
		return all
	}
	pair, _ := u.own.get(nil)
	u.mu.Lock()
	defer u.mu.Unlock()
	if pair != u.by || !slices.Equal(all, u.of) {
		u.of, u.by = all, pair
		u.known = slices.DeleteFunc(slices.Clone(all), func(name string) bool { return covers(pair, name) })
	}
	return u.known
}

// covers tells whether a certificate is one of a name.
func covers(pair *tls.Certificate, name string) bool {
	return pair != nil && pair.Leaf != nil && pair.Leaf.VerifyHostname(name) == nil
}

// plainHandler answers HTTP-01, and leads browsers to the pages by TLS. Nothing else
// is said without: neither to whoever posts something, nor by the gateway.
func (n *node) plainHandler() http.Handler {
	lead := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		live, _, found := n.registry.Route(environment.Pages, r.Host, r.URL.Path)
		if !found || live.Snapshot() == nil || live.Snapshot().URL.Scheme != "https" || r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Location", "https://"+live.Snapshot().URL.Host+r.URL.RequestURI())
		w.WriteHeader(http.StatusPermanentRedirect)
	})
	if n.certificates == nil {
		return lead
	}
	return n.certificates.Challenges(lead)
}

// plainListener may be none.
type plainListener struct{ net.Listener }

func listenPlain(address string) (plainListener, error) {
	if address == "" {
		return plainListener{}, nil
	}
	l, err := listenOn("--http-listen", address)
	return plainListener{l}, err
}

func (p plainListener) close() error {
	if p.Listener == nil {
		return nil
	}
	return p.Listener.Close()
}
