package code

import (
	"encoding/binary"
	"time"

	"sallyport/service/keyring"
)

const (
	life     = 10 * time.Minute // of a code
	lineLife = 40 * time.Minute // during which codes are sent in place of the first
	skew     = time.Minute      // by which clocks of nodes may differ
	// spentFor is how long what is spent is remembered: longer than anything that it
	// could be spent again with is good, by whatever clock.
	spentFor = 2 * time.Hour
)

// MaxSealed is the most bytes that the sealed form of a challenge has.
const MaxSealed = 300

// Challenge is one code that was sent, as the caller keeps it until something is
// typed. It must be kept in state that is sealed or stored by us. It holds no code.
type Challenge struct {
	Sealed []byte
	Until  time.Time
}

// challenge is what Sealed holds, in this order. The digests are keyed, and each is of
// a name of its own, so that none can stand for another.
type challenge struct {
	Line  [16]byte // shared by everything that was sent again in the place of one code
	ID    [16]byte // of this code
	Begun int64    // unix seconds: when the line began
	Made  int64    // unix seconds
	Who   [32]byte // purpose, subject and flow
	Where [32]byte // the address
	Code  [32]byte // of the digits; of nothing that can be typed where they went to nobody
	Link  [32]byte
}

const sealedVersion = 1

func label(p Purpose) string { return "challenge/" + string(p) }

func (c *challenge) until() time.Time { return time.Unix(c.Made, 0).Add(life) }

// over tells whether the code is not good any more, or not yet by any clock.
func (c *challenge) over(now time.Time) bool {
	return !now.Before(c.until()) || now.Before(time.Unix(c.Made, 0).Add(-skew))
}

func (c *challenge) seal(secret *keyring.Secret, p Purpose) []byte {
	plain, _ := binary.Append([]byte{sealedVersion}, binary.BigEndian, c) // of fixed size: it cannot fail
	return secret.Seal(label(p), plain)
}

// open reads what seal gave for the same purpose; false for anything else.
func open(secret *keyring.Secret, p Purpose, sealed []byte) (c challenge, ok bool) {
	if len(sealed) == 0 || len(sealed) > MaxSealed {
		return c, false
	}
	plain, err := secret.Open(label(p), sealed)
	if err != nil || len(plain) != 1+binary.Size(c) || plain[0] != sealedVersion {
		return c, false
	}
	_, err = binary.Decode(plain[1:], binary.BigEndian, &c)
	return c, err == nil
}

// digest is the keyed digest of parts under a name. Their lengths are in it, so that
// no two lists of parts are alike.
func digest(secret *keyring.Secret, name string, parts ...string) [32]byte {
	var message []byte
	for _, part := range append([]string{name}, parts...) {
		message = binary.AppendUvarint(message, uint64(len(part)))
		message = append(message, part...)
	}
	return secret.MAC(message)
}

func (c *challenge) codeDigest(secret *keyring.Secret, digits string) [32]byte {
	return digest(secret, "code", string(c.ID[:]), digits)
}

func (c *challenge) linkDigest(secret *keyring.Secret, token string) [32]byte {
	return digest(secret, "link", string(c.ID[:]), token)
}
