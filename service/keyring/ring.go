package keyring

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"sallyport/service/audit"
	"sallyport/store"
)

// Store is what a ring needs of the store.
type Store interface {
	store.Keys
	store.Writer
}

// Config constructs a [Ring]. All fields are required.
type Config struct {
	Store  Store
	Master *Master
	Audit  *audit.Log
	Now    func() time.Time
	Rand   io.Reader
}

// Ring lends keys. It is safe for concurrent use. Keys are loaded on first use
// and kept until [Ring.Forget] is told that they changed, for at most half an
// hour.
type Ring struct {
	cfg Config

	mu      sync.RWMutex
	signing map[owner]*Signing
	secrets map[owner]*Secret
	opaque  map[owner]*Opaque
	epoch   uint64 // rises with each Forget: what was read before is not kept
	serial  uint64
	making  sync.Mutex // one key is made at a time on a node
}

// owner is who a loaded key belongs to.
type owner struct {
	env  store.EnvironmentID
	name string // authorization server, or "secret/purpose"
}

// New gives a ring without loaded keys.
func New(cfg Config) *Ring {
	return &Ring{cfg: cfg, signing: map[owner]*Signing{}, secrets: map[owner]*Secret{}, opaque: map[owner]*Opaque{}}
}

// Forget drops what was loaded for an owner, so that the next use reads the
// store. The change feed calls it with the Subject of store.KeysChanged.
func (r *Ring) Forget(env store.EnvironmentID, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.signing, owner{env, name})
	delete(r.secrets, owner{env, name})
	delete(r.opaque, owner{env, name})
	r.epoch++
}

// Prove checks that the master key is the one that this store was sealed with,
// by opening a value it sealed when the store was new. [ErrMaster] otherwise.
func (r *Ring) Prove(ctx context.Context) error {
	_, err := r.Secret(ctx, store.System, "master-check")
	return err
}

// generation tells which loads may still be remembered.
func (r *Ring) generation() uint64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.epoch
}

// put stores a key with its feed entry and audit event. store.ErrExists means
// that another node was faster: read again.
func (r *Ring) put(ctx context.Context, env store.EnvironmentID, key store.Key) error {
	return r.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		if err := tx.PutKey(ctx, key); err != nil {
			return err
		}
		if err := r.changed(ctx, tx, key.Owner); err != nil {
			return err
		}
		return tx.Audit(ctx, r.cfg.Audit.Event(audit.Entry{
			Type: audit.KeyCreated, Actor: audit.System,
			Detail: map[string]any{"owner": key.Owner, "key": key.ID, "algorithm": key.Algorithm, "state": key.State},
		}))
	})
}

// changed tells every node.
func (r *Ring) changed(ctx context.Context, tx store.Tx, name string) error {
	now := r.cfg.Now()
	return tx.Publish(ctx, store.FeedEntry{Kind: store.KeysChanged, Subject: name, At: now, Until: now.Add(time.Hour)})
}

// exists tells that another node made the key meanwhile.
func exists(err error) bool { return errors.Is(err, store.ErrExists) }

// open unseals a stored secret.
func (r *Ring) open(ctx context.Context, env store.EnvironmentID, key store.Key) ([]byte, error) {
	plain, err := r.cfg.Master.Open(ctx, env, row(key.Owner, key.ID), key.Sealed)
	if err != nil {
		return nil, fmt.Errorf("opening key %s of %s: %w", key.ID, key.Owner, err)
	}
	return plain, nil
}
