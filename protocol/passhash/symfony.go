package passhash

import "encoding/json"

// readSymfony reads the password and salt columns of Symfony's older hashers,
// as JSON: 5000 rounds of SHA-512 fed back with the salted password, or PBKDF2.
func readSymfony(encoded string, pbkdf2 bool) (*Hash, error) {
	var row struct{ Password, Salt string }
	if json.Unmarshal([]byte(encoded), &row) != nil {
		return nil, malformed("symfony", "not a JSON object of password and salt")
	}
	sum, ok := unbase64(row.Password)
	if !ok {
		return nil, malformed("symfony", "digest unreadable")
	}
	if pbkdf2 {
		return pbkdf2Of(sha512Digest, 1000, []byte(row.Salt), sum)
	}
	repeat := digestStep{fn: sha512Digest, rounds: 5000, feedback: true}
	if row.Salt == "" {
		return build(sum, repeat)
	}
	return build(sum, after([]byte("{"+row.Salt+"}")), repeat)
}

// readVBulletin reads its hash and salt columns, as JSON: md5(md5hex‖salt).
func readVBulletin(encoded string) (*Hash, error) {
	var row struct{ Hash, Salt string }
	if json.Unmarshal([]byte(encoded), &row) != nil {
		return nil, malformed("vbulletin", "not a JSON object of hash and salt")
	}
	sum, ok := unhex(row.Hash)
	if !ok {
		return nil, malformed("vbulletin", "digest is not hexadecimal")
	}
	return saltedDigest(md5Digest, sum, nil, []byte(row.Salt), transform{kind: md5hex})
}
