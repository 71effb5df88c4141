package otp

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Recovery codes. 32 letters and digits that cannot be taken for one another
// give five bits each; twelve of them give 60.
const (
	recoveryAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	recoveryLetters  = 12
	// RecoveryCodes is how many a customer gets at once.
	RecoveryCodes = 10
	maxRecovery   = 64 // in a stored set
)

// ErrRecovery reports bytes that [RecoverySet.Encode] did not give.
var ErrRecovery = errors.New("not a set of recovery codes")

type recoveryHash = [sha256.Size]byte

// RecoverySet is what is stored of a customer's unused recovery codes.
//
// The codes are random, so nothing is won by guessing likely ones and a slow
// hash would only tax us. What helps is a salt: without one, a thief of a
// million customers' hashes tries each guess at ten million codes at once, and
// 60 bits are worth 37. With a salt for each set they are worth 57, one set
// after the other. One salt for a set, rather than for each code, lets a check
// hash once instead of ten times, at the price of those three bits. The set is
// sealed at rest besides.
//
// Codes of another system stand beside ours, as far as that gave them away: see
// [ForeignRecovery].
type RecoverySet struct {
	salt    [16]byte
	hashes  []recoveryHash
	foreign []foreignCode
}

// NewRecovery makes codes, which are shown once and not kept, and their set.
func NewRecovery(rand io.Reader) (codes []string, set RecoverySet, err error) {
	if _, err := io.ReadFull(rand, set.salt[:]); err != nil {
		return nil, RecoverySet{}, fmt.Errorf("making recovery codes: %w", err)
	}
	for range RecoveryCodes {
		var chance [recoveryLetters]byte
		if _, err := io.ReadFull(rand, chance[:]); err != nil {
			return nil, RecoverySet{}, fmt.Errorf("making recovery codes: %w", err)
		}
		for i, b := range chance {
			chance[i] = recoveryAlphabet[b%32] // 32 divides 256: no letter is likelier
		}
		code := string(chance[:])
		set.hashes = append(set.hashes, set.hash(code))
		codes = append(codes, code[:4]+"-"+code[4:8]+"-"+code[8:])
	}
	return codes, set, nil
}

func (s RecoverySet) hash(code string) recoveryHash {
	return sha256.Sum256(append(s.salt[:len(s.salt):len(s.salt)], code...))
}

// Left is how many codes are unused.
func (s RecoverySet) Left() int { return len(s.hashes) + len(s.foreign) }

// Take gives the set without the code that was typed; false if that is none of
// it. The caller stores the smaller set before it acts on it. Case, spaces and
// dashes do not count, and o, i and l are read as the digits that they look
// like. All codes are compared, in constant time.
func (s RecoverySet) Take(typed string) (RecoverySet, bool) {
	code, ok := recoveryText(typed)
	if !ok {
		return s.takeForeign(typed)
	}
	sum, found := s.hash(code), -1
	for i := range s.hashes {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(sum[:], s.hashes[i][:]), i, found)
	}
	if found < 0 {
		return s.takeForeign(typed)
	}
	rest := RecoverySet{salt: s.salt, foreign: s.foreign}
	rest.hashes = append(append(rest.hashes, s.hashes[:found]...), s.hashes[found+1:]...)
	return rest, true
}

// recoveryText is what was typed in the one form that is hashed.
func recoveryText(typed string) (string, bool) {
	if len(typed) > 64 {
		return "", false
	}
	typed = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\t', '\u00a0':
			return -1
		case 'o':
			return '0'
		case 'i', 'l':
			return '1'
		}
		return r
	}, strings.ToLower(typed))
	return typed, len(typed) == recoveryLetters && strings.Trim(typed, recoveryAlphabet) == ""
}

const recoveryVersion = 1

// Encode gives the set as bytes: a version, the salt, the hashes. One with codes
// of another system has a version of its own.
func (s RecoverySet) Encode() []byte {
	if len(s.foreign) > 0 {
		return s.encodeForeign()
	}
	encoded := append([]byte{recoveryVersion}, s.salt[:]...)
	for i := range s.hashes {
		encoded = append(encoded, s.hashes[i][:]...)
	}
	return encoded
}

// DecodeRecovery reads what Encode gave: [ErrRecovery].
func DecodeRecovery(encoded []byte) (RecoverySet, error) {
	var s RecoverySet
	head := 1 + len(s.salt)
	if len(encoded) > head && encoded[0] == foreignVersion {
		return decodeForeign(encoded)
	}
	if len(encoded) < head || encoded[0] != recoveryVersion || (len(encoded)-head)%sha256.Size != 0 ||
		(len(encoded)-head)/sha256.Size > maxRecovery {
		return s, ErrRecovery
	}
	copy(s.salt[:], encoded[1:])
	for rest := encoded[head:]; len(rest) > 0; rest = rest[sha256.Size:] {
		s.hashes = append(s.hashes, recoveryHash(rest))
	}
	return s, nil
}
