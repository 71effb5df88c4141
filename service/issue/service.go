package issue

import (
	"context"
	"errors"
	"io"
	"time"

	"sallyport/protocol/jose"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/store"
)

// Store is what the service needs of the store.
type Store interface {
	store.Writer
	store.Grants
	store.Sessions
	store.Consents
	RecallsOf(ctx context.Context, env store.EnvironmentID, server, application string, now time.Time) ([]store.Recall, error)
	Customer(ctx context.Context, env store.EnvironmentID, id customer.ID) (customer.Customer, error)
	Identifiers(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]customer.Identifier, error)
	Memberships(ctx context.Context, env store.EnvironmentID, id customer.ID, after customer.AccountID, limit int) ([]store.Membership, error)
}

// Keys lends what signs and seals: keyring.Ring has it.
type Keys interface {
	Signing(ctx context.Context, env store.EnvironmentID, server string, algorithms ...jose.Algorithm) (*keyring.Signing, error)
	Sealing(ctx context.Context, env store.EnvironmentID, server string) (*keyring.Opaque, error)
	Secret(ctx context.Context, env store.EnvironmentID, purpose string) (*keyring.Secret, error)
}

// Secrets verifies what applications authenticate with: directory.Secrets has it.
type Secrets interface {
	// Ready reads what VerifySecret compares with, so that it waits for nothing.
	Ready(ctx context.Context, env store.EnvironmentID, application string) error
	VerifySecret(ctx context.Context, env store.EnvironmentID, application, secret string) error
}

// Feed tells whether this node hears of changes: environment.Registry has it.
type Feed interface {
	Fresh() error
	Wake()
}

// Tally counts what is issued: tally.Tally has it. It keeps nobody waiting.
type Tally interface {
	Issued(env store.EnvironmentID, server, application string, scopes []access.Scope, accessBytes, idBytes int)
}

// Config constructs a [Service]. All fields are required but Tally and Hooks, without which
// servers that have hooks issue nothing.
type Config struct {
	Store   Store
	Keys    Keys
	Secrets Secrets
	Feed    Feed
	Audit   *audit.Log
	Hooks   Hooks
	Tally   Tally // nil: nothing is counted
	Now     func() time.Time
	Rand    io.Reader // safe for concurrent use, as crypto/rand.Reader is
}

// Service issues tokens. It is safe for concurrent use.
type Service struct {
	cfg        Config
	failures   *failures // of client authentication
	notes      *failures // of whatever else is refused before anybody is known
	floods     *floods
	failed     *floods // claims that could not be computed
	algorithms algorithms
}

// New gives a service. It has no background work and nothing to subscribe.
func New(cfg Config) *Service {
	return &Service{cfg: cfg, failures: newFailures(), notes: newFailures(), floods: &floods{recent: map[floodKey]*flood{}}, failed: &floods{recent: map[floodKey]*flood{}}}
}

// View is an environment as one request sees it: the snapshot is asked for
// once, so that a request is answered by one revision from end to end.
type View struct {
	Env      store.EnvironmentID
	Snapshot *config.Snapshot
}

// ErrNoRevision: the environment has no usable revision yet.
var ErrNoRevision = errors.New("environment has no revision")

// ErrNoServer: the revision has no authorization server of that name.
var ErrNoServer = errors.New("no such authorization server")

// ViewOf takes the view of a request; [ErrNoRevision].
func ViewOf(live *environment.Live) (View, error) {
	snapshot := live.Snapshot()
	if snapshot == nil {
		return View{}, ErrNoRevision
	}
	return View{Env: live.ID, Snapshot: snapshot}, nil
}

// Server finds an authorization server by name; [ErrNoServer].
func (v View) Server(name string) (*config.LiveServer, error) {
	if server, found := v.Snapshot.Servers[name]; found {
		return server, nil
	}
	return nil, ErrNoServer
}

// Person is a signed-in customer, as service/signin found them.
type Person struct {
	Session  store.Session
	Customer customer.Customer
}
