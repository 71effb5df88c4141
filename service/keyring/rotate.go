package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/protocol/jose"
	"sallyport/service/audit"
	"sallyport/store"
)

// Rotation says how often the keys of an authorization server change, those of
// opaque tokens ([OpaqueAlgorithm]) among them.
type Rotation struct {
	Env        store.EnvironmentID
	Server     string
	Algorithms []jose.Algorithm
	Every      time.Duration
}

// Rotate makes the next key of an algorithm the current one, now. The old one
// stays published until the last token it can have signed is dead, and a fresh
// next key is published. by names who asked. [ErrNoKey]; store.ErrConflict means
// that another node rotated at the same moment.
func (r *Ring) Rotate(ctx context.Context, env store.EnvironmentID, server string, alg jose.Algorithm, by audit.Actor) error {
	keys, err := r.cfg.Store.Keys(ctx, env, server)
	if err != nil {
		return fmt.Errorf("reading the keys of %s: %w", server, err)
	}
	if find(keys, wanted{alg, store.KeyCurrent}) == nil {
		return fmt.Errorf("%w: %s of %s", ErrNoKey, alg, server)
	}
	// The next one is missing if whoever rotated last died on the way.
	if keys, err = r.completed(ctx, owner{env, server}, []jose.Algorithm{alg}); err != nil {
		return err
	}
	current, next := find(keys, wanted{alg, store.KeyCurrent}), find(keys, wanted{alg, store.KeyNext})
	return r.rotate(ctx, env, step{*current, *next, by})
}

// RotateFrom is Rotate if the key that signs is still the one of id kid, which
// also names the algorithm: whoever asks saw that key, and means that one.
// store.ErrConflict if it signs no longer.
func (r *Ring) RotateFrom(ctx context.Context, env store.EnvironmentID, server, kid string, by audit.Actor) error {
	keys, err := r.cfg.Store.Keys(ctx, env, server)
	if err != nil {
		return fmt.Errorf("reading the keys of %s: %w", server, err)
	}
	i := slices.IndexFunc(keys, func(k store.Key) bool { return k.ID == kid && k.State == store.KeyCurrent })
	if i < 0 {
		return fmt.Errorf("key %.40q of %s: %w", kid, server, store.ErrConflict)
	}
	current, alg := keys[i], jose.Algorithm(keys[i].Algorithm)
	if keys, err = r.completed(ctx, owner{env, server}, []jose.Algorithm{alg}); err != nil {
		return err
	}
	next := find(keys, wanted{alg, store.KeyNext})
	if next == nil {
		return fmt.Errorf("%w: %s of %s", ErrNoKey, alg, server)
	}
	return r.rotate(ctx, env, step{current, *next, by})
}

// step is one key giving way to another.
type step struct {
	current, next store.Key
	by            audit.Actor
}

// rotate takes exactly the step that was decided on: whoever decided the same
// at the same moment gets store.ErrConflict, and not a second rotation.
func (r *Ring) rotate(ctx context.Context, env store.EnvironmentID, s step) error {
	server, alg := s.current.Owner, jose.Algorithm(s.current.Algorithm)
	if err := r.advance(ctx, env, s); err != nil {
		return fmt.Errorf("rotating the %s key of %s: %w", alg, server, err)
	}
	r.Forget(env, server)
	_, err := r.completed(ctx, owner{env, server}, []jose.Algorithm{alg}) // publishes a fresh next one
	return err
}

// find gives the key that want describes; nil if there is none.
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
func (r *Ring) advance(ctx context.Context, env store.EnvironmentID, s step) error {
	now, current, next := r.cfg.Now(), s.current, s.next
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
			Type: audit.KeyRotated, Actor: s.by,
			Detail: map[string]any{"owner": current.Owner, "algorithm": current.Algorithm, "before": current.ID, "after": next.ID},
		}))
	})
}

// Maintain makes missing keys, rotates those that are due and deletes those
// that are dead. Call it at start, when a revision is applied and hourly, on
// any number of nodes: what another one did meanwhile is not done again.
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
	keys, err := r.completed(ctx, owner{rotation.Env, rotation.Server}, rotation.Algorithms)
	if err != nil {
		return err
	}
	now := r.cfg.Now()
	for _, key := range keys {
		next := find(keys, wanted{jose.Algorithm(key.Algorithm), store.KeyNext})
		var done error
		switch {
		case key.State == store.KeyOld && !key.Expires.After(now):
			done = r.destroy(ctx, rotation.Env, key)
		case key.State == store.KeyCurrent && next != nil && rotation.Every > 0 && now.Sub(key.Activated) >= rotation.Every:
			done = r.rotate(ctx, rotation.Env, step{key, *next, audit.System})
		}
		if !errors.Is(done, store.ErrConflict) { // else another node was faster
			err = errors.Join(err, done)
		}
	}
	return err
}

// completed is complete for those who do not hold making.
func (r *Ring) completed(ctx context.Context, name owner, algorithms []jose.Algorithm) ([]store.Key, error) {
	r.making.Lock()
	defer r.making.Unlock()
	keys, _, err := r.complete(ctx, name, algorithms)
	return keys, err
}

// destroy removes a dead key; store.ErrConflict if it is gone.
func (r *Ring) destroy(ctx context.Context, env store.EnvironmentID, key store.Key) error {
	return r.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		if err := tx.SetKeyState(ctx, key.Owner, key.ID, store.KeyOld, store.KeyOld, time.Time{}, time.Time{}); err != nil {
			return err
		}
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
