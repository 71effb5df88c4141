package passhash

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/crypto/scrypt"
)

// firebaseStep is the scrypt of Firebase Authentication: AES-256-CTR under the
// derived key, with a zero IV, over the signer key of the project. The salt here
// already ends in the project's separator.
type firebaseStep struct {
	log2N, r     int
	salt, signer []byte
}

func (s firebaseStep) name() string   { return "fbscrypt" }
func (s firebaseStep) scheme() Scheme { return "firebase-scrypt" }
func (s firebaseStep) size() int      { return max(len(s.signer), 1) }
func (s firebaseStep) strong() bool   { return scryptStrong(s.log2N, s.r) }
func (s firebaseStep) cost() string   { return fmt.Sprintf("ln=%d r=%d", s.log2N, s.r) }

func (s firebaseStep) encode(w *fieldWriter) {
	w.number("ln", s.log2N)
	w.number("r", s.r)
	w.bytes("s", s.salt)
	w.bytes("k", s.signer)
}

func (s firebaseStep) check(of Scheme) error {
	if len(s.salt) > Limits.SaltBytes || len(s.signer) > Limits.SumBytes {
		return tooCostly(of, "salt or signer key too long")
	}
	return checkScrypt(of, s.log2N, s.r, 1)
}

func (s firebaseStep) apply(in []byte) ([]byte, error) {
	key, err := scrypt.Key(in, s.salt, 1<<s.log2N, s.r, 1, 32)
	if err != nil {
		return nil, malformed("firebase-scrypt", "parameters refused")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, malformed("firebase-scrypt", "parameters refused")
	}
	out := make([]byte, len(s.signer))
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(out, s.signer)
	return out, nil
}

// Firebase is the hash configuration of a Firebase project, without which its
// exported hashes are useless.
type Firebase struct {
	SignerKey     []byte
	SaltSeparator []byte
	Rounds        int // r of scrypt
	MemCost       int // log2 N of scrypt
}

func (p Firebase) hash(salt, sum []byte) (*Hash, error) {
	if len(p.SignerKey) == 0 {
		return nil, malformed("firebase-scrypt", "the project's signer key is needed")
	}
	all := append(salt[:len(salt):len(salt)], p.SaltSeparator...)
	return build(sum, firebaseStep{log2N: p.MemCost, r: p.Rounds, salt: all, signer: p.SignerKey})
}

// readFirebase reads a row of an export: {"passwordHash":…,"salt":…}.
func readFirebase(encoded string, p Params) (*Hash, error) {
	var row struct{ PasswordHash, Salt string }
	if json.Unmarshal([]byte(encoded), &row) != nil {
		return nil, malformed("firebase-scrypt", "not a JSON object of passwordHash and salt")
	}
	sum, okSum := unbase64(row.PasswordHash)
	salt, okSalt := unbase64(row.Salt)
	if !okSum || !okSalt {
		return nil, malformed("firebase-scrypt", "salt or digest unreadable")
	}
	return p.Firebase.hash(salt, sum)
}

// readFbscrypt reads Supabase's $fbscrypt$v=1,n=,r=,p=1,ss=,sk=$salt$sum.
func readFbscrypt(encoded string) (*Hash, error) {
	f := strings.Split(encoded, "$")
	if len(f) != 5 || f[0] != "" || f[1] != "fbscrypt" {
		return nil, malformed("firebase-scrypt", "wrong number of fields")
	}
	numbers, keys, both := strings.Cut(f[2], ",ss=")
	separator, signer, _ := strings.Cut(keys, ",sk=")
	n, okParams := params(numbers, "v", "n", "r", "p")
	if !both || !okParams || n[0] != 1 || n[3] != 1 {
		return nil, malformed("firebase-scrypt", "parameters unreadable")
	}
	return firebaseOf(n[1], n[2], []string{f[3], f[4], separator, signer})
}

// readFirescrypt reads Ory's $firescrypt$ln=,r=,p=1$salt$sum$separator$signer.
func readFirescrypt(encoded string) (*Hash, error) {
	f := strings.Split(encoded, "$")
	if len(f) != 7 || f[0] != "" || f[1] != "firescrypt" {
		return nil, malformed("firebase-scrypt", "wrong number of fields")
	}
	n, ok := params(f[2], "ln", "r", "p")
	if !ok || n[2] != 1 {
		return nil, malformed("firebase-scrypt", "parameters unreadable")
	}
	return firebaseOf(n[0], n[1], f[3:])
}

// firebaseOf takes salt, sum, separator and signer key, all base64.
func firebaseOf(log2N, r int, fields []string) (*Hash, error) {
	var raw [4][]byte
	for i, text := range fields {
		b, ok := unbase64(text)
		if !ok {
			return nil, malformed("firebase-scrypt", "salt, digest or key unreadable")
		}
		raw[i] = b
	}
	p := Firebase{SaltSeparator: raw[2], SignerKey: raw[3], Rounds: r, MemCost: log2N}
	return p.hash(raw[0], raw[1])
}
