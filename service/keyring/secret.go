package keyring

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"slices"
	"sync"

	"sallyport/store"
)

// ErrSealed: a sealed value was changed, or made for another purpose or label.
var ErrSealed = errors.New("sealed value does not open")

const secretAlgorithm = "A256"

// Secret is the shared secret of one purpose in one environment. It seals
// short-lived values that travel through browsers, and authenticates tokens.
// It is safe for concurrent use and redacts itself.
type Secret struct {
	aead   cipher.AEAD
	macKey [32]byte
	macs   sync.Pool
}

// Secret lends the secret of a purpose such as "code" or "cookie", making it
// if it is the first use. Purposes never share a secret.
func (r *Ring) Secret(ctx context.Context, env store.EnvironmentID, purpose string) (*Secret, error) {
	name := owner{env, "secret/" + purpose}
	r.mu.RLock()
	loaded := r.secrets[name]
	r.mu.RUnlock()
	if loaded != nil {
		return loaded, nil
	}
	r.making.Lock()
	defer r.making.Unlock()
	r.mu.RLock()
	loaded, epoch := r.secrets[name], r.epoch
	r.mu.RUnlock()
	if loaded != nil { // by whoever held making before
		return loaded, nil
	}
	raw, err := r.secretBytes(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("secret for %s: %w", purpose, err)
	}
	if loaded, err = newSecret(raw); err != nil {
		return nil, fmt.Errorf("secret for %s: %w", purpose, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.epoch == epoch {
		r.secrets[name] = loaded
	}
	return loaded, nil
}

// secretBytes reads the stored secret, or stores a fresh one.
func (r *Ring) secretBytes(ctx context.Context, name owner) ([]byte, error) {
	for range makeAttempts {
		keys, err := r.cfg.Store.Keys(ctx, name.env, name.name)
		if err != nil {
			return nil, err
		}
		current := slices.IndexFunc(keys, func(k store.Key) bool { return k.State == store.KeyCurrent })
		if current >= 0 {
			return r.open(ctx, name.env, keys[current])
		}
		if err := r.makeSecret(ctx, name); err != nil && !exists(err) {
			return nil, err
		}
	}
	return nil, ErrUnsettled
}

func (r *Ring) makeSecret(ctx context.Context, name owner) error {
	var raw [32]byte
	var id [8]byte
	if _, err := io.ReadFull(r.cfg.Rand, raw[:]); err != nil {
		return err
	}
	if _, err := io.ReadFull(r.cfg.Rand, id[:]); err != nil {
		return err
	}
	now := r.cfg.Now()
	key := store.Key{
		Owner: name.name, ID: hex.EncodeToString(id[:]), Algorithm: secretAlgorithm,
		State: store.KeyCurrent, Created: now, Activated: now,
	}
	var err error
	if key.Sealed, err = r.cfg.Master.Seal(ctx, name.env, row(key.Owner, key.ID), raw[:]); err != nil {
		return err
	}
	return r.put(ctx, name.env, key)
}

// newSecret derives one key to seal and one to authenticate with, so that the
// two uses cannot weaken each other.
func newSecret(raw []byte) (*Secret, error) {
	if len(raw) != 32 {
		return nil, fmt.Errorf("%w: %d bytes instead of 32", ErrMaster, len(raw))
	}
	block, err := aes.NewCipher(derive(raw, "seal"))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	s := &Secret{aead: aead, macKey: [32]byte(derive(raw, "authenticate"))}
	s.macs.New = func() any { return hmac.New(sha256.New, s.macKey[:]) }
	return s, nil
}

func derive(raw []byte, use string) []byte {
	h := hmac.New(sha256.New, raw)
	h.Write([]byte("sallyport/" + use))
	return h.Sum(nil)
}

// Seal encrypts plaintext under a label that must be given again to open it.
// The result is 28 bytes longer.
func (s *Secret) Seal(label string, plaintext []byte) []byte {
	return s.aead.Seal(nil, nil, plaintext, []byte(label))
}

// Open decrypts what Seal gave under the same label; [ErrSealed].
func (s *Secret) Open(label string, sealed []byte) ([]byte, error) {
	if len(sealed) < s.aead.Overhead() {
		return nil, ErrSealed
	}
	plaintext, err := s.aead.Open(nil, nil, sealed, []byte(label))
	if err != nil {
		return nil, ErrSealed
	}
	return plaintext, nil
}

// MAC authenticates message: HMAC-SHA256.
func (s *Secret) MAC(message []byte) [32]byte {
	mac := s.macs.Get().(hash.Hash)
	defer s.macs.Put(mac)
	mac.Reset()
	mac.Write(message)
	var out [32]byte
	mac.Sum(out[:0])
	return out
}

// Authentic tells, in constant time, whether tag is the MAC of message.
func (s *Secret) Authentic(message, tag []byte) bool {
	want := s.MAC(message)
	return hmac.Equal(want[:], tag)
}

// Format hides the secret, whatever the verb.
func (s *Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "keyring.Secret(hidden)") }

// LogValue hides the secret.
func (s *Secret) LogValue() slog.Value { return slog.StringValue("keyring.Secret(hidden)") }
