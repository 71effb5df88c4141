package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sallyport/protocol/jose"
	"sallyport/service/audit"
	"sallyport/store"
)

// Rotation says how often the keys of an authorization server change.
type Rotation struct {
	Env        store.EnvironmentID
	Server     string
	Algorithms []jose.Algorithm
	Every      time.Duration
}

// Rotate makes the next key of an algorithm the current one, now. The old one
// stays published until the last token it can have signed is dead, and a fresh
// next key is published. by names who asked. store.ErrConflict means that
// another node rotated at the same moment.
func (r *Ring) Rotate(ctx context.Context, env store.EnvironmentID, server string, alg jose.Algorithm, by audit.Actor) error {
	if _, err := r.Signing(ctx, env, server, alg); err != nil {
		return err
	}
	keys, err := r.cfg.Store.Keys(ctx, env, server)
	if err != nil {
		return err
	}
	current, next := find(keys, wanted{alg, store.KeyCurrent}), find(keys, wanted{alg, store.KeyNext})
	if current == nil || next == nil {
		return fmt.Errorf("%w: %s of %s", ErrNoKey, alg, server)
	}
	if err := r.advance(ctx, env, *current, *next, by); err != nil {
		return fmt.Errorf("rotating the %s key of %s: %w", alg, server, err)
	}
	r.Forget(env, server)
	_, err = r.Signing(ctx, env, server, alg)
	return err
}

func find(keys []store.Key, want wanted) *store.Key {
	for i := range keys {
		if keys[i].State == want.state && keys[i].Algorithm == string(want.algorithm) {
			return &keys[i]
		}
	}
	return nil
}

// advance moves both keys on in one transaction: there is never a moment
// without a current key, nor with two.
func (r *Ring) advance(ctx context.Context, env store.EnvironmentID, current, next store.Key, by audit.Actor) error {
	now := r.cfg.Now()
	return r.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		err := tx.SetKeyState(ctx, current.Owner, current.ID, store.KeyCurrent, store.KeyOld, current.Activated, now.Add(maxTokenLife))
		if err != nil {
			return err
		}
		if err := tx.SetKeyState(ctx, next.Owner, next.ID, store.KeyNext, store.KeyCurrent, now, time.Time{}); err != nil {
			return err
		}
		if err := r.changed(ctx, tx, current.Owner); err != nil {
			return err
		}
		return tx.Audit(ctx, r.cfg.Audit.Event(audit.Entry{
			Type: audit.KeyRotated, Actor: by,
			Detail: map[string]any{"owner": current.Owner, "algorithm": current.Algorithm, "from": current.ID, "to": next.ID},
		}))
	})
}

// Maintain makes missing keys, rotates those that are due and deletes those
// that are dead. Call it at start, when a revision is applied and hourly.
func (r *Ring) Maintain(ctx context.Context, rotations []Rotation) error {
	var all error
	for _, rotation := range rotations {
		if err := r.maintain(ctx, rotation); err != nil {
			all = errors.Join(all, err)
		}
	}
	return all
}

func (r *Ring) maintain(ctx context.Context, rotation Rotation) error {
	if _, err := r.Signing(ctx, rotation.Env, rotation.Server, rotation.Algorithms...); err != nil {
		return err
	}
	keys, err := r.cfg.Store.Keys(ctx, rotation.Env, rotation.Server)
	if err != nil {
		return err
	}
	now := r.cfg.Now()
	for _, key := range keys {
		switch {
		case key.State == store.KeyOld && !key.Expires.After(now):
			err = errors.Join(err, r.destroy(ctx, rotation.Env, key))
		case key.State == store.KeyCurrent && rotation.Every > 0 && now.Sub(key.Activated) >= rotation.Every:
			rotated := r.Rotate(ctx, rotation.Env, rotation.Server, jose.Algorithm(key.Algorithm), audit.System)
			if !errors.Is(rotated, store.ErrConflict) {
				err = errors.Join(err, rotated)
			}
		}
	}
	return err
}

func (r *Ring) destroy(ctx context.Context, env store.EnvironmentID, key store.Key) error {
	return r.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		if err := tx.DeleteKey(ctx, key.Owner, key.ID); err != nil {
			return err
		}
		if err := r.changed(ctx, tx, key.Owner); err != nil {
			return err
		}
		return tx.Audit(ctx, r.cfg.Audit.Event(audit.Entry{
			Type: audit.KeyDestroyed, Actor: audit.System,
			Detail: map[string]any{"owner": key.Owner, "key": key.ID, "algorithm": key.Algorithm},
		}))
	})
}
