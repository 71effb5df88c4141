package passhash

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	//lint:ignore SA1019 bcrypt is made of it, and exports hold bcrypt
	"golang.org/x/crypto/blowfish"
)

const bcryptBytes = 72 // what the key schedule of Blowfish takes in

var bcrypt64 = base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").WithPadding(base64.NoPadding)

// bcryptStep works on the cipher rather than on a ready-made comparison because
// a wrapped or pre-hashed bcrypt needs the sum itself. 2a, 2b and 2y compute the
// same; the ident is kept so that a hash is stored as it came.
type bcryptStep struct {
	ident string
	log2  int
	salt  []byte
}

func (s bcryptStep) name() string   { return "bcrypt" }
func (s bcryptStep) scheme() Scheme { return "bcrypt" }
func (s bcryptStep) size() int      { return 23 }
func (s bcryptStep) strong() bool   { return s.log2 >= 6 }
func (s bcryptStep) cost() string   { return fmt.Sprintf("cost=%d", s.log2) }

func (s bcryptStep) encode(w *fieldWriter) {
	w.word("v", s.ident)
	w.number("c", s.log2)
	w.bytes("s", s.salt)
}

func (s bcryptStep) native(sum []byte) string {
	return fmt.Sprintf("$%s$%02d$%s%s", s.ident, s.log2, bcrypt64.EncodeToString(s.salt), bcrypt64.EncodeToString(sum))
}

func (s bcryptStep) check(of Scheme) error {
	switch {
	case s.ident != "2a" && s.ident != "2b" && s.ident != "2y":
		return malformed(of, "unknown variant")
	case len(s.salt) != 16:
		return malformed(of, "salt is not 16 bytes")
	case s.log2 < 4:
		return malformed(of, "cost below 4")
	case s.log2 > Limits.BcryptCost:
		return tooCostly(of, "cost too high")
	}
	return nil
}

func (s bcryptStep) apply(in []byte) ([]byte, error) {
	if bytes.IndexByte(in, 0) >= 0 {
		return nil, badPassword("bcrypt", "holds NUL")
	}
	key := append(bytes.Clone(in), 0)
	key = key[:min(len(key), bcryptBytes)]
	c, err := blowfish.NewSaltedCipher(key, s.salt)
	if err != nil {
		return nil, badPassword("bcrypt", "key refused")
	}
	for range 1 << s.log2 {
		blowfish.ExpandKey(key, c)
		blowfish.ExpandKey(s.salt, c)
	}
	sum := []byte("OrpheanBeholderScryDoubt")
	for i := 0; i < len(sum); i += blowfish.BlockSize {
		for range 64 {
			c.Encrypt(sum[i:i+8], sum[i:i+8])
		}
	}
	return sum[:23], nil // the first implementation lost the last byte, so all do
}

// readBcrypt reads $2b$10$salt22sum31, with steps that come before the cipher.
func readBcrypt(encoded string, pre ...step) (*Hash, error) {
	f := strings.Split(encoded, "$")
	if len(f) != 4 || f[0] != "" || len(f[2]) != 2 || len(f[3]) != 53 {
		return nil, malformed("bcrypt", "not $2b$cost$ and 53 characters")
	}
	return bcryptOf(bcryptStep{ident: f[1]}, f[2], f[3][:22], f[3][22:], pre)
}

// bcryptOf joins the fields that some exports keep apart.
func bcryptOf(s bcryptStep, cost, salt, sum string, pre []step) (*Hash, error) {
	log2, ok := digits(cost)
	rawSalt, saltErr := bcrypt64.DecodeString(salt)
	rawSum, sumErr := bcrypt64.DecodeString(sum)
	if !ok || saltErr != nil || sumErr != nil || strings.ContainsAny(salt+sum, "\r\n") {
		return nil, malformed("bcrypt", "cost, salt or digest unreadable")
	}
	s.log2, s.salt = log2, rawSalt
	return build(rawSum, append(pre[:len(pre):len(pre)], s)...)
}

// splitBcrypt serves products that export salt and digest as separate fields.
func splitBcrypt(cost int, salt, sum string) (*Hash, error) {
	if cost < 0 || cost > 99 {
		return nil, malformed("bcrypt", "cost unreadable")
	}
	s := bcryptStep{ident: "2a"}
	return bcryptOf(s, fmt.Sprintf("%02d", cost), salt, sum, nil)
}
