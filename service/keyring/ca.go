package keyring

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sallyport/protocol/jose"
	"sallyport/service/audit"
	"sallyport/store"
)

// caOwner owns the keys of an environment's certificate authority.
const caOwner = "ca/gateway"

// ErrCertificate: a stored certificate is not that of its key.
var ErrCertificate = errors.New("certificate does not fit its key")

// Authority is the certificate authority of each environment's gateway. It
// makes the short-lived certificates by which back ends know the gateway, and
// certificates for back ends that have no other authority. It is safe for
// concurrent use; a node needs one.
type Authority struct {
	ring *Ring

	mu      sync.RWMutex
	loaded  map[store.EnvironmentID]*Trust
	clients map[store.EnvironmentID]*client
	epoch   uint64
	making  sync.Mutex
}

// Trust is what goes with an authority at one time. It is immutable and
// shared: a pointer that differs means that it changed.
type Trust struct {
	Pool *x509.CertPool // the authority's certificates, next one and old ones included
	PEM  []byte         // the same, for back ends to trust

	issuer *issuer
}

// issuer is the certificate and key that sign now.
type issuer struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// NewAuthority gives the authority that keeps its keys in ring.
func NewAuthority(ring *Ring) *Authority {
	return &Authority{ring: ring, loaded: map[store.EnvironmentID]*Trust{}, clients: map[store.EnvironmentID]*client{}}
}

// Forget drops what was loaded if name is the authority's. The change feed
// calls it with the Subject of store.KeysChanged.
func (a *Authority) Forget(env store.EnvironmentID, name string) {
	if name != caOwner {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.epoch++
	delete(a.loaded, env)
	delete(a.clients, env)
}

// Trust gives what back ends of env must trust, and what the gateway trusts of
// them. The first use makes the authority.
func (a *Authority) Trust(ctx context.Context, env store.EnvironmentID) (*Trust, error) {
	a.mu.RLock()
	trust := a.loaded[env]
	a.mu.RUnlock()
	if trust != nil {
		return trust, nil
	}
	a.making.Lock()
	defer a.making.Unlock()
	return a.load(ctx, env)
}

// CACertificate gives, in PEM, the certificates for back ends to trust: the
// current one, the next one ahead of its use, and old ones still in use.
func (a *Authority) CACertificate(ctx context.Context, env store.EnvironmentID) ([]byte, error) {
	trust, err := a.Trust(ctx, env)
	if err != nil {
		return nil, err
	}
	return bytes.Clone(trust.PEM), nil
}

// Rotate makes the next authority the current one and publishes another. Back
// ends that trust what [Authority.CACertificate] gave before know it already;
// give them the new list before the next rotation. The old one stays trusted
// for keep, at most 90 days, for the certificates of back ends that it signed;
// zero ends it now, after a compromise. store.ErrConflict means that another
// node rotated at the same moment.
func (a *Authority) Rotate(ctx context.Context, env store.EnvironmentID, keep time.Duration, by audit.Actor) error {
	return a.RotateFrom(ctx, env, Succession{Keep: keep}, by)
}

// Succession says how an authority is followed by the next.
type Succession struct {
	From string        // id of the authority that whoever asks saw as the current one; empty: whichever it is
	Keep time.Duration // how long the old one stays trusted, at most 90 days
}

// Current gives the id of the authority that certifies now, for [Succession].
func (a *Authority) Current(ctx context.Context, env store.EnvironmentID) (string, error) {
	if _, err := a.Trust(ctx, env); err != nil {
		return "", err
	}
	keys, err := a.ring.cfg.Store.Keys(ctx, env, caOwner)
	if err != nil {
		return "", fmt.Errorf("reading the gateway's authority: %w", err)
	}
	current := find(keys, wanted{jose.ES256, store.KeyCurrent})
	if current == nil {
		return "", ErrNoKey
	}
	return current.ID, nil
}

// RotateFrom is Rotate if the current authority is still how.From;
// store.ErrConflict if not.
func (a *Authority) RotateFrom(ctx context.Context, env store.EnvironmentID, how Succession, by audit.Actor) error {
	if _, err := a.Trust(ctx, env); err != nil {
		return err
	}
	keys, err := a.ring.cfg.Store.Keys(ctx, env, caOwner)
	if err != nil {
		return fmt.Errorf("reading the gateway's authority: %w", err)
	}
	if current := find(keys, wanted{jose.ES256, store.KeyCurrent}); how.From != "" && (current == nil || current.ID != how.From) {
		return fmt.Errorf("the gateway's authority: %w", store.ErrConflict)
	}
	if err := a.advance(ctx, env, keys, succession{min(max(how.Keep, 0), serverLife), by}); err != nil {
		return fmt.Errorf("rotating the gateway's authority: %w", err)
	}
	a.Forget(env, caOwner)
	_, err = a.Trust(ctx, env)
	return err
}

// succession is a [Succession] within its limits, and who asked.
type succession struct {
	keep time.Duration
	by   audit.Actor
}

// advance moves both keys on, and removes dead ones, in one transaction.
func (a *Authority) advance(ctx context.Context, env store.EnvironmentID, keys []store.Key, how succession) error {
	current, next := find(keys, wanted{jose.ES256, store.KeyCurrent}), find(keys, wanted{jose.ES256, store.KeyNext})
	if current == nil || next == nil {
		return ErrNoKey
	}
	now := a.ring.cfg.Now()
	return a.ring.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		err := tx.SetKeyState(ctx, caOwner, current.ID, store.KeyCurrent, store.KeyOld, current.Activated, now.Add(how.keep))
		if err != nil {
			return err
		}
		if err := tx.SetKeyState(ctx, caOwner, next.ID, store.KeyNext, store.KeyCurrent, now, time.Time{}); err != nil {
			return err
		}
		for _, key := range keys {
			if key.State == store.KeyOld && !key.Expires.After(now) {
				if err := tx.DeleteKey(ctx, caOwner, key.ID); err != nil {
					return err
				}
			}
		}
		if err := a.ring.changed(ctx, tx, caOwner); err != nil {
			return err
		}
		return tx.Audit(ctx, a.ring.cfg.Audit.Event(audit.Entry{
			Type: audit.KeyRotated, Actor: how.by,
			Detail: map[string]any{"owner": caOwner, "algorithm": current.Algorithm, "before": current.ID, "after": next.ID, "kept_seconds": int64(how.keep / time.Second)},
		}))
	})
}

// load reads the authority, making what is missing. The caller holds making.
func (a *Authority) load(ctx context.Context, env store.EnvironmentID) (*Trust, error) {
	for {
		a.mu.RLock()
		trust, epoch := a.loaded[env], a.epoch
		a.mu.RUnlock()
		if trust != nil {
			return trust, nil
		}
		keys, err := a.ring.cfg.Store.Keys(ctx, env, caOwner)
		if err != nil {
			return nil, fmt.Errorf("reading the gateway's authority: %w", err)
		}
		missing := missingKeys(keys, []jose.Algorithm{jose.ES256})
		for _, want := range missing {
			if err := a.make(ctx, env, want.state); err != nil && !exists(err) {
				return nil, err
			}
		}
		if len(missing) > 0 {
			continue
		}
		if trust, err = a.open(ctx, env, keys); err != nil {
			return nil, err
		}
		a.mu.Lock()
		if a.epoch == epoch {
			a.loaded[env] = trust
		}
		a.mu.Unlock()
		return trust, nil
	}
}

// make stores a fresh key with its certificate.
func (a *Authority) make(ctx context.Context, env store.EnvironmentID, state store.KeyState) error {
	private, err := jose.GenerateKey(a.ring.cfg.Rand, jose.ES256)
	if err != nil {
		return fmt.Errorf("making the gateway's authority: %w", err)
	}
	der, err := private.MarshalPKCS8()
	if err != nil {
		return err
	}
	signer, err := signerOf(der)
	if err != nil {
		return err
	}
	now := a.ring.cfg.Now()
	key := store.Key{Owner: caOwner, ID: string(private.KeyID()), Algorithm: string(jose.ES256), State: state, Created: now}
	if state == store.KeyCurrent {
		key.Activated = now
	}
	if key.Public, err = a.ring.selfSign(env, signer); err != nil {
		return err
	}
	if key.Sealed, err = a.ring.cfg.Master.Seal(ctx, env, row(key.Owner, key.ID), der); err != nil {
		return err
	}
	return a.ring.put(ctx, env, key)
}

// open reads the certificates of keys.
func (a *Authority) open(ctx context.Context, env store.EnvironmentID, keys []store.Key) (*Trust, error) {
	trust := &Trust{Pool: x509.NewCertPool()}
	// Newest first: software that reads only the first certificate of a file
	// then has the current or the next one.
	for _, key := range slices.Backward(keys) {
		if key.State == store.KeyOld && !key.Expires.After(a.ring.cfg.Now()) {
			continue
		}
		certificate, err := x509.ParseCertificate(key.Public)
		if err != nil {
			return nil, fmt.Errorf("%w: %s", ErrCertificate, key.ID)
		}
		// Each must be what its sealed key signed: else whoever can write the
		// database could have a back end, or a caller of back ends, trusted.
		held, err := a.issuer(ctx, env, key, certificate)
		if err != nil {
			return nil, err
		}
		trust.Pool.AddCert(certificate)
		trust.PEM = append(trust.PEM, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: key.Public})...)
		if key.State == store.KeyCurrent {
			trust.issuer = held
		}
	}
	return trust, nil
}

func (a *Authority) issuer(ctx context.Context, env store.EnvironmentID, key store.Key, certificate *x509.Certificate) (*issuer, error) {
	der, err := a.ring.open(ctx, env, key)
	if err != nil {
		return nil, err
	}
	signer, err := signerOf(der)
	if err != nil {
		return nil, err
	}
	public, comparable := certificate.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !comparable || !public.Equal(signer.Public()) || certificate.CheckSignatureFrom(certificate) != nil {
		return nil, fmt.Errorf("%w: %s", ErrCertificate, key.ID)
	}
	return &issuer{certificate, signer}, nil
}

func signerOf(der []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("reading a private key: %w", err)
	}
	signer, can := key.(crypto.Signer)
	if !can {
		return nil, fmt.Errorf("reading a private key: %w", ErrCertificate)
	}
	return signer, nil
}

// caLife is long: what ends an authority is its rotation.
const caLife = 10 * 365 * 24 * time.Hour
