package directory

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sallyport/service/audit"
	"sallyport/store"
)

// Errors about application secrets.
var (
	// ErrWrongSecret: no unexpired secret of the application is this one.
	ErrWrongSecret = errors.New("wrong application secret")
	// ErrTooManySecrets: the application has two, as many as a rotation needs.
	ErrTooManySecrets = errors.New("application has two secrets already")
	// ErrNoSecret: the application has no secret of that id.
	ErrNoSecret = errors.New("no such application secret")
)

// maxSecrets lets the old and the new secret work side by side while an
// application is moved over.
const maxSecrets = 2

// SecretPrefix begins every generated secret, so that scanners of source code
// recognise one that leaked.
const SecretPrefix = "sps_"

// SecretStore is what [Secrets] needs of the store.
type SecretStore interface {
	store.Secrets
	store.Writer
}

// SecretsConfig constructs [Secrets]. All fields are required.
type SecretsConfig struct {
	Store SecretStore
	Audit *audit.Log
	Feed  interface {
		Fresh() error // an error if this node has not heard of changes for 5 seconds
		Wake()        // called after a change was published
	}
	Now  func() time.Time
	Rand io.Reader
}

// Secrets keeps the secrets by which applications authenticate. They carry 256
// bits of randomness, so SHA-256 without salt is all the hashing they need. It
// is safe for concurrent use; verifying reads memory alone.
type Secrets struct {
	cfg      SecretsConfig
	cache    *secretCache
	expected string // version of the application's secrets; empty: any
}

// NewSecrets gives Secrets with an empty cache. Subscribe [Secrets.Changed] to
// the change feed before the first use.
func NewSecrets(cfg SecretsConfig) *Secrets {
	return &Secrets{cfg: cfg, cache: &secretCache{hashes: map[secretOwner][]store.Secret{}}}
}

// Expecting gives Secrets that change those of an application only if they are
// still at that version; store.ErrConflict if not. An empty one is any version.
func (s *Secrets) Expecting(version string) *Secrets { return &Secrets{s.cfg, s.cache, version} }

// SecretsVersion tells one set of an application's secrets from another.
func SecretsVersion(secrets []store.Secret) string {
	ids := make([]string, len(secrets))
	for i := range secrets {
		ids[i] = secrets[i].ID
	}
	slices.Sort(ids)
	return versionOf(ids)
}

func versionOf(ids []string) string {
	sum := sha256.Sum256([]byte(strings.Join(ids, " ")))
	return hex.EncodeToString(sum[:8])
}

// CreateSecret makes a secret for application and gives its public id and the
// secret itself, which is shown this once and never readable again.
// [ErrTooManySecrets] if two exist.
func (s *Secrets) CreateSecret(ctx context.Context, env store.EnvironmentID, application string, by audit.Actor) (id, secret string, err error) {
	now := s.cfg.Now()
	existing, err := s.cfg.Store.Secrets(ctx, env, application)
	if err != nil {
		return "", "", fmt.Errorf("reading the secrets of %s: %w", application, err)
	}
	if len(alive(existing, now)) >= maxSecrets {
		return "", "", ErrTooManySecrets
	}
	var raw [32 + 6]byte
	if _, err := io.ReadFull(s.cfg.Rand, raw[:]); err != nil {
		return "", "", fmt.Errorf("making a secret: %w", err)
	}
	secret, id = SecretPrefix+base64.RawURLEncoding.EncodeToString(raw[:32]), hex.EncodeToString(raw[32:])
	row := store.Secret{Application: application, ID: id, Hash: sha256.Sum256([]byte(secret)), Created: now}
	err = s.change(ctx, env, application, secretChange{
		what: audit.Entry{Type: audit.SecretCreated, Actor: by}, id: id, do: func(tx store.Tx) error { return tx.PutSecret(ctx, row) },
		after: func(held []string) ([]string, error) {
			if gone := dead(existing, now); len(held)-len(gone) >= maxSecrets {
				return nil, ErrTooManySecrets
			}
			return append(held, id), nil
		},
	})
	if errors.Is(err, ErrTooManySecrets) {
		return "", "", ErrTooManySecrets
	}
	if err != nil {
		return "", "", fmt.Errorf("storing a secret of %s: %w", application, err)
	}
	return id, secret, nil
}

// DeleteSecret ends a secret: no node takes it any more within five seconds,
// this one at once. [ErrNoSecret].
func (s *Secrets) DeleteSecret(ctx context.Context, env store.EnvironmentID, application, id string, by audit.Actor) error {
	existing, err := s.cfg.Store.Secrets(ctx, env, application)
	if err != nil {
		return fmt.Errorf("reading the secrets of %s: %w", application, err)
	}
	found := false
	for _, secret := range existing {
		found = found || secret.ID == id
	}
	if !found {
		return ErrNoSecret
	}
	err = s.change(ctx, env, application, secretChange{
		what: audit.Entry{Type: audit.SecretDeleted, Actor: by}, id: id, do: func(tx store.Tx) error { return tx.DeleteSecret(ctx, application, id) },
		after: func(held []string) ([]string, error) {
			if !slices.Contains(held, id) {
				return nil, ErrNoSecret
			}
			return slices.DeleteFunc(held, func(h string) bool { return h == id }), nil
		},
	})
	if err != nil {
		return fmt.Errorf("deleting a secret of %s: %w", application, err)
	}
	return nil
}

// ListSecrets gives the secrets of application by creation, without what
// could be used to authenticate: their hashes are blank.
func (s *Secrets) ListSecrets(ctx context.Context, env store.EnvironmentID, application string) ([]store.Secret, error) {
	secrets, err := s.cfg.Store.Secrets(ctx, env, application)
	if err != nil {
		return nil, fmt.Errorf("reading the secrets of %s: %w", application, err)
	}
	for i := range secrets {
		secrets[i].Hash = [32]byte{}
	}
	return secrets, nil
}

// Ready reads the secrets of an application into memory, if they are not there:
// a [Secrets.VerifySecret] that follows waits for nothing.
func (s *Secrets) Ready(ctx context.Context, env store.EnvironmentID, application string) error {
	_, err := s.cache.get(ctx, s.cfg.Store, env, application)
	return err
}

// VerifySecret tells whether secret is an unexpired one of application. The
// time it takes does not tell which, or how far one matched. [ErrWrongSecret];
// any other error means that this node cannot know now, and must refuse.
func (s *Secrets) VerifySecret(ctx context.Context, env store.EnvironmentID, application, secret string) error {
	if err := s.cfg.Feed.Fresh(); err != nil {
		return fmt.Errorf("verifying a secret: %w", err)
	}
	known, err := s.cache.get(ctx, s.cfg.Store, env, application)
	if err != nil {
		return err
	}
	now, digest, match := s.cfg.Now(), sha256.Sum256([]byte(secret)), 0
	for i := range known {
		same := subtle.ConstantTimeCompare(known[i].Hash[:], digest[:])
		if !expired(&known[i], now) {
			match |= same
		}
	}
	if match != 1 || application == "" { // the store takes no name for every application
		return ErrWrongSecret
	}
	return nil
}

// Changed forgets what the cache knows of an application whose secrets
// changed; subscribe it to the change feed.
func (s *Secrets) Changed(_ context.Context, entry store.FeedEntry) {
	if entry.Kind == store.ApplicationChanged {
		s.cache.forget(entry.Env, entry.Subject)
	}
}

type secretDetail struct {
	Secret string   `json:"secret"` // its public id
	Before []string `json:"before"` // of all that the application had
	After  []string `json:"after"`
}

// secretChange is one change of an application's secrets.
type secretChange struct {
	what  audit.Entry
	id    string
	do    func(store.Tx) error
	after func(held []string) ([]string, error) // of the ids that are there; refuses what they forbid
}

// change makes c with its audit event and its feed entry in one transaction.
func (s *Secrets) change(ctx context.Context, env store.EnvironmentID, application string, c secretChange) error {
	now := s.cfg.Now()
	c.what.Application = application
	err := s.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		held, err := tx.HoldSecrets(ctx, application)
		if err != nil {
			return err
		}
		if s.expected != "" && s.expected != versionOf(held) {
			return store.ErrConflict
		}
		after, err := c.after(slices.Clone(held))
		if err != nil {
			return err
		}
		what := c.what
		what.Detail = secretDetail{c.id, held, after}
		event := s.cfg.Audit.Event(what)
		if err := c.do(tx); err != nil {
			return err
		}
		entry := store.FeedEntry{Kind: store.ApplicationChanged, Subject: application, At: now, Until: now.Add(time.Hour)}
		if err := tx.Publish(ctx, entry); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return err
	}
	s.cache.forget(env, application)
	s.cfg.Feed.Wake()
	return nil
}

// dead gives those that have expired, which count for nothing.
func dead(secrets []store.Secret, now time.Time) []store.Secret {
	return slices.DeleteFunc(slices.Clone(secrets), func(s store.Secret) bool { return !expired(&s, now) })
}

func alive(secrets []store.Secret, now time.Time) []store.Secret {
	var living []store.Secret
	for i := range secrets {
		if !expired(&secrets[i], now) {
			living = append(living, secrets[i])
		}
	}
	return living
}

func expired(s *store.Secret, now time.Time) bool {
	return !s.Expires.IsZero() && !s.Expires.After(now)
}
