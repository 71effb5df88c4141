package otp

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"sallyport/protocol/passhash"
)

// ErrForeign reports a recovery code of another system that nobody could ever
// prove here.
var ErrForeign = errors.New("not a recovery code that can be checked")

// ForeignCode is a recovery code that another system gave away: in clear, or as
// the digest that it keeps.
type ForeignCode struct {
	Plain  string
	Digest []byte // raw, or as text in base64 or hex; a text that passhash.Parse reads
	Scheme string // of Digest: "sha256", "sha512" (one pass, no salt), or empty for passhash
}

// Bounds of what is taken over.
const (
	minForeign     = 6  // letters of a code in clear
	maxTypedCode   = 64 // bytes, of one in clear and of what is typed
	maxForeignHash = 1024
	maxSlow        = 16 // codes in one set that cost a password hash each
)

type foreignKind byte

const (
	foreignPlain  foreignKind = 1 // salted as ours are, of a code in one spelling
	foreignSHA256 foreignKind = 2
	foreignSHA512 foreignKind = 3
	foreignHash   foreignKind = 4 // an encoded password hash
)

type foreignCode struct {
	kind foreignKind
	sum  []byte
}

// ForeignRecovery makes a set of codes that another system gave its people. Those
// in clear are hashed as ours are and forgotten. Codes that could never be proved
// here, or that are more than a set holds, are left out, and left tells how many; if
// none remains, or there are none, the error is [ErrForeign]. Errors hold no code.
func ForeignRecovery(rand io.Reader, codes []ForeignCode) (s RecoverySet, left int, err error) {
	if _, err := io.ReadFull(rand, s.salt[:]); err != nil {
		return s, 0, fmt.Errorf("taking recovery codes over: %w", err)
	}
	slow, why := 0, ErrForeign
	for _, code := range codes {
		if len(s.foreign) == maxRecovery {
			break
		}
		f, err := s.adopt(code)
		if f.kind == foreignHash {
			slow++
		}
		switch {
		case err != nil:
			why = err
		case slow <= maxSlow || f.kind != foreignHash:
			s.foreign = append(s.foreign, f)
		}
	}
	if len(s.foreign) == 0 {
		return RecoverySet{}, len(codes), why
	}
	return s, len(codes) - len(s.foreign), nil
}

func (s RecoverySet) adopt(code ForeignCode) (foreignCode, error) {
	switch {
	case code.Plain != "" && len(code.Digest) > 0:
		return foreignCode{}, fmt.Errorf("%w: both in clear and as a digest", ErrForeign)
	case code.Plain != "":
		text := oneSpelling(code.Plain)
		if len(text) < minForeign || len(code.Plain) > maxTypedCode {
			return foreignCode{}, fmt.Errorf("%w: %d letters", ErrForeign, len(text))
		}
		sum := s.hash(text)
		return foreignCode{foreignPlain, sum[:]}, nil
	}
	switch strings.ReplaceAll(strings.ToLower(code.Scheme), "-", "") {
	case "sha256":
		return fromDigest(foreignSHA256, code.Digest, sha256.Size)
	case "sha512", "rs512": // the second is a misnomer of Keycloak's
		return fromDigest(foreignSHA512, code.Digest, sha512.Size)
	}
	hash, err := passhash.Parse(string(code.Digest))
	if err != nil || len(hash.Encode()) > maxForeignHash {
		return foreignCode{}, fmt.Errorf("%w: unknown digest", ErrForeign)
	}
	return foreignCode{foreignHash, []byte(hash.Encode())}, nil
}

// fromDigest reads a digest raw or as text. No length is both.
func fromDigest(kind foreignKind, digest []byte, size int) (foreignCode, error) {
	if len(digest) == size {
		return foreignCode{kind, slices.Clone(digest)}, nil
	}
	text := strings.TrimRight(string(digest), "=")
	for _, decode := range []func(string) ([]byte, error){
		hex.DecodeString, base64.RawStdEncoding.Strict().DecodeString, base64.RawURLEncoding.Strict().DecodeString,
	} {
		if raw, err := decode(text); err == nil && len(raw) == size {
			return foreignCode{kind, raw}, nil
		}
	}
	return foreignCode{}, fmt.Errorf("%w: a digest of %d bytes", ErrForeign, len(digest))
}

// oneSpelling is a code without what people change when they copy one.
func oneSpelling(typed string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\t', '\u00a0':
			return -1
		}
		return r
	}, strings.ToLower(typed))
}

// spellings are what may have been hashed of a code that was typed: as it stands,
// and as people change it, who leave dashes out and do not mind case.
func spellings(typed string) []string {
	typed = strings.TrimSpace(typed)
	bare := strings.NewReplacer(" ", "", "-", "").Replace(typed)
	var all []string
	for _, text := range []string{typed, bare, strings.ToUpper(typed), strings.ToUpper(bare), strings.ToLower(typed), strings.ToLower(bare)} {
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// Slow tells whether Take may cost a password hash for each code.
func (s RecoverySet) Slow() bool {
	return slices.ContainsFunc(s.foreign, func(f foreignCode) bool { return f.kind == foreignHash })
}

// takeForeign is Take for codes of another system.
func (s RecoverySet) takeForeign(typed string) (RecoverySet, bool) {
	if len(s.foreign) == 0 || len(typed) > maxTypedCode || strings.TrimSpace(typed) == "" {
		return s, false
	}
	rest := RecoverySet{salt: s.salt, hashes: s.hashes}
	all, plain := spellings(typed), s.hash(oneSpelling(typed))
	for _, f := range s.foreign {
		if f.matches(plain[:], all) == 0 { // of a code that is there in two forms, none stays
			rest.foreign = append(rest.foreign, f)
		}
	}
	if len(rest.foreign) == len(s.foreign) {
		return s, false
	}
	return rest, true
}

// matches gives 1 if one of the spellings is the code, else 0.
func (f foreignCode) matches(plain []byte, spelt []string) (same int) {
	switch f.kind {
	case foreignPlain:
		return subtle.ConstantTimeCompare(plain, f.sum)
	case foreignSHA256:
		for _, text := range spelt {
			sum := sha256.Sum256([]byte(text))
			same |= subtle.ConstantTimeCompare(sum[:], f.sum)
		}
	case foreignSHA512:
		for _, text := range spelt {
			sum := sha512.Sum512([]byte(text))
			same |= subtle.ConstantTimeCompare(sum[:], f.sum)
		}
	case foreignHash:
		hash, err := passhash.Parse(string(f.sum))
		if err != nil {
			return 0
		}
		for _, text := range spelt[:min(len(spelt), 2)] { // each is slow: as typed, and without dashes
			if match, _ := hash.Verify([]byte(text)); match {
				return 1
			}
		}
	}
	return same
}

const foreignVersion = 2

// encodeForeign: the version, the salt, how many are ours, ours, then of each
// other its kind, its length in two bytes, and itself.
func (s RecoverySet) encodeForeign() []byte {
	encoded := append([]byte{foreignVersion}, s.salt[:]...)
	encoded = append(encoded, byte(len(s.hashes)))
	for i := range s.hashes {
		encoded = append(encoded, s.hashes[i][:]...)
	}
	for _, f := range s.foreign {
		encoded = append(encoded, byte(f.kind))
		encoded = binary.BigEndian.AppendUint16(encoded, uint16(len(f.sum)))
		encoded = append(encoded, f.sum...)
	}
	return encoded
}

// decodeForeign reads what encodeForeign gave, whose caller saw its version.
func decodeForeign(encoded []byte) (RecoverySet, error) {
	var s RecoverySet
	rest := encoded[1:]
	rest = rest[copy(s.salt[:], rest):]
	if len(rest) == 0 || int(rest[0]) > maxRecovery || len(rest) < 1+int(rest[0])*sha256.Size {
		return RecoverySet{}, ErrRecovery
	}
	ours := int(rest[0])
	for rest = rest[1:]; len(s.hashes) < ours; rest = rest[sha256.Size:] {
		s.hashes = append(s.hashes, recoveryHash(rest))
	}
	for len(rest) > 0 {
		if len(rest) < 3 || len(s.foreign) == maxRecovery {
			return RecoverySet{}, ErrRecovery
		}
		f, length := foreignCode{kind: foreignKind(rest[0])}, int(binary.BigEndian.Uint16(rest[1:]))
		if rest = rest[3:]; len(rest) < length || !f.kind.fits(length) {
			return RecoverySet{}, ErrRecovery
		}
		f.sum, rest = slices.Clone(rest[:length]), rest[length:]
		s.foreign = append(s.foreign, f)
	}
	if len(s.foreign) == 0 { // then it has the other version
		return RecoverySet{}, ErrRecovery
	}
	return s, nil
}

func (k foreignKind) fits(length int) bool {
	switch k {
	case foreignPlain, foreignSHA256:
		return length == sha256.Size
	case foreignSHA512:
		return length == sha512.Size
	case foreignHash:
		return length > 0 && length <= maxForeignHash
	}
	return false
}
