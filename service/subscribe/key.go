package subscribe

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Key is a subscription key: "spk_" and 256 random bits. It hides itself in
// logs and in text made by package fmt.
type Key string

const (
	keyPrefix = "spk_" // lets scanners of source code find leaked ones
	keyBytes  = 32
)

var keyLength = len(keyPrefix) + base64.RawURLEncoding.EncodedLen(keyBytes)

func newKey(random io.Reader) (Key, error) {
	var raw [keyBytes]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return "", fmt.Errorf("no randomness: %w", err)
	}
	return Key(keyPrefix + base64.RawURLEncoding.EncodeToString(raw[:])), nil
}

// looksRight spares the store what cannot be a key.
func looksRight(text string) bool {
	return len(text) == keyLength && strings.HasPrefix(text, keyPrefix)
}

// digest is what is kept of a key. It has 256 random bits, so nothing slower
// than SHA-256 would make guessing harder.
func (k Key) digest() [32]byte { return sha256.Sum256([]byte(k)) }

// Reveal gives the key itself, to be shown once.
func (k Key) Reveal() string { return string(k) }

// String hides the key.
func (k Key) String() string { return keyPrefix + "…" }

// GoString hides the key.
func (k Key) GoString() string { return k.String() }

// LogValue hides the key.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }
