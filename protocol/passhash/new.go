package passhash

import (
	"fmt"
	"io"
	"slices"
)

const (
	newSaltBytes = 16 // RFC 9106 §3.1
	newSumBytes  = 32
)

// New hashes password with Argon2id under a fresh salt from rand and gives the
// PHC string, $argon2id$v=19$…. The caller has already normalised the password.
// It fails when rand does, when cost is out of Limits, or with ErrPassword for
// more than Limits.PasswordBytes: nothing is ever cut off.
func New(rand io.Reader, password []byte, cost Argon2Cost) (string, error) {
	if len(password) > Limits.PasswordBytes {
		return "", badPassword(argon2id, "too long")
	}
	h, err := sealWith(rand, nil, password, cost)
	if err != nil {
		return "", err
	}
	return h.Encode(), nil
}

// Wrap hashes the sum of a weak hash with Argon2id, without knowing the password,
// and gives a string for Parse. Verifying it recomputes the weak sum first, so
// the weak hash itself can be forgotten. A hash that is not Weak is refused with
// ErrNotWeak: its owner would pay twice for nothing.
func Wrap(rand io.Reader, weak *Hash, cost Argon2Cost) (string, error) {
	if !weak.Weak() {
		return "", &Error{Kind: ErrNotWeak, Scheme: weak.Scheme()}
	}
	h, err := sealWith(rand, weak.steps, weak.sum, cost)
	if err != nil {
		return "", err
	}
	return h.Encode(), nil
}

// sealWith puts an Argon2id step behind steps, of which text is the outcome.
func sealWith(rand io.Reader, steps []step, text []byte, cost Argon2Cost) (*Hash, error) {
	if err := cost.check(argon2id); err != nil {
		return nil, err
	}
	salt := make([]byte, newSaltBytes)
	if _, err := io.ReadFull(rand, salt); err != nil {
		return nil, fmt.Errorf("passhash: reading a salt: %w", err)
	}
	s := argon2Step{kind: argon2id, version: 0x13, work: cost, salt: salt, length: newSumBytes}
	sum, err := s.apply(text)
	if err != nil {
		return nil, err
	}
	return build(sum, append(slices.Clone(steps), s)...)
}

// NeedsRehash tells whether encoded should be replaced by New at the next
// sign-in: whenever it is not one Argon2id of the present version with at least
// this memory and time, these lanes, and a salt and sum as long as New makes.
func NeedsRehash(encoded string, cost Argon2Cost) bool {
	h, err := Parse(encoded)
	if err != nil || len(h.steps) != 1 {
		return true
	}
	s, ok := h.steps[0].(argon2Step)
	return !ok || s.kind != argon2id || s.version != 0x13 ||
		s.work.MemoryKiB < cost.MemoryKiB || s.work.Time < cost.Time || s.work.Threads != cost.Threads ||
		len(s.salt) < newSaltBytes || s.length < newSumBytes
}
