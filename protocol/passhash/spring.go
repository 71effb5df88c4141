package passhash

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// parseSpring reads a value of Spring Security's DelegatingPasswordEncoder.
// mine is false when the id, or the look of the value, is LDAP's instead.
func parseSpring(id, value string) (h *Hash, err error, mine bool) {
	switch id {
	case "bcrypt":
		h, err = readBcrypt(value)
	case "noop":
		h, err = readPlain(value)
	case "ldap":
		h, err = parseBraced("{" + strings.TrimPrefix(value, "{"))
	case "argon2", "argon2@SpringSecurity_v5_8":
		h, err = readArgon2(value)
	case "scrypt", "scrypt@SpringSecurity_v5_8":
		h, err = readSpringScrypt(value)
	case "pbkdf2":
		h, err = readSpringPBKDF2(value, Params{})
	case "pbkdf2@SpringSecurity_v5_8":
		h, err = springPBKDF2(value, sha256Digest, 310_000, 16, nil)
	case "sha256":
		if len(value) != 80 {
			return nil, nil, false
		}
		h, err = readSpringStandard(value)
	case "MD4", "MD5", "SHA-1", "SHA-256":
		return springMessageDigest(id, value)
	default:
		return nil, nil, false
	}
	return h, err, true
}

// readPlain takes a password kept in the clear, and keeps it as a SHA-256 digest
// only, so that nothing we store or hold could be read back.
func readPlain(value string) (*Hash, error) {
	sum := sha256.Sum256([]byte(value))
	return saltedDigest(sha256Digest, sum[:], nil, nil)
}

// springMessageDigest reads MessageDigestPasswordEncoder's {salt}hex, where the
// braces are part of what is hashed, or hex alone. {MD5} with base64 is LDAP's.
func springMessageDigest(id, value string) (*Hash, error, bool) {
	fn := digest(strings.ToLower(strings.ReplaceAll(id, "-", "")))
	salt := ""
	if end := strings.LastIndexByte(value, '}'); strings.HasPrefix(value, "{") && end > 0 {
		salt, value = value[:end+1], value[end+1:]
	} else if len(value) != hex.EncodedLen(fn.size()) {
		return nil, nil, false
	}
	sum, ok := unhex(value)
	if !ok {
		return nil, malformed(fn.scheme(), "digest is not hexadecimal"), true
	}
	h, err := saltedDigest(fn, sum, nil, []byte(salt))
	return h, err, true
}

// readSpringStandard reads StandardPasswordEncoder's hex(salt8‖sha256^1024).
func readSpringStandard(value string) (*Hash, error) {
	raw, ok := unhex(value)
	if !ok || len(raw) != 40 {
		return nil, malformed("sha256", "not hexadecimal of 40 bytes")
	}
	return build(raw[8:], before(raw[:8]), digestStep{fn: sha256Digest, rounds: 1024})
}

// readSpringPBKDF2 reads the encoder's old default; secret and rounds are the
// application's.
func readSpringPBKDF2(value string, p Params) (*Hash, error) {
	rounds := 185_000
	if p.Rounds > 0 {
		rounds = p.Rounds
	}
	return springPBKDF2(strings.TrimPrefix(value, "{pbkdf2}"), sha1Digest, rounds, 8, p.Pepper)
}

func springPBKDF2(value string, fn digest, rounds, saltBytes int, secret []byte) (*Hash, error) {
	raw, ok := unhex(value)
	if !ok || len(raw) != saltBytes+32 {
		return nil, malformed("pbkdf2", "not hexadecimal of salt and 32 bytes")
	}
	salt := append(raw[:saltBytes:saltBytes], secret...)
	return pbkdf2Of(fn, rounds, salt, raw[saltBytes:])
}

// readSpringScrypt reads $params$salt$sum, params packing log2 N, r and p.
func readSpringScrypt(value string) (*Hash, error) {
	f := strings.Split(value, "$")
	if len(f) != 4 || f[0] != "" || len(f[1]) > 6 {
		return nil, malformed("scrypt", "wrong fields")
	}
	packed := 0
	for _, c := range f[1] {
		v := strings.IndexRune("0123456789abcdef", c)
		if v < 0 {
			return nil, malformed("scrypt", "parameters unreadable")
		}
		packed = packed<<4 | v
	}
	salt, okSalt := unbase64(f[2])
	sum, okSum := unbase64(f[3])
	if !okSalt || !okSum {
		return nil, malformed("scrypt", "salt or digest unreadable")
	}
	return scryptOf(packed>>16, packed>>8&0xff, packed&0xff, salt, sum)
}
