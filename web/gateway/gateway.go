package gateway

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/quota"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/service/limit"
	"sallyport/service/subscribe"
	"sallyport/service/verify"
)

// Registry finds the environment of a request and knows whether this node
// hears of changes: environment.Registry.
type Registry interface {
	Route(face environment.Face, host, path string) (live *environment.Live, rest string, found bool)
	Fresh() error
}

// Verifier checks access tokens: verify.Service.
type Verifier interface {
	VerifyAny(ctx context.Context, live *environment.Live, servers []*config.LiveServer, token string) (*verify.Token, error)
}

// Subscriptions finds who calls: subscribe.Service.
type Subscriptions interface {
	Lookup(ctx context.Context, live *environment.Live, key string) (*subscribe.Subscription, error)
}

// Meter counts forwarded calls: subscribe.Meter.
type Meter interface {
	Count(live *environment.Live, subscription, operation string, calls, bytes int64)
}

// Limits are those that the configuration of products does not set. A zero
// Count is no limit, except where said otherwise.
type Limits struct {
	Keyless     quota.Limit // calls without a key, per source; zero: 50 a second, 100 at once
	Mistakes    quota.Limit // wrong keys and tokens, per source; zero: 20 a second, 200 at once
	Application quota.Limit // per application, over all its subscriptions
	Customer    quota.Limit // per customer
}

// Config constructs a [Gateway]. Fields are required unless said otherwise.
type Config struct {
	Registry      Registry
	Verifier      Verifier
	Subscriptions Subscriptions
	Meter         Meter
	Authority     *keyring.Authority
	Audit         *audit.Log
	Address       func(*http.Request) netip.Addr // of the client: clientaddr.Resolver.From
	Now           func() time.Time
	Log           *slog.Logger

	Shared  limit.Counters // rate counters of all nodes; nil: each node counts for itself
	Limits  Limits         // optional
	Roots   *x509.CertPool // whom to trust as back ends besides the environment's own authority; nil: the system's
	MaxBody int64          // of a request, in bytes; 0: 32 MiB
	Idle    time.Duration  // longest silence within a response, on either side; 0: 5 minutes
	Stall   time.Duration  // longest silence of a caller within a body; 0: 30 seconds
}

// Gateway serves the APIs of all environments. It is safe for concurrent use.
type Gateway struct {
	cfg      Config
	limiter  *limit.Limiter
	ledger   *ledger
	planes   sync.Map // environment id → *plane
	building sync.Mutex
	links    map[int64]*link // by environment id; guarded by building
	buffers  sync.Pool
	stats    counters
}

// New gives a gateway. Run writes its refusals to the audit ledger.
func New(c Config) *Gateway {
	if c.Limits.Keyless.Count == 0 {
		c.Limits.Keyless = quota.Limit{Count: 50, Period: time.Second, Burst: 100}
	}
	if c.Limits.Mistakes.Count == 0 {
		c.Limits.Mistakes = quota.Limit{Count: 20, Period: time.Second, Burst: 200}
	}
	if c.MaxBody <= 0 {
		c.MaxBody = 32 << 20
	}
	if c.Idle <= 0 {
		c.Idle = 5 * time.Minute
	}
	if c.Stall <= 0 {
		c.Stall = 30 * time.Second
	}
	g := &Gateway{
		cfg: c, limiter: limit.New(c.Shared), links: map[int64]*link{},
		ledger: newLedger(c.Audit, c.Now, c.Log),
	}
	g.buffers.New = func() any { return new([copyBytes]byte) }
	return g
}

// Run writes refusals to the audit ledger each second until ctx ends, and once
// more then.
func (g *Gateway) Run(ctx context.Context) { g.ledger.run(ctx) }

// Flush writes the refusals that are due to be written, and those that are not.
func (g *Gateway) Flush(ctx context.Context) error { return g.ledger.flush(ctx, true) }

// Stats are counts since the start.
type Stats struct {
	Forwarded   uint64 // calls that a back end answered
	Refused     uint64 // calls that a check refused
	Failed      uint64 // calls that a back end did not answer
	Disconnects uint64 // clients that went away
	Truncated   uint64 // responses that a back end broke off
}

type counters struct{ forwarded, refused, failed, disconnects, truncated atomic.Uint64 }

// Stats tells what happened since the start.
func (g *Gateway) Stats() Stats {
	return Stats{
		g.stats.forwarded.Load(), g.stats.refused.Load(), g.stats.failed.Load(),
		g.stats.disconnects.Load(), g.stats.truncated.Load(),
	}
}

// MaxHeaderBytes is how long the request line and headers together may be:
// room for a token of 16 KiB, the longest that is verified, and as much again.
const MaxHeaderBytes = 32 << 10

// NewServer gives a server for h with the bounds that the gateway relies on.
// It sets no limit on writing, since streams may be long; silence is bounded
// by the gateway.
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: MaxHeaderBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
