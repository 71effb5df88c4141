package passhash

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
)

// readASPNetIdentity reads the blobs of PasswordHasher: version 2 is fixed, in
// version 3 a header gives PRF, rounds and salt length (big endian).
func readASPNetIdentity(encoded string) (*Hash, error) {
	raw, ok := unbase64(encoded)
	switch {
	case !ok || len(raw) < 14:
	case raw[0] == 0 && len(raw) == 49:
		return pbkdf2Of(sha1Digest, 1000, raw[1:17], raw[17:])
	case raw[0] == 1:
		return aspNetV3(raw)
	}
	return nil, malformed("pbkdf2", "not an ASP.NET Identity hash")
}

func aspNetV3(raw []byte) (*Hash, error) {
	prf := binary.BigEndian.Uint32(raw[1:])
	rounds := binary.BigEndian.Uint32(raw[5:])
	saltBytes := binary.BigEndian.Uint32(raw[9:])
	body := raw[13:]
	if prf > 2 || saltBytes < 16 || uint64(saltBytes)+16 > uint64(len(body)) {
		return nil, malformed("pbkdf2", "header of ASP.NET Identity unreadable")
	}
	fn := [3]digest{sha1Digest, sha256Digest, sha512Digest}[prf]
	return pbkdf2Of(fn, int(rounds), body[:saltBytes], body[saltBytes:])
}

// readASPNetMembership reads a row of the old SqlMembershipProvider, format 1:
// SHA-1 over salt and UTF-16 password, or HMAC-SHA-256 keyed with the salt
// repeated to a block. Lengths tell them apart.
func readASPNetMembership(encoded string) (*Hash, error) {
	var row struct {
		Password, PasswordSalt string
		PasswordFormat         int
	}
	if json.Unmarshal([]byte(encoded), &row) != nil || row.PasswordFormat != 1 {
		return nil, malformed("aspnet-membership", "not a JSON row of format 1")
	}
	sum, okSum := unbase64(row.Password)
	salt, okSalt := unbase64(row.PasswordSalt)
	if !okSum || !okSalt || len(salt) == 0 {
		return nil, malformed("aspnet-membership", "salt or digest unreadable")
	}
	wide := transform{kind: utf16le}
	if len(sum) == 32 {
		key := bytes.Repeat(salt, 64/len(salt)+1)[:64]
		return build(sum, wide, hmacStep{fn: sha256Digest, key: key})
	}
	return saltedDigest(sha1Digest, sum, salt, nil, wide)
}
