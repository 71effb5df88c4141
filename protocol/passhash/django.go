package passhash

import "strings"

// readDjango reads Django's columns: algorithm$…, salts being plain text.
func readDjango(encoded string) (*Hash, error) {
	word, rest, _ := strings.Cut(encoded, "$")
	switch word {
	case "argon2":
		return readArgon2("$" + rest)
	case "bcrypt":
		return readBcrypt(rest)
	case "bcrypt_sha256":
		return readBcrypt(rest, transform{kind: sha256hex})
	}
	f := strings.Split(rest, "$")
	switch {
	case (word == "sha1" || word == "md5") && len(f) == 2:
		sum, ok := unhex(f[1])
		if !ok {
			break
		}
		return saltedDigest(digest(word), sum, []byte(f[0]), nil)
	case word == "scrypt" && len(f) == 5:
		return djangoScrypt(f)
	case (word == "pbkdf2_sha256" || word == "pbkdf2_sha1") && len(f) == 3:
		rounds, okRounds := digits(f[0])
		sum, okSum := unbase64(f[2])
		if okRounds && okSum {
			return pbkdf2Of(digest(strings.TrimPrefix(word, "pbkdf2_")), rounds, []byte(f[1]), sum)
		}
	}
	return nil, malformed("django", "fields unreadable")
}

// djangoScrypt takes N, salt, r, p, sum.
func djangoScrypt(f []string) (*Hash, error) {
	n, okN := digits(f[0])
	r, okR := digits(f[2])
	p, okP := digits(f[3])
	sum, okSum := unbase64(f[4])
	if !okN || !okR || !okP || !okSum {
		return nil, malformed("scrypt", "parameters or digest unreadable")
	}
	return scryptOf(log2(n), r, p, []byte(f[1]), sum)
}

// readWerkzeug reads method:…$salt$hex, as Flask applications store it.
func readWerkzeug(encoded string) (*Hash, error) {
	f := strings.Split(encoded, "$")
	if len(f) != 3 {
		return nil, malformed("werkzeug", "wrong number of fields")
	}
	m := strings.Split(f[0], ":")
	sum, okSum := unhex(f[2])
	if !okSum || len(m) < 3 {
		return nil, malformed("werkzeug", "method or digest unreadable")
	}
	if m[0] == "pbkdf2" && len(m) == 3 {
		rounds, ok := digits(m[2])
		if !ok {
			return nil, malformed("werkzeug", "rounds unreadable")
		}
		return pbkdf2Of(digest(m[1]), rounds, []byte(f[1]), sum)
	}
	if m[0] != "scrypt" || len(m) != 4 {
		return nil, malformed("werkzeug", "method unknown")
	}
	n, okN := digits(m[1])
	r, okR := digits(m[2])
	p, okP := digits(m[3])
	if !okN || !okR || !okP {
		return nil, malformed("werkzeug", "parameters unreadable")
	}
	return scryptOf(log2(n), r, p, []byte(f[1]), sum)
}
