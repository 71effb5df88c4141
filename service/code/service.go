package code

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/store"
)

// Purpose is what a code is for. One that was sent for one purpose is good for no
// other.
type Purpose string

// The purposes.
const (
	Verify   Purpose = "verify"   // that an address is somebody's
	SignIn   Purpose = "sign-in"  // as the first factor
	Recovery Purpose = "recovery" // of whoever cannot sign in
	Factor   Purpose = "factor"   // as the second factor
)

func (p Purpose) known() bool { return p == Verify || p == SignIn || p == Recovery || p == Factor }

// Channel is how a code is sent.
type Channel string

// The channels.
const (
	Email Channel = "email"
	SMS   Channel = "sms"
	Voice Channel = "voice"
)

func (c Channel) known() bool { return c == Email || c == SMS || c == Voice }

// Message is a code on its way. It holds the code and the link in clear: whoever
// keeps it seals it.
type Message struct {
	Purpose  Purpose
	Channel  Channel
	Address  string
	Customer customer.ID // zero: nobody known
	Language string
	Brand    string
	// Application is what they are signing in to; empty: the account pages.
	Application string
	Code        string // six digits
	Link        string // empty: the message has none
	Until       time.Time
	Once        string // names the message: it is sent once, ever
	// Seek, if not empty, is what was typed by somebody who is not known here: whoever
	// delivers the message asks earlier systems whom it goes to, tells
	// [Service.Resolved], and sends it there or to nobody. Address is of no use then.
	Seek   string
	Source netip.Addr // with Seek: from where it was typed
}

// Messages takes messages in the transaction of the caller. Decoy does the same work
// and leaves a row of the same size, and nobody gets anything.
type Messages interface {
	Queue(ctx context.Context, tx store.Tx, live *environment.Live, m Message) error
	Decoy(ctx context.Context, tx store.Tx, live *environment.Live, m Message) error
}

// Keys lends the secret that seals challenges: keyring.Ring has it.
type Keys interface {
	Secret(ctx context.Context, env store.EnvironmentID, purpose string) (*keyring.Secret, error)
}

// Config constructs a [Service]. Fields without a default are required.
type Config struct {
	Store    store.Writer
	Keys     Keys
	Messages Messages
	Audit    *audit.Log
	Now      func() time.Time
	Log      *slog.Logger // nil: nothing is logged
	Rand     io.Reader    // safe for concurrent use, as crypto/rand.Reader is
	Region   string       // ISO 3166: whose phones are texted and called where the environment names no country; empty: all
	Limits   Limits       // zero fields: [DefaultLimits]
}

// Service sends codes and checks them. It is safe for concurrent use.
type Service struct {
	cfg    Config
	quiet  quiet
	filled filled
}

// New gives a service. It has no background work.
func New(cfg Config) *Service {
	cfg.Limits = cfg.Limits.complete()
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{cfg: cfg}
}

// secretPurpose is the secret that seals challenges and names counters.
const secretPurpose = "challenge"
