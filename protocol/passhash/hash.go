package passhash

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
)

// Scheme names an algorithm ("bcrypt", "argon2id", "pbkdf2", "salted-sha1") or,
// for ParseAs, a format in which one is written ("django-md5", "okta-hash-md5").
type Scheme string

// Hash is a parsed password hash within Limits. It never changes, so it may be
// shared between goroutines. Printing or logging it shows scheme and cost only.
type Hash struct {
	steps []step
	sum   []byte
}

// build makes a Hash of steps that end in sum, or says why it may not be one.
func build(sum []byte, steps ...step) (*Hash, error) {
	if len(steps) == 0 || len(steps) > maxSteps {
		return nil, malformed("", "wrong number of steps")
	}
	h := &Hash{steps: steps, sum: sum}
	if err := h.checkShape(); err != nil {
		return nil, err
	}
	for _, s := range steps {
		if err := s.check(h.Scheme()); err != nil {
			return nil, err
		}
	}
	last := steps[len(steps)-1]
	switch {
	case len(sum) < Limits.MinSumBytes:
		return nil, malformed(h.Scheme(), "digest too short")
	case len(sum) > Limits.SumBytes || len(sum) != last.size():
		return nil, malformed(h.Scheme(), "digest has the wrong length")
	}
	return h, nil
}

// checkShape allows transforms, one algorithm, and possibly our own Argon2id.
func (h *Hash) checkShape() error {
	algorithms := 0
	for _, s := range h.steps {
		if s.size() == 0 && algorithms > 0 {
			return malformed("", "a transform behind the algorithm")
		}
		if s.size() == 0 {
			continue
		}
		algorithms++
		if a, ours := s.(argon2Step); algorithms > 1 && (!ours || a.kind != argon2id || a.version != 0x13) {
			return malformed("", "only argon2id may wrap")
		}
	}
	if algorithms != 1 && algorithms != 2 {
		return malformed("", "wrong number of algorithms")
	}
	return nil
}

// derive runs the password through every step.
func (h *Hash) derive(password []byte) ([]byte, error) {
	if len(password) > Limits.PasswordBytes {
		return nil, badPassword(h.Scheme(), "too long")
	}
	// Transforms may append: the caller's array must not be written to.
	text := password[:len(password):len(password)]
	for _, s := range h.steps {
		var err error
		if text, err = s.apply(text); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// Verify tells whether password is the one hashed, comparing in constant time.
// The bytes are taken as they are. It is false with an error wrapping
// ErrPassword when the scheme cannot take this password at all; for bcrypt only
// the first 72 bytes count, for DES the first 8, as for everyone else.
func (h *Hash) Verify(password []byte) (bool, error) {
	sum, err := h.derive(password)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(sum, h.sum) == 1, nil
}

// Scheme names the algorithm; a wrapped one is named "wrapped-" and the inner.
func (h *Hash) Scheme() Scheme {
	name, wrapped, salted := Scheme(""), false, false
	for _, s := range h.steps {
		t, isTransform := s.(transform)
		switch {
		case isTransform:
			salted = salted || t.kind == prefix || t.kind == suffix
		case name == "":
			name = s.scheme()
		default:
			wrapped = true
		}
	}
	if _, plain := h.algorithm().(digestStep); plain && salted {
		name = "salted-" + name
	}
	if wrapped {
		name = "wrapped-" + name
	}
	return name
}

// algorithm is the first step that is more than a transform.
func (h *Hash) algorithm() step {
	for _, s := range h.steps {
		if s.size() > 0 {
			return s
		}
	}
	return nil
}

// Weak tells whether a guess costs less than about a millisecond, so that the
// hash should lie wrapped in Argon2id until its owner signs in.
func (h *Hash) Weak() bool {
	for _, s := range h.steps {
		if s.strong() {
			return false
		}
	}
	return true
}

// Encode gives the storage string, which Parse reads back. A hash has exactly
// one: plain bcrypt and Argon2 keep their well-known form, all else is written
//
//	$sallyport$v=1$step,key=value;step...$sum
//
// with base64url values. It holds salts, peppers and keys: seal it at rest.
func (h *Hash) Encode() string {
	if n, ok := h.steps[0].(interface{ native(sum []byte) string }); ok && len(h.steps) == 1 {
		return n.native(h.sum)
	}
	return canonicalPrefix + encodeSteps(h.steps) + "$" + base64.RawURLEncoding.EncodeToString(h.sum)
}

// String gives scheme and cost, never salt or sum.
func (h Hash) String() string {
	parts := []string{string(h.Scheme())}
	for _, s := range h.steps {
		if c := s.cost(); c != "" {
			parts = append(parts, c)
		}
	}
	return strings.Join(parts, " ")
}

// Format prints String whatever the verb, %#v and %x included.
func (h Hash) Format(f fmt.State, _ rune) { fmt.Fprint(f, h.String()) }

// LogValue is String, for slog.
func (h Hash) LogValue() slog.Value { return slog.StringValue(h.String()) }
