package signin

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"sallyport/protocol/passhash"
)

// dummyHash is a hash that nobody's password has, at the cost of a real one.
// It is made without hashing, so that starting costs nothing.
func dummyHash(cost passhash.Argon2Cost) *passhash.Hash {
	zeros := strings.Repeat("A", 43) // 32 zero bytes in base64
	hash, err := passhash.Parse(fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", cost.MemoryKiB, cost.Time, cost.Threads, zeros[:22], zeros))
	if err != nil {
		panic("signin: cost of hashes out of bounds: " + err.Error())
	}
	return hash
}

// verification compares a password with what is stored, or with the dummy.
type verification struct {
	encoded  string // the stored hash; empty if there is none
	hash     *passhash.Hash
	cost     passhash.Argon2Cost
	dummy    *passhash.Hash
	password []byte
	rand     io.Reader

	match bool
	fresh string // a new hash to store instead; empty: the stored one is as good
	err   error  // the new hash could not be made
}

// heavy tells whether verifying may take much more memory than our own hashes.
func (v *verification) heavy() bool {
	if v.hash == nil {
		return false
	}
	ours := fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$", v.cost.MemoryKiB, v.cost.Time, v.cost.Threads)
	if strings.HasPrefix(v.encoded, ours) {
		return false
	}
	hungry := []string{"argon2", "scrypt", "yescrypt"}
	scheme := string(v.hash.Scheme())
	return slices.ContainsFunc(hungry, func(name string) bool { return strings.Contains(scheme, name) })
}

// run does all the hashing of one sign-in. Where nothing is stored it hashes as
// much as where one of our own hashes is.
func (v *verification) run() {
	hash := v.hash
	if hash == nil {
		hash = v.dummy
	}
	for _, form := range v.forms() {
		// An error says that the scheme cannot take such a password at all: then
		// it is a wrong one.
		if match, _ := hash.Verify(form); match && v.hash != nil {
			v.match = true
			break
		}
	}
	switch {
	case v.match && passhash.NeedsRehash(v.encoded, v.cost):
		v.fresh, v.err = passhash.New(v.rand, norm.NFKC.Bytes(v.password), v.cost)
	case !v.match && hash.Weak():
		_, _ = v.dummy.Verify(v.password) // so that its time does not tell what is stored
	}
}

// forms are the bytes that the customer may have set: as typed by the rules of
// an earlier system, normalised by ours (NIST SP 800-63B §3.1.1.2). For nearly
// everybody the two are one.
func (v *verification) forms() [][]byte {
	normal := norm.NFKC.Bytes(v.password)
	if slices.Equal(normal, v.password) {
		return [][]byte{v.password}
	}
	if v.hash == nil || v.hash.Scheme() == "argon2id" {
		return [][]byte{normal, v.password}
	}
	return [][]byte{v.password, normal}
}

// errUnreadable tells an error about a stored hash, rather than about a password.
var errUnreadable = errors.New("stored password hash is not readable")
