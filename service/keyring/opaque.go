package keyring

import (
	"context"
	"crypto/cipher"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"sallyport/protocol/jose"
	"sallyport/store"
)

// OpaqueAlgorithm stands for XChaCha20-Poly1305 among the algorithms of a server's
// keys. Nothing is signed with it; its keys rotate as those of signatures do.
const OpaqueAlgorithm jose.Algorithm = "XC20P"

// OpaquePrefix begins every opaque token: no JWT and no other token begins so.
const OpaquePrefix = "at_"

// opaqueLabel is authenticated with every opaque token.
const opaqueLabel = "sallyport access token"

// ErrTooLarge: what is to be sealed would be longer than a token may be.
var ErrTooLarge = errors.New("token too large")

// Opaque seals the access tokens of one authorization server so that nobody else
// can read them, and opens them. A nonce of 192 random bits is drawn for each
// (XChaCha20-Poly1305), so that no number of tokens is too many for a key. It is
// immutable, shared and redacts itself.
type Opaque struct {
	Serial uint64 // differs whenever the keys that open do: caches compare it

	seal  cipher.AEAD // nil without a current key
	open  []cipher.AEAD
	keys  string // ids of open
	until time.Time
}

// Algorithm is [OpaqueAlgorithm].
func (o *Opaque) Algorithm() jose.Algorithm { return OpaqueAlgorithm }

// Sign seals payload; it is called so because it does for an opaque token what
// signing does for a JWT. Errors: [ErrNoKey], [ErrTooLarge], those of rand.
func (o *Opaque) Sign(rand io.Reader, payload []byte) (string, error) {
	if o.seal == nil {
		return "", fmt.Errorf("%w: %s", ErrNoKey, OpaqueAlgorithm)
	}
	if OpaqueLength(len(payload)) > jose.MaxTokenBytes {
		return "", ErrTooLarge
	}
	sealed := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(payload)+chacha20poly1305.Overhead)
	if _, err := io.ReadFull(rand, sealed); err != nil {
		return "", fmt.Errorf("no randomness: %w", err)
	}
	sealed = o.seal.Seal(sealed, sealed, payload, []byte(opaqueLabel))
	token := make([]byte, 0, OpaqueLength(len(payload)))
	return string(base64.RawURLEncoding.AppendEncode(append(token, OpaquePrefix...), sealed)), nil
}

// Open gives the payload of a token that Sign made, by the current key, the next
// one or one whose tokens may be alive; [ErrSealed] otherwise. A token has one
// spelling.
func (o *Opaque) Open(token string) ([]byte, error) {
	encoded, ours := strings.CutPrefix(token, OpaquePrefix)
	if !ours || len(token) > jose.MaxTokenBytes || strings.ContainsAny(encoded, "\r\n") {
		return nil, ErrSealed
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || len(sealed) < chacha20poly1305.NonceSizeX+chacha20poly1305.Overhead {
		return nil, ErrSealed
	}
	nonce, sealed := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	for _, key := range o.open {
		if payload, err := key.Open(nil, nonce, sealed, []byte(opaqueLabel)); err == nil {
			return payload, nil
		}
	}
	return nil, ErrSealed
}

// Format hides the keys, whatever the verb.
func (o *Opaque) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "keyring.Opaque(hidden)") }

// OpaqueLength is how long a token with so many bytes of payload is.
func OpaqueLength(payload int) int {
	return len(OpaquePrefix) + base64.RawURLEncoding.EncodedLen(chacha20poly1305.NonceSizeX+payload+chacha20poly1305.Overhead)
}

// Sealing lends what seals the opaque tokens of a server, making a current and a
// next key where they are missing.
func (r *Ring) Sealing(ctx context.Context, env store.EnvironmentID, server string) (*Opaque, error) {
	return r.opaqueOf(ctx, owner{env, server}, []jose.Algorithm{OpaqueAlgorithm})
}

// Opening lends what opens them. It makes no key: a server that never sealed has
// nothing to open, and opens nothing.
func (r *Ring) Opening(ctx context.Context, env store.EnvironmentID, server string) (*Opaque, error) {
	return r.opaqueOf(ctx, owner{env, server}, nil)
}

func (r *Ring) opaqueOf(ctx context.Context, server owner, needed []jose.Algorithm) (*Opaque, error) {
	if loaded := r.lentOpaque(server, needed); loaded != nil {
		return loaded, nil
	}
	r.making.Lock()
	defer r.making.Unlock()
	if loaded := r.lentOpaque(server, needed); loaded != nil { // by whoever held making before
		return loaded, nil
	}
	keys, epoch, err := r.complete(ctx, server, needed)
	if err != nil {
		return nil, err
	}
	return r.assembleOpaque(ctx, server, keys, epoch)
}

// lentOpaque gives what is loaded for a server, if it will do.
func (r *Ring) lentOpaque(server owner, needed []jose.Algorithm) *Opaque {
	r.mu.RLock()
	loaded := r.opaque[server]
	r.mu.RUnlock()
	if loaded == nil || len(needed) > 0 && loaded.seal == nil || !r.cfg.Now().Before(loaded.until) {
		return nil
	}
	return loaded
}

// assembleOpaque opens the keys and remembers them, unless they changed since
// they were read at epoch. The newest come first, as most tokens are theirs.
func (r *Ring) assembleOpaque(ctx context.Context, server owner, keys []store.Key, epoch uint64) (*Opaque, error) {
	now := r.cfg.Now()
	o := &Opaque{until: now.Add(keepFor)}
	for _, state := range []store.KeyState{store.KeyCurrent, store.KeyOld, store.KeyNext} {
		for _, key := range keys {
			if key.Algorithm != string(OpaqueAlgorithm) || key.State != state || state == store.KeyOld && !key.Expires.After(now) {
				continue
			}
			if state == store.KeyOld && key.Expires.Before(o.until) {
				o.until = key.Expires
			}
			raw, err := r.open(ctx, server.env, key)
			if err != nil {
				return nil, err
			}
			aead, err := chacha20poly1305.NewX(raw)
			if err != nil {
				return nil, fmt.Errorf("%w: key %s of %s", ErrMaster, key.ID, key.Owner)
			}
			o.open, o.keys = append(o.open, aead), o.keys+" "+key.ID
			if state == store.KeyCurrent {
				o.seal = aead
			}
		}
	}
	return r.rememberOpaque(server, o, epoch), nil
}

// rememberOpaque keeps o, with the serial of what was loaded before if it opens
// with the same keys.
func (r *Ring) rememberOpaque(server owner, o *Opaque, epoch uint64) *Opaque {
	r.mu.Lock()
	defer r.mu.Unlock()
	if before := r.opaque[server]; before != nil && before.keys == o.keys {
		o.Serial = before.Serial
	} else {
		r.serial++
		o.Serial = r.serial
	}
	if r.epoch == epoch {
		r.opaque[server] = o
	}
	return o
}

func (r *Ring) makeOpaqueKey(ctx context.Context, name owner, state store.KeyState) error {
	raw := make([]byte, chacha20poly1305.KeySize)
	var id [8]byte
	for _, fresh := range [][]byte{raw, id[:]} {
		if _, err := io.ReadFull(r.cfg.Rand, fresh); err != nil {
			return err
		}
	}
	now := r.cfg.Now()
	key := store.Key{
		Owner: name.name, ID: hex.EncodeToString(id[:]), Algorithm: string(OpaqueAlgorithm), State: state, Created: now,
	}
	if state == store.KeyCurrent {
		key.Activated = now
	}
	var err error
	if key.Sealed, err = r.cfg.Master.Seal(ctx, name.env, row(key.Owner, key.ID), raw); err != nil {
		return err
	}
	return r.put(ctx, name.env, key)
}
