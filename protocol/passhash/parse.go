package passhash

import (
	"errors"
	"strings"
)

// Parse reads a hash whose text says what it is: what Encode wrote, PHC and
// crypt(3) strings, {SCHEME} forms of LDAP and Spring, Django and Werkzeug
// columns, ASP.NET Identity blobs, and the JSON tuples of identity providers.
// Errors are *Error: ErrUnknownScheme, ErrMalformed, or ErrTooCostly when the
// cost exceeds Limits. It does no hashing.
func Parse(encoded string) (*Hash, error) {
	if len(encoded) > Limits.EncodedBytes {
		return nil, tooCostly("", "encoded hash too long")
	}
	switch {
	case strings.HasPrefix(encoded, canonicalPrefix):
		return readCanonical(encoded)
	case strings.HasPrefix(encoded, "$"):
		return parseDollar(encoded)
	case strings.HasPrefix(encoded, "U$"):
		return readPHPass(encoded)
	case isObject(encoded):
		return parseTuple(encoded)
	case strings.HasPrefix(encoded, "{"):
		return parseBraced(encoded)
	}
	return parseBare(encoded)
}

// isObject tells JSON from {SCHEME}.
func isObject(encoded string) bool {
	rest, ok := strings.CutPrefix(encoded, "{")
	return ok && strings.HasPrefix(strings.TrimLeft(rest, " \t\r\n"), "\"")
}

// parseDollar tells modular crypt and PHC strings apart by their first field.
func parseDollar(encoded string) (*Hash, error) {
	kind, _, _ := strings.Cut(encoded[1:], "$")
	switch kind {
	case argon2d, argon2i, argon2id:
		return readArgon2(encoded)
	case "wp":
		return readWordPress(encoded)
	case "scrypt":
		return readScrypt(encoded)
	case "fbscrypt":
		return readFbscrypt(encoded)
	case "firescrypt":
		return readFirescrypt(encoded)
	case "P", "H", "S":
		return readPHPass(encoded)
	case "md5", "sha1", "sha256", "sha512":
		return readKratosDigest(encoded)
	}
	if strings.HasPrefix(kind, "pbkdf2") {
		return readPBKDF2(encoded)
	}
	return readCrypt(encoded)
}

// parseBare serves Django, Werkzeug and ASP.NET, which have no opening mark.
func parseBare(encoded string) (*Hash, error) {
	word, _, _ := strings.Cut(encoded, "$")
	switch word {
	case "pbkdf2_sha256", "pbkdf2_sha1", "argon2", "bcrypt", "bcrypt_sha256", "scrypt", "sha1", "md5":
		return readDjango(encoded)
	}
	if strings.HasPrefix(word, "scrypt:") || strings.HasPrefix(word, "pbkdf2:") {
		return readWerkzeug(encoded)
	}
	if h, err := readASPNetIdentity(encoded); err == nil || errors.Is(err, ErrTooCostly) {
		return h, err
	}
	return nil, &Error{Kind: ErrUnknownScheme, Reason: "no known format"}
}
