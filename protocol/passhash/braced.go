package passhash

import (
	"encoding/binary"
	"strings"
)

// parseBraced reads {SCHEME}value: Spring's ids as Spring spells them, all else
// as LDAP servers write it, whatever the case.
func parseBraced(encoded string) (*Hash, error) {
	id, value, ok := strings.Cut(encoded[1:], "}")
	if !ok {
		return nil, &Error{Kind: ErrUnknownScheme, Reason: "brace not closed"}
	}
	if h, err, mine := parseSpring(id, value); mine {
		return h, err
	}
	id = strings.ToUpper(id)
	switch {
	case id == "CRYPT":
		return readCrypt(value)
	case id == "ARGON2":
		return readArgon2(value)
	case id == "PKCS5S2":
		return readPKCS5S2(value)
	case id == "PBKDF2_SHA256":
		return read389DS(value)
	case strings.HasPrefix(id, "PBKDF2"):
		return readLDAPPBKDF2(id, value)
	}
	return readLDAPDigest(id, value)
}

// readLDAPDigest reads base64(digest‖salt), the digest being over password‖salt
// (RFC 2307 and its descendants).
func readLDAPDigest(id, value string) (*Hash, error) {
	fn := ldapDigest(id)
	if fn == "" {
		return nil, &Error{Kind: ErrUnknownScheme, Reason: "no known {scheme}"}
	}
	raw, ok := unbase64(value)
	salted := strings.HasPrefix(id, "SS") || strings.HasPrefix(id, "SM")
	if !ok || len(raw) < fn.size() || salted != (len(raw) > fn.size()) {
		return nil, malformed(fn.scheme(), "not base64 of digest and salt")
	}
	return saltedDigest(fn, raw[:fn.size()], nil, raw[fn.size():])
}

func ldapDigest(id string) digest {
	switch id {
	case "MD5", "SMD5":
		return md5Digest
	case "SHA", "SSHA", "SHA1", "SSHA1":
		return sha1Digest
	case "SHA224", "SSHA224":
		return sha224Digest
	case "SHA256", "SSHA256":
		return sha256Digest
	case "SHA384", "SSHA384":
		return sha384Digest
	case "SHA512", "SSHA512":
		return sha512Digest
	}
	return ""
}

// readLDAPPBKDF2 reads OpenLDAP's rounds$salt$sum and OpenDJ's
// rounds:base64(sum‖8 bytes of salt).
func readLDAPPBKDF2(id, value string) (*Hash, error) {
	fn := sha1Digest
	switch strings.TrimPrefix(id, "PBKDF2") {
	case "", "-SHA1", "-HMAC-SHA1":
	case "-SHA256", "-HMAC-SHA256":
		fn = sha256Digest
	case "-SHA512", "-HMAC-SHA512":
		fn = sha512Digest
	default:
		return nil, &Error{Kind: ErrUnknownScheme, Reason: "no known {scheme}"}
	}
	if head, tail, ok := strings.Cut(value, ":"); ok {
		rounds, okRounds := digits(head)
		raw, okRaw := unbase64(tail)
		if !okRounds || !okRaw || len(raw) != fn.size()+8 {
			return nil, malformed("pbkdf2", "rounds, salt or digest unreadable")
		}
		return pbkdf2Of(fn, rounds, raw[fn.size():], raw[:fn.size()])
	}
	f := strings.Split(value, "$")
	if len(f) != 3 {
		return nil, malformed("pbkdf2", "wrong number of fields")
	}
	rounds, okRounds := digits(f[0])
	salt, okSalt := unadapted(f[1])
	sum, okSum := unadapted(f[2])
	if !okRounds || !okSalt || !okSum {
		return nil, malformed("pbkdf2", "rounds, salt or digest unreadable")
	}
	return pbkdf2Of(fn, rounds, salt, sum)
}

// read389DS reads base64(rounds‖64 bytes of salt‖256 bytes of sum).
func read389DS(value string) (*Hash, error) {
	raw, ok := unbase64(value)
	if !ok || len(raw) != 4+64+256 {
		return nil, malformed("pbkdf2", "not base64 of 324 bytes")
	}
	return pbkdf2Of(sha256Digest, int(binary.BigEndian.Uint32(raw)), raw[4:68], raw[68:])
}

// readPKCS5S2 reads Atlassian's base64(16 bytes of salt‖32 of sum).
func readPKCS5S2(value string) (*Hash, error) {
	raw, ok := unbase64(value)
	if !ok || len(raw) != 48 {
		return nil, malformed("pbkdf2", "not base64 of 48 bytes")
	}
	return pbkdf2Of(sha1Digest, 10_000, raw[:16], raw[16:])
}
