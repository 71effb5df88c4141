package passhash

import (
	"encoding/json"
	"strings"
)

// encodedText is a value with the name of its encoding, as Auth0 writes it.
type encodedText struct{ Value, Encoding string }

func (t encodedText) bytes() ([]byte, bool) {
	switch t.Encoding {
	case "hex":
		return unhex(t.Value)
	case "base64":
		return unbase64(t.Value)
	case "utf8", "":
		return []byte(t.Value), true
	}
	return nil, false
}

// auth0Tuple is custom_password_hash of Auth0's bulk import.
type auth0Tuple struct {
	Algorithm string
	Hash      struct {
		encodedText
		Digest string
		Key    encodedText
	}
	Salt struct {
		encodedText
		Position string
	}
	Password                                 struct{ Encoding string }
	Keylen, Cost, BlockSize, Parallelization *int
}

func readAuth0(encoded string) (*Hash, error) {
	var t auth0Tuple
	if json.Unmarshal([]byte(encoded), &t) != nil {
		return nil, malformed("auth0", "not a JSON tuple of Auth0")
	}
	switch t.Algorithm {
	case "argon2":
		return readArgon2(t.Hash.Value)
	case "bcrypt":
		return readBcrypt(t.Hash.Value)
	case "pbkdf2":
		return readPBKDF2(t.Hash.Value)
	case "ldap":
		return readAuth0LDAP(t.Hash.Value)
	}
	sum, okSum := t.Hash.bytes()
	salt, okSalt := t.Salt.bytes()
	pre, okCharset := Charset(t.Password.Encoding).steps()
	if !okSum || !okSalt || !okCharset {
		return nil, malformed("auth0", "hash, salt or password encoding unreadable")
	}
	if t.Algorithm == "scrypt" {
		return t.scrypt(salt, sum, pre)
	}
	var front, back []byte
	switch t.Salt.Position {
	case "", "prefix":
		front = salt
	case "suffix":
		back = salt
	default:
		return nil, malformed("auth0", "salt position unknown")
	}
	if t.Algorithm != "hmac" {
		return saltedDigest(digest(t.Algorithm), sum, front, back, pre...)
	}
	key, ok := t.Hash.Key.bytes()
	if !ok || len(key) == 0 {
		return nil, malformed("auth0", "hmac key unreadable")
	}
	return build(sum, append(salting(front, back, pre), hmacStep{fn: digest(t.Hash.Digest), key: key})...)
}

func (t auth0Tuple) scrypt(salt, sum []byte, pre []step) (*Hash, error) {
	value := func(p *int, otherwise int) int {
		if p == nil {
			return otherwise
		}
		return *p
	}
	if value(t.Keylen, len(sum)) != len(sum) {
		return nil, malformed("auth0", "keylen is not the length of the hash")
	}
	n, r, p := value(t.Cost, 16384), value(t.BlockSize, 8), value(t.Parallelization, 1)
	return scryptOf(log2(n), r, p, salt, sum, pre...)
}

// readAuth0LDAP reads {MD5}, {SMD5}, {SHA*} and {SSHA*}; Auth0 takes no {CRYPT}.
func readAuth0LDAP(value string) (*Hash, error) {
	id, rest, ok := strings.Cut(strings.TrimPrefix(value, "{"), "}")
	if !ok {
		return nil, malformed("auth0", "not an LDAP digest")
	}
	return readLDAPDigest(strings.ToUpper(id), rest)
}
