package passhash

import (
	"crypto/pbkdf2"
	"fmt"
)

type pbkdf2Step struct {
	fn     digest
	rounds int
	salt   []byte
	length int
}

func (s pbkdf2Step) name() string   { return "pbkdf2" }
func (s pbkdf2Step) scheme() Scheme { return "pbkdf2" }
func (s pbkdf2Step) size() int      { return max(s.length, 1) }
func (s pbkdf2Step) strong() bool   { return s.rounds >= 10_000 }
func (s pbkdf2Step) cost() string   { return fmt.Sprintf("%s rounds=%d", s.fn, s.rounds) }

func (s pbkdf2Step) encode(w *fieldWriter) {
	w.word("h", string(s.fn))
	w.number("i", s.rounds)
	w.bytes("s", s.salt)
	w.number("l", s.length)
}

func (s pbkdf2Step) check(of Scheme) error {
	switch {
	case !s.fn.known():
		return malformed(of, "unknown digest")
	case s.rounds < 1:
		return malformed(of, "no rounds")
	case len(s.salt) > Limits.SaltBytes:
		return tooCostly(of, "salt too long")
	case s.length > Limits.SumBytes:
		return malformed(of, "digest has the wrong length")
	}
	// A long key costs a full run for every block of it.
	blocks := (s.length + s.fn.size() - 1) / s.fn.size()
	if s.rounds > Limits.PBKDF2Rounds || s.rounds*blocks > Limits.PBKDF2Rounds {
		return tooCostly(of, "too many rounds")
	}
	return nil
}

func (s pbkdf2Step) apply(in []byte) ([]byte, error) {
	sum, err := pbkdf2.Key(s.fn.constructor(), string(in), s.salt, s.rounds, s.length)
	if err != nil {
		return nil, badPassword("pbkdf2", "refused by this build's cryptography")
	}
	return sum, nil
}

// pbkdf2Of is the end of every reader of PBKDF2: the key length is the sum's.
func pbkdf2Of(fn digest, rounds int, salt, sum []byte) (*Hash, error) {
	return build(sum, pbkdf2Step{fn: fn, rounds: rounds, salt: salt, length: len(sum)})
}
