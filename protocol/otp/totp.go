package otp

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"
)

// ErrKey reports a key that no code may be checked with.
var ErrKey = errors.New("not a usable one-time-password key")

// Algorithm is the hash under the HMAC (RFC 6238 §1.2).
type Algorithm string

// The algorithms. Many apps ignore what the address says and use SHA1, so new
// keys do; its weakness is about collisions, which an HMAC does not rest on.
const (
	SHA1   Algorithm = "SHA1"
	SHA256 Algorithm = "SHA256"
	SHA512 Algorithm = "SHA512"
)

// Bounds of a key. RFC 4226 §4 wants 128 bits at least, and new keys have more;
// but many systems gave their people 80, and what stands in a person's app cannot
// be made longer. 80 bits are far beyond guessing all the same.
const (
	minSecret = 10
	maxSecret = 128
	newSecret = 20 // RFC 4226 §4 recommends 160 bits
	minPeriod = 15 * time.Second
	maxPeriod = 2 * time.Minute
	drift     = 1 // steps either way
)

// Key is what the customer's app and we share. It may be copied; Secret is
// never changed.
type Key struct {
	Secret    []byte
	Algorithm Algorithm
	Digits    int           // 6 to 8
	Period    time.Duration // of one step, in whole seconds
}

// String keeps the secret out of logs.
func (k Key) String() string { return fmt.Sprintf("one-time-password key of %d bytes", len(k.Secret)) }

// GoString keeps the secret out of logs.
func (k Key) GoString() string { return k.String() }

// NewKey makes a key as every app understands it: 160 bits from rand, SHA1, six
// digits, 30 seconds.
func NewKey(rand io.Reader) (Key, error) {
	k := Key{Secret: make([]byte, newSecret), Algorithm: SHA1, Digits: 6, Period: 30 * time.Second}
	if _, err := io.ReadFull(rand, k.Secret); err != nil {
		return Key{}, fmt.Errorf("making a one-time-password key: %w", err)
	}
	return k, nil
}

// Check refuses a key that is weak or that nobody defined: [ErrKey].
func (k Key) Check() error {
	switch {
	case len(k.Secret) < minSecret || len(k.Secret) > maxSecret:
		return fmt.Errorf("%w: a secret of %d bytes", ErrKey, len(k.Secret))
	case k.hash() == nil:
		return fmt.Errorf("%w: unknown algorithm", ErrKey)
	case k.Digits < 6 || k.Digits > 8:
		return fmt.Errorf("%w: %d digits", ErrKey, k.Digits)
	case k.Period < minPeriod || k.Period > maxPeriod || k.Period%time.Second != 0:
		return fmt.Errorf("%w: steps of %v", ErrKey, k.Period)
	}
	return nil
}

func (k Key) hash() func() hash.Hash {
	switch k.Algorithm {
	case SHA1:
		return sha1.New
	case SHA256:
		return sha256.New
	case SHA512:
		return sha512.New
	}
	return nil
}

// KeyOf is a key that another system made. Zero values stand for what apps take
// for granted: SHA1, six digits, 30 seconds. The algorithm is read in either case,
// with or without a dash or "Hmac" before it. [ErrKey].
func KeyOf(secret []byte, algorithm string, digits, seconds int) (Key, error) {
	k := Key{
		Secret: append([]byte(nil), secret...), Algorithm: algorithmOf(algorithm),
		Digits: cmp.Or(digits, 6), Period: 30 * time.Second,
	}
	if seconds < 0 || seconds > int(maxPeriod/time.Second) {
		return Key{}, fmt.Errorf("%w: steps of %d seconds", ErrKey, seconds)
	}
	if seconds > 0 {
		k.Period = time.Duration(seconds) * time.Second
	}
	return k, k.Check()
}

// algorithmOf reads the names that systems have for the algorithms.
func algorithmOf(name string) Algorithm {
	name = strings.ReplaceAll(strings.ToUpper(name), "-", "")
	return Algorithm(cmp.Or(strings.TrimPrefix(name, "HMAC"), string(SHA1)))
}

// Step is the number of the step that t lies in (RFC 6238 §4.2). The key must
// pass [Key.Check].
func (k Key) Step(t time.Time) int64 { return t.Unix() / int64(k.Period/time.Second) }

// Code is the code of a step: HOTP with the step as the counter (RFC 4226
// §5.3). The key must pass [Key.Check].
func (k Key) Code(step int64) string {
	mac := hmac.New(k.hash(), k.Secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	modulus := uint32(1_000_000)
	for range k.Digits - 6 {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", k.Digits, number%modulus)
}

// Match tells which step's code was typed: one step around now that comes after
// used, the last one that was taken. The caller stores the step before it acts
// on it, so that nobody who saw the code can use it again. Spaces and dashes in
// what was typed do not count. Every candidate is compared, in constant time.
// A key that fails [Key.Check] matches nothing.
func (k Key) Match(typed string, now time.Time, used int64) (step int64, ok bool) {
	if k.Check() != nil {
		return 0, false
	}
	code := digits(typed)
	if len(code) != k.Digits {
		return 0, false
	}
	current := k.Step(now)
	for candidate := current + drift; candidate >= current-drift; candidate-- {
		same := subtle.ConstantTimeCompare([]byte(code), []byte(k.Code(candidate))) == 1
		if same && candidate > used {
			step, ok = candidate, true
		}
	}
	return step, ok
}

// maxTyped is longer than any code with spaces in it.
const maxTyped = 32

// digits gives what was typed without the spaces and dashes that people and
// apps put between groups; empty if there is anything else in it.
func digits(typed string) string {
	if len(typed) > maxTyped {
		return ""
	}
	kept := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\t' || r == '\u00a0' {
			return -1
		}
		return r
	}, typed)
	if strings.Trim(kept, "0123456789") != "" {
		return ""
	}
	return kept
}
