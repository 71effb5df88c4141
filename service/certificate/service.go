package certificate

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"

	"sallyport/service/audit"
	"sallyport/store"
)

// Store is what is needed of the store.
type Store interface {
	store.Certificates
	store.Writer
}

// Sealer seals under the master key; keyring.Master has it.
type Sealer interface {
	Seal(ctx context.Context, env store.EnvironmentID, row string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, env store.EnvironmentID, row string, sealed []byte) ([]byte, error)
}

// Config constructs a [Service].
type Config struct {
	Store  Store
	Sealer Sealer
	Audit  *audit.Log
	// Names are those that the installation serves by TLS, in lower case, without ports
	// and sorted. It is asked often, and what it does not name is never ordered.
	Names func() []string

	Directory string         // https address of the authority's directory (RFC 8555 §7.1.1)
	Email     string         // where the authority writes to; empty: nowhere
	Account   string         // PEM of the key of an account that the authority knows; empty: one is made, and kept
	Roots     *x509.CertPool // trusted for the authority itself; nil: the system's

	HTTPPort int    // on which Challenges is served; 0: nothing answers HTTP-01
	TLSHost  string // where TLS is listened on; empty: everywhere
	TLSPort  int    // its port here, whichever the world sees

	Now  func() time.Time
	Rand io.Reader
	Log  *slog.Logger
}

// Service keeps certificates. It is safe for concurrent use.
type Service struct {
	cfg    Config
	guard  *forwarder
	magic  *certmagic.Config
	issuer *certmagic.ACMEIssuer
	cache  *certmagic.Cache
	wake   chan struct{}

	mu     sync.Mutex
	wanted map[string]context.CancelFunc // names that are kept, and what ends that
}

// ErrDirectory: the address of the directory cannot be used.
var ErrDirectory = errors.New("the directory of a certification authority has an https address")

const (
	lookEvery   = 10 * time.Second // at the names, and at what other nodes have obtained
	renewEvery  = 10 * time.Minute // at what is to be renewed
	obtainLimit = 3 * time.Minute  // of one order
)

// New gives a service that neither listens nor asks anybody yet. Close it.
func New(cfg Config) (*Service, error) {
	directory, err := url.Parse(cfg.Directory)
	if err != nil || directory.Scheme != "https" || directory.Hostname() == "" || directory.User != nil {
		return nil, ErrDirectory
	}
	s := &Service{cfg: cfg, wake: make(chan struct{}, 1), wanted: map[string]context.CancelFunc{}}
	if s.guard, err = newForwarder(directory, cfg.Rand); err != nil {
		return nil, fmt.Errorf("guarding what leaves: %w", err)
	}
	log := zap.New(&bridge{handler: cfg.Log.Handler()})
	s.cache = certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return s.magic, nil },
		Logger:           log, RenewCheckInterval: renewEvery,
	})
	s.magic = certmagic.New(s.cache, certmagic.Config{
		Storage: newStorage(cfg), Logger: log, OnEvent: s.on,
		OCSP: certmagic.OCSPConfig{HTTPProxy: s.guard.proxy},
	})
	s.issuer = certmagic.NewACMEIssuer(s.magic, certmagic.ACMEIssuer{
		CA: cfg.Directory, Email: cfg.Email, AccountKeyPEM: cfg.Account, Agreed: true, TrustedRoots: cfg.Roots, Logger: log,
		HTTPProxy: s.guard.proxy, CertObtainTimeout: obtainLimit,
		ListenHost: cfg.TLSHost, AltTLSALPNPort: cfg.TLSPort, AltHTTPPort: cfg.HTTPPort, DisableHTTPChallenge: cfg.HTTPPort == 0,
	})
	s.magic.Issuers = []certmagic.Issuer{s.issuer}
	return s, nil
}

// Run orders, loads and renews until ctx ends, and lets go of what names are no
// longer served.
func (s *Service) Run(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		s.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-ticker.C:
		}
	}
}

// Wake makes Run look at the names at once.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Close ends what runs in the background. Run must have ended.
func (s *Service) Close() error {
	s.mu.Lock()
	for name, end := range s.wanted {
		end()
		delete(s.wanted, name)
	}
	s.mu.Unlock()
	s.cache.Stop()
	return s.guard.Close()
}
