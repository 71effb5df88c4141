package passhash

import "encoding/json"

// readKeycloak reads a password credential of a realm export, whose secretData
// and credentialData are JSON inside strings.
func readKeycloak(encoded string) (*Hash, error) {
	var row struct{ SecretData, CredentialData string }
	var secret struct{ Value, Salt string }
	var data struct {
		HashIterations       int
		Algorithm            string
		AdditionalParameters map[string][]string
	}
	if json.Unmarshal([]byte(encoded), &row) != nil || json.Unmarshal([]byte(row.SecretData), &secret) != nil ||
		json.Unmarshal([]byte(row.CredentialData), &data) != nil {
		return nil, malformed("keycloak", "not a JSON credential of Keycloak")
	}
	salt, okSalt := unbase64(secret.Salt)
	sum, okSum := unbase64(secret.Value)
	if !okSalt || !okSum {
		return nil, malformed("keycloak", "salt or digest unreadable")
	}
	switch data.Algorithm {
	case "pbkdf2":
		return pbkdf2Of(sha1Digest, data.HashIterations, salt, sum)
	case "pbkdf2-sha256":
		return pbkdf2Of(sha256Digest, data.HashIterations, salt, sum)
	case "pbkdf2-sha512":
		return pbkdf2Of(sha512Digest, data.HashIterations, salt, sum)
	case "argon2":
		return keycloakArgon2(data.AdditionalParameters, data.HashIterations, salt, sum)
	}
	return nil, malformed("keycloak", "algorithm unknown")
}

// keycloakArgon2 takes parameters that are each a list of one string.
func keycloakArgon2(p map[string][]string, passes int, salt, sum []byte) (*Hash, error) {
	one := func(key string) string {
		if len(p[key]) != 1 {
			return ""
		}
		return p[key][0]
	}
	memory, okMemory := digits(one("memory"))
	lanes, okLanes := digits(one("parallelism"))
	s := argon2Step{kind: "argon2" + one("type"), salt: salt, length: len(sum)}
	switch one("version") {
	case "1.0":
		s.version = 0x10
	case "1.3":
		s.version = 0x13
	}
	known := s.kind == argon2d || s.kind == argon2i || s.kind == argon2id
	if !okMemory || !okLanes || !known || passes < 0 || passes > 1<<30 {
		return nil, malformed("keycloak", "parameters of argon2 unreadable")
	}
	s.work = Argon2Cost{MemoryKiB: uint32(memory), Time: uint32(passes), Threads: uint8(min(lanes, 255))}
	return build(sum, s)
}
