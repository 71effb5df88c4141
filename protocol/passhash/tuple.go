package passhash

import "encoding/json"

// parseTuple tells the JSON objects of identity providers apart by their keys.
func parseTuple(encoded string) (*Hash, error) {
	var keys map[string]json.RawMessage
	if json.Unmarshal([]byte(encoded), &keys) != nil {
		return nil, malformed("", "not a JSON object")
	}
	has := func(key string) bool { _, ok := keys[key]; return ok }
	switch {
	case has("secretData"):
		return readKeycloak(encoded)
	case has("encryptionScheme"):
		return readFusionAuth(encoded)
	case has("PasswordFormat"):
		return readASPNetMembership(encoded)
	case has("algorithm") && has("hash"):
		return readAuth0(encoded)
	case has("algorithm") && has("value"):
		return readOkta(encoded)
	}
	return nil, &Error{Kind: ErrUnknownScheme, Reason: "no known JSON tuple"}
}

// readOkta reads credentials.password.hash of Okta's user API.
func readOkta(encoded string) (*Hash, error) {
	var t struct {
		Algorithm, Salt, SaltOrder, Value string
		DigestAlgorithm                   string
		WorkFactor, IterationCount        int
		KeySize                           int
	}
	if json.Unmarshal([]byte(encoded), &t) != nil {
		return nil, malformed("okta", "not a JSON tuple of Okta")
	}
	if t.Algorithm == "BCRYPT" {
		return splitBcrypt(t.WorkFactor, t.Salt, t.Value)
	}
	salt, okSalt := unbase64(t.Salt)
	sum, okSum := unbase64(t.Value)
	if !okSalt || !okSum {
		return nil, malformed("okta", "salt or digest unreadable")
	}
	if t.Algorithm == "PBKDF2" {
		fn := map[string]digest{"SHA256_HMAC": sha256Digest, "SHA512_HMAC": sha512Digest}[t.DigestAlgorithm]
		if t.KeySize != len(sum) {
			return nil, malformed("okta", "keySize is not the length of value")
		}
		return pbkdf2Of(fn, t.IterationCount, salt, sum)
	}
	fn := map[string]digest{"MD5": md5Digest, "SHA-1": sha1Digest, "SHA-256": sha256Digest, "SHA-512": sha512Digest}[t.Algorithm]
	switch {
	case len(salt) == 0 || t.SaltOrder == "PREFIX":
		return saltedDigest(fn, sum, salt, nil)
	case t.SaltOrder == "POSTFIX":
		return saltedDigest(fn, sum, nil, salt)
	}
	return nil, malformed("okta", "saltOrder unknown")
}

// readFusionAuth reads a user of FusionAuth's import API. Its salted digests
// hash password‖salt, then the sum again until factor rounds are done.
func readFusionAuth(encoded string) (*Hash, error) {
	var t struct {
		EncryptionScheme, Salt, Password string
		Factor                           int
	}
	if json.Unmarshal([]byte(encoded), &t) != nil {
		return nil, malformed("fusionauth", "not a JSON tuple of FusionAuth")
	}
	if t.EncryptionScheme == "bcrypt" {
		return splitBcrypt(t.Factor, t.Salt, t.Password)
	}
	salt, okSalt := unbase64(t.Salt)
	sum, okSum := unbase64(t.Password)
	if !okSalt || !okSum {
		return nil, malformed("fusionauth", "salt or digest unreadable")
	}
	switch t.EncryptionScheme {
	case "salted-md5":
		return build(sum, after(salt), digestStep{fn: md5Digest, rounds: t.Factor})
	case "salted-sha256":
		return build(sum, after(salt), digestStep{fn: sha256Digest, rounds: t.Factor})
	case "salted-hmac-sha256":
		if t.Factor > 1 {
			return nil, malformed("fusionauth", "repeated HMAC is not defined")
		}
		return build(sum, hmacStep{fn: sha256Digest, key: salt})
	case "salted-pbkdf2-hmac-sha256", "salted-pbkdf2-hmac-sha256-512":
		return pbkdf2Of(sha256Digest, t.Factor, salt, sum)
	case "salted-pbkdf2-hmac-sha512", "salted-pbkdf2-hmac-sha512-512":
		return pbkdf2Of(sha512Digest, t.Factor, salt, sum)
	}
	return nil, malformed("fusionauth", "encryptionScheme unknown")
}
