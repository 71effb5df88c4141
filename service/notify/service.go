package notify

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/egress"
	"sallyport/service/environment"
	"sallyport/store"
)

// Errors of the service. None holds an address or a value.
var (
	// ErrTemplate: there is no such kind of message, its values are not what it says,
	// or it does not travel by the channel.
	ErrTemplate = errors.New("not a message that can be said")
	// ErrAddress: nobody can be reached there by the channel.
	ErrAddress = errors.New("not an address of this channel")
	// ErrNoChannel: nobody delivers the channel in this environment.
	ErrNoChannel = errors.New("no sender of this channel")
	// ErrEnded: the message cannot be sent again: it was sent, or nothing of it is left.
	ErrEnded = errors.New("nothing is left to send again")
)

// Store is what is needed of the store.
type Store interface {
	store.Outbox
	store.Writer
}

// Sealer seals what lies in the store: keyring.Master.
type Sealer interface {
	Seal(ctx context.Context, env store.EnvironmentID, row string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, env store.EnvironmentID, row string, sealed []byte) ([]byte, error)
}

// Secrets opens what senders are spoken to with: vault.Service.
type Secrets interface {
	Open(ctx context.Context, env store.EnvironmentID, name string) ([]byte, error)
}

// Config constructs a [Service]. What follows Log may be left out.
type Config struct {
	Store        Store
	Sealer       Sealer
	Secrets      Secrets
	Audit        *audit.Log
	Environments func() []*environment.Live // whose messages are sent
	Now          func() time.Time
	Rand         io.Reader // safe for concurrent use, as crypto/rand.Reader is
	Log          *slog.Logger

	Letters  string            // directory of letters; empty: there is none
	Private  *egress.Allowance // private hosts at which senders may be; nil: none
	Roots    *x509.CertPool    // that sign senders' certificates where they name none; nil: the system's
	Resolver egress.Resolver   // nil: the system's
	Every    time.Duration     // how often the outbox is looked at for what other nodes left; zero is ten seconds
	// Seek finds out whom a message goes to that says so; nil: nobody gets it.
	Seek func(ctx context.Context, live *environment.Live, who Sought) (address string, err error)
	// Crash is told each point around a durable write, for tests that stop there; nil
	// in production.
	Crash func(point string)
}

// The points that Config.Crash is told.
const (
	BeforeTake = "notify.take.before" // messages are about to be this node's
	AfterTake  = "notify.take.after"  // they are, and nothing was sent
	BeforeEnd  = "notify.end.before"  // a sender has answered, which is not written
	AfterEnd   = "notify.end.after"
)

// CrashPoints lists the points.
func CrashPoints() []string { return []string{BeforeTake, AfterTake, BeforeEnd, AfterEnd} }

// Service queues messages and sends them. It is safe for concurrent use.
type Service struct {
	cfg    Config
	wake   chan struct{}
	agenda agenda

	mu    sync.Mutex
	busy  map[place]int // messages under way on this node
	lines map[lineName]*line
}

// place is a channel of an environment. Each has slots of its own, so that a slow
// sender of one holds up no other.
type place struct {
	env     store.EnvironmentID
	channel message.Channel
}

// New gives a service, which sends nothing until [Service.Run].
func New(cfg Config) *Service {
	if cfg.Every <= 0 {
		cfg.Every = 10 * time.Second
	}
	if cfg.Crash == nil {
		cfg.Crash = func(string) {}
	}
	return &Service{cfg: cfg, wake: make(chan struct{}, 1), agenda: agenda{look: len(looks)}, busy: map[place]int{}, lines: map[lineName]*line{}}
}

// Has tells whether somebody delivers a channel in the environment, whatever the brand.
func (s *Service) Has(live *environment.Live, by message.Channel) bool {
	snapshot := live.Snapshot()
	if snapshot == nil {
		return false
	}
	for _, sender := range snapshot.Senders {
		if sender.Channel == string(by) {
			return true
		}
	}
	return false
}

// Wake has the outbox looked at without delay, once what was queued is committed.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
