package keyring

import (
	"bytes"
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
	hookType        = "sallyport-hook+jwt"   // what service/hook asks: a type of no token
	sourceType      = "sallyport-source+jwt" // what service/source/hook asks
)

// maxTokenLife bounds how long a token can outlive the key that signed it: the
// longest access lifetime that configuration accepts, and clock skew.
const maxTokenLife = 24*time.Hour + 5*time.Minute

// keepFor bounds how long loaded keys are used without looking at the store: a
// node that was suspended while the change feed dropped an entry would
// otherwise keep a key set for ever.
const keepFor = 30 * time.Minute

// makeAttempts is how often missing keys are made before giving up; a second
// round is needed if another node was faster.
const makeAttempts = 4

// Errors of a [Ring].
var (
	// ErrNoKey: the server has no key of that algorithm.
	ErrNoKey = errors.New("no signing key of this algorithm")
	// ErrUnsettled: keys were taken away as fast as they were made.
	ErrUnsettled = errors.New("keys do not settle")
)

// Signing is everything a node needs of one authorization server's keys. It is
// immutable and shared.
type Signing struct {
	JWKS   []byte         // the published set, encoded once
	Access *jose.Verifier // of access tokens
	ID     *jose.Verifier // of ID tokens, for id_token_hint
	Serial uint64         // differs whenever the published set differs: caches of verified tokens compare it

	current    map[jose.Algorithm]signers
	checkpoint *jose.Verifier
	until      time.Time // when the store must be looked at again
}

type signers struct{ access, id, checkpoint, hook, source *jose.Signer }

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

// HookSigner gives the signer of questions to hooks; [ErrNoKey].
func (s *Signing) HookSigner(alg jose.Algorithm) (*jose.Signer, error) {
	if pair, found := s.current[alg]; found {
		return pair.hook, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrNoKey, alg)
}

// SourceSigner gives the signer of questions to earlier systems; [ErrNoKey].
func (s *Signing) SourceSigner(alg jose.Algorithm) (*jose.Signer, error) {
	if pair, found := s.current[alg]; found {
		return pair.source, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrNoKey, alg)
}

// Signing lends the keys of an authorization server. It makes those that are
// missing: a current and a next one for each of algorithms.
func (r *Ring) Signing(ctx context.Context, env store.EnvironmentID, server string, algorithms ...jose.Algorithm) (*Signing, error) {
	name := owner{env, server}
	if loaded := r.lent(name, algorithms); loaded != nil {
		return loaded, nil
	}
	r.making.Lock()
	defer r.making.Unlock()
	if loaded := r.lent(name, algorithms); loaded != nil { // by whoever held making before
		return loaded, nil
	}
	keys, epoch, err := r.complete(ctx, name, algorithms)
	if err != nil {
		return nil, err
	}
	return r.assemble(ctx, name, keys, epoch)
}

// lent gives what is loaded for name, if it will do.
func (r *Ring) lent(name owner, algorithms []jose.Algorithm) *Signing {
	r.mu.RLock()
	loaded := r.signing[name]
	r.mu.RUnlock()
	if loaded == nil || !loaded.has(algorithms) || !r.cfg.Now().Before(loaded.until) {
		return nil
	}
	return loaded
}

func (s *Signing) has(algorithms []jose.Algorithm) bool {
	for _, alg := range algorithms {
		if _, found := s.current[alg]; !found {
			return false
		}
	}
	return true
}

// complete reads the keys of name, making what is missing, and the epoch
// before that. The caller holds making.
func (r *Ring) complete(ctx context.Context, name owner, algorithms []jose.Algorithm) (keys []store.Key, epoch uint64, err error) {
	for range makeAttempts {
		epoch = r.generation()
		if keys, err = r.cfg.Store.Keys(ctx, name.env, name.name); err != nil {
			return nil, 0, fmt.Errorf("reading the keys of %s: %w", name.name, err)
		}
		missing := missingKeys(keys, algorithms)
		if len(missing) == 0 {
			return keys, epoch, nil
		}
		for _, want := range missing {
			if err := r.makeKey(ctx, name, want); err != nil && !exists(err) {
				return nil, 0, fmt.Errorf("making a key of %s: %w", name.name, err)
			}
		}
	}
	return nil, 0, fmt.Errorf("signing keys of %s: %w", name.name, ErrUnsettled)
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
			if find(keys, want) == nil {
				missing = append(missing, want)
			}
		}
	}
	return missing
}

func (r *Ring) makeKey(ctx context.Context, name owner, want wanted) error {
	if want.algorithm == OpaqueAlgorithm {
		return r.makeOpaqueKey(ctx, name, want.state)
	}
	return r.makeSigningKey(ctx, name, want)
}

func (r *Ring) makeSigningKey(ctx context.Context, name owner, want wanted) error {
	private, err := jose.GenerateKey(r.cfg.Rand, want.algorithm)
	if err != nil {
		return err
	}
	now := r.cfg.Now()
	key := store.Key{
		Owner: name.name, ID: string(private.KeyID()), Algorithm: string(want.algorithm), State: want.state, Created: now,
	}
	if want.state == store.KeyCurrent {
		key.Activated = now
	}
	if err := r.sealPair(ctx, name.env, &key, private); err != nil {
		return err
	}
	return r.put(ctx, name.env, key)
}

// assemble opens what signs, publishes what verifies, and remembers both
// unless the keys changed since they were read at epoch.
func (r *Ring) assemble(ctx context.Context, name owner, keys []store.Key, epoch uint64) (*Signing, error) {
	now := r.cfg.Now()
	s := &Signing{current: map[jose.Algorithm]signers{}, until: now.Add(keepFor)}
	var set jose.KeySet
	for _, key := range keys {
		if key.State == store.KeyOld && !key.Expires.After(now) || key.Algorithm == string(OpaqueAlgorithm) {
			continue
		}
		if key.State == store.KeyOld && key.Expires.Before(s.until) {
			s.until = key.Expires
		}
		public, err := r.openPublic(ctx, name.env, key)
		if err != nil {
			return nil, err
		}
		set = append(set, public)
		if key.State == store.KeyCurrent {
			private, err := r.openPrivate(ctx, name.env, key)
			if err != nil {
				return nil, err
			}
			if s.current[public.Algorithm], err = newSigners(private); err != nil {
				return nil, err
			}
		}
	}
	if err := s.publish(set); err != nil {
		return nil, err
	}
	return r.remember(name, s, epoch), nil
}

// remember keeps s, with the serial of what was loaded before if it publishes
// the same keys.
func (r *Ring) remember(name owner, s *Signing, epoch uint64) *Signing {
	r.mu.Lock()
	defer r.mu.Unlock()
	if before := r.signing[name]; before != nil && bytes.Equal(before.JWKS, s.JWKS) {
		s.Serial = before.Serial
	} else {
		r.serial++
		s.Serial = r.serial
	}
	if r.epoch == epoch {
		r.signing[name] = s
	}
	return s
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
	if err != nil {
		return signers{}, err
	}
	hook, err := jose.NewSigner(key, hookType)
	if err != nil {
		return signers{}, err
	}
	source, err := jose.NewSigner(key, sourceType)
	return signers{access, id, checkpoint, hook, source}, err
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
