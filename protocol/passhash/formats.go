package passhash

import "strings"

// textReader gives the reader of a format that is whole in its text. One reader
// often serves many names; what matters is that it takes no other family, so
// that a mis-declared export is noticed.
func textReader(scheme Scheme) func(string) (*Hash, error) {
	family, _, _ := strings.Cut(string(scheme), "-")
	switch family {
	case "argon2d", "argon2i", "argon2id":
		return readArgon2
	case "okta":
		return readOkta
	case "keycloak":
		return readKeycloak
	case "fusionauth":
		return readFusionAuth
	case "django":
		return readDjango
	case "werkzeug":
		return readWerkzeug
	case "ldap", "htpasswd":
		return readLDAP
	case "phpass", "drupal7":
		return func(encoded string) (*Hash, error) { return readPHPass(encoded) }
	}
	if read := cryptReader(scheme); read != nil {
		return read
	}
	return namedReader(scheme)
}

func cryptReader(scheme Scheme) func(string) (*Hash, error) {
	switch scheme {
	case "crypt-sha512", "crypt-sha512-rounds", "crypt-sha256", "sha512crypt", "sha256crypt":
		return readSHACrypt
	case "crypt-md5", "md5crypt", "apr1":
		return readMD5Crypt
	case "crypt-scrypt-7":
		return readSevenCrypt
	case "crypt-yescrypt", "yescrypt":
		return readYescrypt
	case "crypt-des", "descrypt":
		return readDESCrypt
	}
	return nil
}

func namedReader(scheme Scheme) func(string) (*Hash, error) {
	switch scheme {
	case "pbkdf2", "passlib-pbkdf2-sha1", "passlib-pbkdf2-sha256", "passlib-pbkdf2-sha512", "auth0-pbkdf2":
		return readPBKDF2
	case "scrypt", "scrypt-passlib":
		return readScrypt
	case "auth0-scrypt", "auth0-custom-sha256-prefix", "auth0-custom-sha512-suffix-b64", "auth0-custom-md5-utf16le",
		"auth0-custom-hmac-sha1", "auth0-custom-ldap", "auth0-custom":
		return readAuth0
	case "supabase-fbscrypt":
		return readFbscrypt
	case "kratos-firescrypt":
		return readFirescrypt
	case "kratos-sha256-pf":
		return readKratosDigest
	case "aspnet-identity-v2", "aspnet-identity-v3", "aspnet-identity":
		return readASPNetIdentity
	case "aspnet-membership-sha1", "aspnet-membership-hmacsha256", "aspnet-membership":
		return readASPNetMembership
	case "atlassian-PKCS5S2":
		return parseBraced
	case "wordpress-wp-bcrypt":
		return readWordPress
	case "spring-pbkdf2-v5_8", "spring-scrypt", "spring-sha256", "spring-SHA-256", "spring-SHA-1", "spring-MD5", "spring-MD4",
		"spring-noop", "spring-bcrypt", "spring-argon2", "spring-ldap":
		return readSpring
	}
	return columnReader(scheme)
}

// columnReader serves applications whose columns nothing in the text names.
func columnReader(scheme Scheme) func(string) (*Hash, error) {
	switch scheme {
	case "symfony-message-digest":
		return func(encoded string) (*Hash, error) { return readSymfony(encoded, false) }
	case "symfony-pbkdf2":
		return func(encoded string) (*Hash, error) { return readSymfony(encoded, true) }
	case "vbulletin":
		return readVBulletin
	case "nt-hash":
		return readNTHash
	case "joomla-md5":
		return readJoomla
	case "magento2-sha256", "magento2-md5":
		return readMagento
	case "better-auth-scrypt":
		return readBetterAuth
	case "meteor-bcrypt":
		return func(encoded string) (*Hash, error) { return readBcrypt(encoded, transform{kind: sha256hex}) }
	case "wordpress-phpass":
		return func(encoded string) (*Hash, error) { return readPHPass(encoded, transform{kind: trim}) }
	}
	return nil
}

func readLDAP(encoded string) (*Hash, error) {
	if !strings.HasPrefix(encoded, "{") {
		return nil, malformed("ldap", "no {scheme} in front")
	}
	return parseBraced(encoded)
}

func readSpring(encoded string) (*Hash, error) {
	id, value, ok := strings.Cut(strings.TrimPrefix(encoded, "{"), "}")
	if !ok || !strings.HasPrefix(encoded, "{") {
		return nil, malformed("spring", "no {id} in front")
	}
	h, err, mine := parseSpring(id, value)
	if !mine {
		return nil, malformed("spring", "id unknown")
	}
	return h, err
}

// readNTHash reads Windows' hex MD4 of the UTF-16 password.
func readNTHash(encoded string) (*Hash, error) {
	return readRaw(md4Digest, "", encoded, Params{Charset: UTF16LE})
}

// readJoomla reads md5(password‖salt):salt.
func readJoomla(encoded string) (*Hash, error) {
	text, salt, _ := strings.Cut(encoded, ":")
	return readRaw(md5Digest, "salted-", text, Params{Salt: []byte(salt), Order: Suffix})
}

// readMagento reads sum:salt:version, salt first; version 1 is SHA-256, 0 MD5.
func readMagento(encoded string) (*Hash, error) {
	f := strings.Split(encoded, ":")
	if len(f) != 3 || (f[2] != "0" && f[2] != "1") {
		return nil, malformed("magento2", "not digest:salt:version of version 0 or 1")
	}
	fn := sha256Digest
	if f[2] == "0" {
		fn = md5Digest
	}
	return readRaw(fn, "salted-", f[0], Params{Salt: []byte(f[1])})
}

// readBetterAuth reads salt:sum, both hex; the salt is used as the hex text it
// is, and the password in NFKC.
func readBetterAuth(encoded string) (*Hash, error) {
	salt, text, _ := strings.Cut(encoded, ":")
	sum, ok := unhex(text)
	if _, okSalt := unhex(salt); !ok || !okSalt || len(sum) != 64 {
		return nil, malformed("scrypt", "not salt:digest in hexadecimal")
	}
	return scryptOf(14, 16, 1, []byte(salt), sum, transform{kind: nfkc})
}
