package directory

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"sallyport/service/audit"
	"sallyport/store"
)

// LendSecret makes a secret for application that ends by itself at until, as a walk
// at the real endpoints needs one. It is made like any other: it counts among those
// that an application may have, every node hears of it, the ledger tells of it, and
// [Secrets.DeleteSecret] ends it before its time. [ErrTooManySecrets].
func (s *Secrets) LendSecret(ctx context.Context, env store.EnvironmentID, application string, until time.Time, by audit.Actor) (id, secret string, err error) {
	var raw [32 + 6]byte
	if _, err := io.ReadFull(s.cfg.Rand, raw[:]); err != nil {
		return "", "", fmt.Errorf("making a secret: %w", err)
	}
	now := s.cfg.Now()
	existing, err := s.cfg.Store.Secrets(ctx, env, application)
	if err != nil {
		return "", "", fmt.Errorf("reading the secrets of %s: %w", application, err)
	}
	secret, id = SecretPrefix+base64.RawURLEncoding.EncodeToString(raw[:32]), hex.EncodeToString(raw[32:])
	row := store.Secret{Application: application, ID: id, Hash: sha256.Sum256([]byte(secret)), Created: now, Expires: until}
	err = s.change(ctx, env, application, secretChange{
		what: audit.Entry{Type: audit.SecretCreated, Actor: by}, id: id, do: func(tx store.Tx) error { return tx.PutSecret(ctx, row) },
		after: func(held []string) ([]string, error) {
			if gone := dead(existing, now); len(held)-len(gone) >= maxSecrets {
				return nil, ErrTooManySecrets
			}
			return append(held, id), nil
		},
	})
	if err != nil {
		return "", "", fmt.Errorf("lending a secret to %s: %w", application, err)
	}
	return id, secret, nil
}
