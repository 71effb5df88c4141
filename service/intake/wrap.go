package intake

import (
	"context"
	"errors"
	"fmt"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// Wrapped counts what WrapWeak did.
type Wrapped struct {
	Wrapped  int64
	Overtake int64 // changed meanwhile: their owners signed in
	Unusable int64 // cannot be opened or read; left as they are
}

// weakAtOnce is how many weak credentials are listed at a time.
const weakAtOnce = 100

// WrapWeak puts every weak password hash of an environment under Argon2id, one
// at a time and with rests between, until none is left or ctx ends. What is left
// to do is what the store says, so it may be stopped at any moment and called
// again. An owner who signs in meanwhile wins. [ErrRunning] if this process is
// at it already; errors of store and sealer otherwise.
func (s *Service) WrapWeak(ctx context.Context, env store.EnvironmentID) (Wrapped, error) {
	var count Wrapped
	leave, err := s.enter(place{env: env})
	if err != nil {
		return count, fmt.Errorf("wrapping: %w", err)
	}
	defer leave()
	var after customer.ID
	for {
		weak, err := s.cfg.Store.WeakCredentials(ctx, env, after, weakAtOnce)
		if err != nil {
			return count, fmt.Errorf("listing weak credentials: %w", err)
		}
		for _, credential := range weak {
			after = credential.Customer
			began := s.cfg.Now()
			if err := s.wrapOne(ctx, env, credential, &count); err != nil {
				return count, err
			}
			if err := s.cfg.Rest(ctx, Wrapping, s.cfg.Now().Sub(began)); err != nil {
				return count, err
			}
		}
		if len(weak) < weakAtOnce {
			return count, nil
		}
	}
}

// wrapOne wraps one credential unless it changed meanwhile.
func (s *Service) wrapOne(ctx context.Context, env store.EnvironmentID, c store.Credential, count *Wrapped) error {
	row := credentialRow(c.Customer)
	hash, err := s.open(ctx, env, c)
	if err != nil {
		count.Unusable++
		return ctx.Err()
	}
	encoded, scheme, err := s.wrapped(hash)
	if err != nil {
		return fmt.Errorf("wrapping %s: %w", row, err)
	}
	if c.Sealed, err = s.cfg.Sealer.Seal(ctx, env, row, []byte(encoded)); err != nil {
		return fmt.Errorf("sealing %s: %w", row, err)
	}
	c.Scheme, c.Weak = string(scheme), false
	s.cfg.Crash(BeforeWrap)
	err = s.put(ctx, env, c)
	if errors.Is(err, store.ErrConflict) {
		count.Overtake++
		return nil
	}
	if err != nil {
		return fmt.Errorf("storing %s: %w", row, err)
	}
	s.cfg.Crash(AfterWrap)
	count.Wrapped++
	return nil
}

func (s *Service) open(ctx context.Context, env store.EnvironmentID, c store.Credential) (*passhash.Hash, error) {
	encoded, err := s.cfg.Sealer.Open(ctx, env, credentialRow(c.Customer), c.Sealed)
	if err != nil {
		return nil, err
	}
	return passhash.Parse(string(encoded))
}

// wrapped gives the stored form of a hash under Argon2id. One that turns out
// not to be weak only loses its mark.
func (s *Service) wrapped(hash *passhash.Hash) (string, passhash.Scheme, error) {
	encoded, err := passhash.Wrap(s.cfg.Rand, hash, s.cfg.Cost)
	if errors.Is(err, passhash.ErrNotWeak) {
		return hash.Encode(), hash.Scheme(), nil
	}
	if err != nil {
		return "", "", err
	}
	stored, err := passhash.Parse(encoded)
	if err != nil {
		return "", "", err
	}
	return encoded, stored.Scheme(), nil
}

func (s *Service) put(ctx context.Context, env store.EnvironmentID, c store.Credential) error {
	return s.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		if err := tx.PutCredential(ctx, c); err != nil {
			return err
		}
		return tx.Audit(ctx, s.audit.Event(audit.Entry{
			Type: audit.CredentialWrapped, Actor: audit.System, Customer: c.Customer.String(),
			Detail: wrapDetail{Scheme: c.Scheme},
		}))
	})
}

// wrapDetail is what audit keeps of a wrapped hash.
type wrapDetail struct {
	Scheme string `json:"scheme"`
}
