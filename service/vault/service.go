package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/store"
)

// Limits.
const (
	MaxSize    = 64 << 10 // bytes of a secret
	MaxSecrets = 1000     // of an environment
)

// Errors of the service, besides those of the store: store.ErrNotFound for a secret
// that is not there, store.ErrExists and store.ErrConflict for one that is another
// than the caller saw.
var (
	// ErrName: names are as those of objects of configuration.
	ErrName = errors.New("a secret is named by lower-case letters, digits and single dashes, up to 63")
	// ErrSize: a secret has 1 byte to MaxSize.
	ErrSize = errors.New("a secret has between 1 byte and 64 KiB")
	// ErrFull: the environment has MaxSecrets already.
	ErrFull = errors.New("the environment has as many secrets as it may")
)

// Store is what is needed of the store.
type Store interface {
	store.Vault
	store.Writer
}

// Sealer seals what lies in the store: keyring.Master.
type Sealer interface {
	Seal(ctx context.Context, env store.EnvironmentID, row string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, env store.EnvironmentID, row string, sealed []byte) ([]byte, error)
}

// Config constructs a [Service]. Everything is required.
type Config struct {
	Store  Store
	Sealer Sealer
	Audit  *audit.Log
	Now    func() time.Time
}

// Service keeps secrets. It is safe for concurrent use.
type Service struct{ cfg Config }

// New gives a service.
func New(cfg Config) *Service { return &Service{cfg} }

// Secret is what may be known of one.
type Secret struct {
	Name    string
	Version int64 // 1, and one more each time it is replaced
	Created time.Time
	Updated time.Time
}

func secretOf(s store.VaultSecret) Secret { return Secret{s.Name, s.Version, s.Created, s.Updated} }

// Tag tells this state of the secret from every other one that its name ever had.
func (s Secret) Tag() string {
	return strconv.FormatInt(s.Version, 10) + "." + strconv.FormatInt(s.Created.UnixMicro(), 36)
}

// List gives what the environment has, by name.
func (s *Service) List(ctx context.Context, env store.EnvironmentID) ([]Secret, error) {
	rows, err := s.cfg.Store.VaultSecrets(ctx, env)
	if err != nil {
		return nil, fmt.Errorf("listing secrets: %w", err)
	}
	all := make([]Secret, len(rows))
	for i, row := range rows {
		all[i] = secretOf(row)
	}
	return all, nil
}

// Find gives one; store.ErrNotFound.
func (s *Service) Find(ctx context.Context, env store.EnvironmentID, name string) (Secret, error) {
	row, err := s.row(ctx, env, name)
	return secretOf(row), err
}

// Open gives the secret itself, as it is now: each use asks the store, so that
// what was replaced or deleted counts at once, on every node. Keep what is given no
// longer than the use takes, and in no error, log or answer. store.ErrNotFound; an
// error that wraps keyring.ErrMaster if the row is not what was stored.
func (s *Service) Open(ctx context.Context, env store.EnvironmentID, name string) ([]byte, error) {
	row, err := s.row(ctx, env, name)
	if err != nil {
		return nil, err
	}
	value, err := s.cfg.Sealer.Open(ctx, env, sealedAs(name, row.Version), row.Sealed)
	if err != nil {
		return nil, fmt.Errorf("opening the secret %s: %w", name, err)
	}
	return value, nil
}

func (s *Service) row(ctx context.Context, env store.EnvironmentID, name string) (store.VaultSecret, error) {
	if !config.ValidName(name) {
		return store.VaultSecret{}, fmt.Errorf("there is no secret of such a name: %w", store.ErrNotFound)
	}
	row, err := s.cfg.Store.VaultSecret(ctx, env, name)
	if err != nil {
		return store.VaultSecret{}, fmt.Errorf("reading the secret %s: %w", name, err)
	}
	return row, nil
}

// sealedAs is the associated data of a sealed secret: an older value that somebody
// puts back into the database does not open.
func sealedAs(name string, version int64) string {
	return "vault/" + name + "/" + strconv.FormatInt(version, 10)
}

// indexOf finds a secret by name, -1 if it is not there.
func indexOf(rows []store.VaultSecret, name string) int {
	return slices.IndexFunc(rows, func(r store.VaultSecret) bool { return r.Name == name })
}
