package breach

import (
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
)

// Key stands for a password: the first 64 bits of its SHA-1. That SHA-1 has collisions
// does not matter: whoever makes two passwords with one key has one more refused.
type Key uint64

// KeyOf gives the key of a password.
func KeyOf(password []byte) Key {
	sum := sha1.Sum(password)
	return Key(binary.BigEndian.Uint64(sum[:]))
}

// keyOfDigest reads a SHA-1 in hexadecimal.
func keyOfDigest(text []byte) (Key, bool) {
	var sum [sha1.Size]byte
	if len(text) != 2*len(sum) {
		return 0, false
	}
	if _, err := hex.Decode(sum[:], text); err != nil {
		return 0, false
	}
	return Key(binary.BigEndian.Uint64(sum[:])), true
}
