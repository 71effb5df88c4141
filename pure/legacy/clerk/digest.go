package clerk

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"sallyport/protocol/passhash"
	"sallyport/pure/legacy"
)

// unknown is the scheme of a hasher whose digests nobody can verify from what
// Clerk says about it: md5_phpass, hmac_sha256_utf16_b64, and future ones.
const unknown passhash.Scheme = "clerk hasher"

// password gives the digest as package passhash reads it, as the named hasher
// writes it. A digest that does not follow its form is handed over as one of
// nobody's, and held when it is mapped.
func (r reader) password(p *legacy.Person, hasher, digest string) {
	switch {
	case digest == "":
		return
	case hasher == "awscognito":
		p.Left = append(p.Left, legacy.Left{What: "cognito-password", Why: "the password is still with Cognito, which Clerk would ask at the first sign-in"})
		return
	}
	password, ok := r.read(hasher, digest)
	if !ok {
		password = legacy.Password{Encoded: digest, Scheme: unknown}
	}
	p.Passwords = []legacy.Password{password}
}

// read knows every hasher by its name.
func (r reader) read(hasher, digest string) (p legacy.Password, ok bool) {
	if scheme, plain := schemes()[hasher]; plain {
		return legacy.Password{Encoded: digest, Scheme: scheme}, true
	}
	switch hasher {
	case "bcrypt_peppered":
		return peppered(digest)
	case "ldap_ssha":
		if !strings.HasPrefix(digest, "{") {
			digest = "{SSHA}" + digest
		}
		return legacy.Password{Encoded: digest, Scheme: "ldap"}, true
	case "md5_salted":
		return r.salted("salted-md5", hex.EncodedLen(16), digest)
	case "sha256_salted":
		return r.salted("salted-sha256", hex.EncodedLen(32), digest)
	case "pbkdf2_sha1", "pbkdf2_sha256", "pbkdf2_sha512", "pbkdf2_sha512_hex":
		return pbkdf2(hasher, digest)
	case "scrypt_firebase":
		return firebase(digest)
	case "scrypt_werkzeug":
		return legacy.Password{Encoded: strings.TrimPrefix(digest, "$"), Scheme: "werkzeug-scrypt"}, true
	case "sha512_symfony":
		return symfony(digest)
	}
	return p, false
}

// schemes are those whose digest is what passhash reads under another name. An
// empty hasher leaves it to the digest to say what it is.
func schemes() map[string]passhash.Scheme {
	return map[string]passhash.Scheme{
		"":                     "",
		"argon2i":              "argon2i",
		"argon2id":             "argon2id",
		"bcrypt":               "bcrypt",
		"bcrypt_sha256_django": "django-bcrypt_sha256",
		"md5":                  "md5",
		"pbkdf2_sha256_django": "django-pbkdf2_sha256",
		"phpass":               "phpass",
		"sha256":               "sha256",
	}
}

// bcryptLength is that of a whole hash; the pepper stands behind one more dollar.
const bcryptLength = 60

func peppered(digest string) (p legacy.Password, ok bool) {
	if len(digest) <= bcryptLength || digest[bcryptLength] != '$' {
		return p, false
	}
	return legacy.Password{
		Encoded: digest[:bcryptLength], Scheme: "bcrypt-devise-pepper",
		Params: passhash.Params{Pepper: []byte(digest[bcryptLength+1:])},
	}, true
}

// salted takes a salt and a digest in hex, whichever stands in front: what Clerk
// says of that has changed. On which side of the password the salt was hashed it
// never said, so that is an option.
func (r reader) salted(scheme passhash.Scheme, length int, digest string) (p legacy.Password, ok bool) {
	at := strings.LastIndexByte(digest, '$')
	if at < 0 || r.order == "" {
		return p, false
	}
	salt, sum := digest[:at], digest[at+1:]
	if len(sum) != length {
		sum, salt, _ = strings.Cut(digest, "$")
	}
	if _, err := hex.DecodeString(sum); err != nil || len(sum) != length || salt == "" {
		return p, false
	}
	return legacy.Password{Encoded: sum, Scheme: scheme, Params: passhash.Params{Salt: []byte(salt), Order: passhash.Order(r.order)}}, true
}

// pbkdf2 takes hasher$iterations$salt$sum, and of pbkdf2_sha1 a length behind
// it, which is that of the sum.
func pbkdf2(hasher, digest string) (p legacy.Password, ok bool) {
	f := strings.Split(digest, "$")
	if f[0] != hasher || len(f) != 4 && (len(f) != 5 || hasher != "pbkdf2_sha1") {
		return p, false
	}
	salt, sum, ok := saltAndSum(hasher, f[2], f[3])
	if !ok || len(f) == 5 && f[4] != strconv.Itoa(len(sum)) {
		return p, false
	}
	name := strings.TrimSuffix(strings.TrimPrefix(hasher, "pbkdf2_"), "_hex")
	raw := base64.RawStdEncoding
	return legacy.Password{
		Encoded: "$pbkdf2-" + name + "$i=" + f[1] + ",l=" + strconv.Itoa(len(sum)) + "$" + raw.EncodeToString(salt) + "$" + raw.EncodeToString(sum),
		Scheme:  "pbkdf2",
	}, true
}

// saltAndSum decodes both as the hasher writes them.
func saltAndSum(hasher, salt, sum string) (rawSalt, rawSum []byte, ok bool) {
	var err, err2 error
	switch hasher {
	case "pbkdf2_sha256":
		rawSalt, err = base64.StdEncoding.DecodeString(salt)
		rawSum, err2 = base64.StdEncoding.DecodeString(sum)
	case "pbkdf2_sha512_hex":
		rawSalt, err = hex.DecodeString(salt)
		rawSum, err2 = hex.DecodeString(sum)
	default:
		rawSalt = []byte(salt)
		if decoded, bad := hex.DecodeString(salt); bad == nil && hasher == "pbkdf2_sha1" {
			rawSalt = decoded
		}
		rawSum, err2 = hex.DecodeString(sum)
	}
	return rawSalt, rawSum, err == nil && err2 == nil
}

// firebase takes sum, salt, signer key, salt separator, rounds and memory cost.
func firebase(digest string) (p legacy.Password, ok bool) {
	f := strings.Split(digest, "$")
	if len(f) != 6 {
		return p, false
	}
	signer, err := base64.StdEncoding.DecodeString(f[2])
	separator, err2 := base64.StdEncoding.DecodeString(f[3])
	rounds, err3 := strconv.Atoi(f[4])
	memory, err4 := strconv.Atoi(f[5])
	encoded, err5 := json.Marshal(map[string]string{"passwordHash": f[0], "salt": f[1]})
	if err != nil || err2 != nil || err3 != nil || err4 != nil || err5 != nil {
		return p, false
	}
	return legacy.Password{
		Encoded: string(encoded), Scheme: "firebase-scrypt",
		Params: passhash.Params{Firebase: passhash.Firebase{SignerKey: signer, SaltSeparator: separator, Rounds: rounds, MemCost: memory}},
	}, true
}

// symfonyRounds is how often Symfony repeats its digest unless it is told
// otherwise; another number is not read.
const symfonyRounds = "5000"

// symfony takes sha512_symfony$iterations$salt$sum.
func symfony(digest string) (p legacy.Password, ok bool) {
	f := strings.Split(digest, "$")
	if len(f) != 4 || f[0] != "sha512_symfony" || f[1] != symfonyRounds {
		return p, false
	}
	encoded, err := json.Marshal(map[string]string{"password": f[3], "salt": f[2]})
	return legacy.Password{Encoded: string(encoded), Scheme: "symfony-message-digest"}, err == nil
}
