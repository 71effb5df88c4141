package keyring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sallyport/protocol/jose"
	"sallyport/store"
)

// Types of token that Sallyport signs: RFC 9068 §2.1, and OIDC ID tokens.
const (
	AccessTokenType = "at+jwt"
	IDTokenType     = "JWT"
	checkpointType  = "checkpoint+jws"
)

// maxTokenLife bounds how long a token can outlive the key that signed it: the
// longest access lifetime that configuration accepts, and clock skew.
const maxTokenLife = 24*time.Hour + 5*time.Minute

// ErrNoKey: the server has no key of that algorithm.
var ErrNoKey = errors.New("no signing key of this algorithm")

// Signing is everything a node needs of one authorization server's keys. It is
// immutable and shared.
type Signing struct {
	JWKS     []byte         // the published set, encoded once
	Access   *jose.Verifier // of access tokens
	ID       *jose.Verifier // of ID tokens, for id_token_hint
	Serial   uint64         // differs whenever the keys differ: caches of verified tokens compare it
	current  map[jose.Algorithm]signers
	loadedAt time.Time

	checkpoint *jose.Verifier
}

type signers struct{ access, id, checkpoint *jose.Signer }

// AccessSigner gives the signer of access tokens; [ErrNoKey].
func (s *Signing) AccessSigner(alg jose.Algorithm) (*jose.Signer, error) {
	if pair, found := s.current[alg]; found {
		return pair.access, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrNoKey, alg)
}

// IDSigner gives the signer of ID tokens; [ErrNoKey].
func (s *Signing) IDSigner(alg jose.Algorithm) (*jose.Signer, error) {
	if pair, found := s.current[alg]; found {
		return pair.id, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrNoKey, alg)
}

// Signing lends the keys of an authorization server. It makes those that are
// missing: a current and a next one for each of algorithms.
func (r *Ring) Signing(ctx context.Context, env store.EnvironmentID, server string, algorithms ...jose.Algorithm) (*Signing, error) {
	name := owner{env, server}
	r.mu.RLock()
	loaded := r.signing[name]
	r.mu.RUnlock()
	if loaded != nil && loaded.has(algorithms) {
		return loaded, nil
	}
	r.making.Lock()
	defer r.making.Unlock()
	return r.loadSigning(ctx, name, algorithms)
}

func (s *Signing) has(algorithms []jose.Algorithm) bool {
	for _, alg := range algorithms {
		if _, found := s.current[alg]; !found {
			return false
		}
	}
	return true
}

// loadSigning reads the keys of name, making what is missing. The caller holds making.
func (r *Ring) loadSigning(ctx context.Context, name owner, algorithms []jose.Algorithm) (*Signing, error) {
	for {
		epoch := r.generation()
		keys, err := r.cfg.Store.Keys(ctx, name.env, name.name)
		if err != nil {
			return nil, fmt.Errorf("reading the keys of %s: %w", name.name, err)
		}
		missing := missingKeys(keys, algorithms)
		if len(missing) == 0 {
			return r.assemble(ctx, name, keys, epoch)
		}
		for _, want := range missing {
			if err := r.makeSigningKey(ctx, name, want); err != nil && !exists(err) {
				return nil, err
			}
		}
	}
}

// wanted is a key that should exist.
type wanted struct {
	algorithm jose.Algorithm
	state     store.KeyState
}

func missingKeys(keys []store.Key, algorithms []jose.Algorithm) []wanted {
	var missing []wanted
	for _, alg := range algorithms {
		for _, state := range []store.KeyState{store.KeyCurrent, store.KeyNext} {
			want := wanted{alg, state}
			if !want.in(keys) {
				missing = append(missing, want)
			}
		}
	}
	return missing
}

func (w wanted) in(keys []store.Key) bool {
	for _, key := range keys {
		if key.Algorithm == string(w.algorithm) && key.State == w.state {
			return true
		}
	}
	return false
}

func (r *Ring) makeSigningKey(ctx context.Context, name owner, want wanted) error {
	private, err := jose.GenerateKey(r.cfg.Rand, want.algorithm)
	if err != nil {
		return fmt.Errorf("making a signing key of %s: %w", name.name, err)
	}
	der, err := private.MarshalPKCS8()
	if err != nil {
		return err
	}
	public, err := private.Public().MarshalJSON()
	if err != nil {
		return err
	}
	now := r.cfg.Now()
	key := store.Key{
		Owner: name.name, ID: string(private.KeyID()), Algorithm: string(want.algorithm),
		State: want.state, Public: public, Created: now,
	}
	if want.state == store.KeyCurrent {
		key.Activated = now
	}
	if key.Sealed, err = r.cfg.Master.Seal(ctx, name.env, row(key.Owner, key.ID), der); err != nil {
		return err
	}
	return r.put(ctx, name.env, key)
}

// assemble opens what signs, publishes what verifies, and remembers both
// unless the keys changed since they were read at epoch.
func (r *Ring) assemble(ctx context.Context, name owner, keys []store.Key, epoch uint64) (*Signing, error) {
	s := &Signing{current: map[jose.Algorithm]signers{}, loadedAt: r.cfg.Now()}
	var set jose.KeySet
	for _, key := range keys {
		if key.State == store.KeyOld && !key.Expires.After(s.loadedAt) {
			continue
		}
		der, err := r.open(ctx, name.env, key)
		if err != nil {
			return nil, err
		}
		private, err := jose.ParsePKCS8(jose.Algorithm(key.Algorithm), der)
		if err != nil {
			return nil, fmt.Errorf("reading key %s of %s: %w", key.ID, name.name, err)
		}
		set = append(set, private.Public())
		if key.State == store.KeyCurrent {
			if s.current[private.Algorithm()], err = newSigners(private); err != nil {
				return nil, err
			}
		}
	}
	if err := s.publish(set); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.serial++
	s.Serial = r.serial
	if r.epoch == epoch {
		r.signing[name] = s
	}
	return s, nil
}

func newSigners(key *jose.PrivateKey) (signers, error) {
	access, err := jose.NewSigner(key, AccessTokenType)
	if err != nil {
		return signers{}, err
	}
	id, err := jose.NewSigner(key, IDTokenType)
	if err != nil {
		return signers{}, err
	}
	checkpoint, err := jose.NewSigner(key, checkpointType)
	return signers{access, id, checkpoint}, err
}

func (s *Signing) publish(set jose.KeySet) error {
	var err error
	if s.JWKS, err = json.Marshal(set); err != nil {
		return err
	}
	if s.Access, err = jose.NewVerifier(set, AccessTokenType); err != nil {
		return err
	}
	if s.ID, err = jose.NewVerifier(set, IDTokenType); err != nil {
		return err
	}
	s.checkpoint, err = jose.NewVerifier(set, checkpointType)
	return err
}
