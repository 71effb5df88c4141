package passhash

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"

	//lint:ignore SA1019 exports hold it; nothing new is hashed with it
	"golang.org/x/crypto/md4"
)

// digest names a hash function, broken ones included: they are what exports hold.
type digest string

const (
	md4Digest    digest = "md4"
	md5Digest    digest = "md5"
	sha1Digest   digest = "sha1"
	sha224Digest digest = "sha224"
	sha256Digest digest = "sha256"
	sha384Digest digest = "sha384"
	sha512Digest digest = "sha512"
)

// constructor gives the function, nil when there is none of that name.
func (d digest) constructor() func() hash.Hash {
	switch d {
	case md4Digest:
		return md4.New
	case md5Digest:
		return md5.New
	case sha1Digest:
		return sha1.New
	case sha224Digest:
		return sha256.New224
	case sha256Digest:
		return sha256.New
	case sha384Digest:
		return sha512.New384
	case sha512Digest:
		return sha512.New
	}
	return nil
}

func (d digest) known() bool    { return d.constructor() != nil }
func (d digest) new() hash.Hash { return d.constructor()() }

// scheme is the name for errors and logs, which must not echo foreign text.
func (d digest) scheme() Scheme {
	if !d.known() {
		return "digest"
	}
	return Scheme(d)
}

// size is the length of a sum; 1 for an unknown function, which check refuses.
func (d digest) size() int {
	if !d.known() {
		return 1
	}
	return d.new().Size()
}

// digestStep hashes its input, then its own sum again until rounds are done;
// with feedback each later round hashes the sum followed by the first input.
type digestStep struct {
	fn       digest
	rounds   int
	feedback bool
}

func (s digestStep) name() string   { return "digest" }
func (s digestStep) scheme() Scheme { return s.fn.scheme() }
func (s digestStep) size() int      { return s.fn.size() }
func (s digestStep) strong() bool   { return false }

func (s digestStep) cost() string {
	if s.rounds == 1 {
		return ""
	}
	return fmt.Sprintf("rounds=%d", s.rounds)
}

func (s digestStep) encode(w *fieldWriter) {
	w.word("h", string(s.fn))
	w.number("i", s.rounds)
	if s.feedback {
		w.number("f", 1)
	}
}

func (s digestStep) check(of Scheme) error {
	switch {
	case !s.fn.known():
		return malformed("", "unknown digest")
	case s.rounds < 1:
		return malformed(of, "no rounds")
	case s.rounds > Limits.DigestRounds, s.feedback && s.rounds > Limits.FeedbackRounds:
		return tooCostly(of, "too many rounds")
	}
	return nil
}

func (s digestStep) apply(in []byte) ([]byte, error) {
	h := s.fn.new()
	h.Write(in)
	sum := h.Sum(nil)
	for range s.rounds - 1 {
		h.Reset()
		h.Write(sum)
		if s.feedback {
			h.Write(in)
		}
		sum = h.Sum(sum[:0])
	}
	return sum, nil
}

// hmacStep is HMAC over its input.
type hmacStep struct {
	fn  digest
	key []byte
}

func (s hmacStep) name() string   { return "hmac" }
func (s hmacStep) scheme() Scheme { return "hmac-" + s.fn.scheme() }
func (s hmacStep) size() int      { return s.fn.size() }
func (s hmacStep) strong() bool   { return false }
func (s hmacStep) cost() string   { return "" }

func (s hmacStep) encode(w *fieldWriter) {
	w.word("h", string(s.fn))
	w.bytes("k", s.key)
}

func (s hmacStep) check(of Scheme) error {
	if !s.fn.known() {
		return malformed("", "unknown digest")
	}
	if len(s.key) > Limits.SaltBytes {
		return tooCostly(of, "key too long")
	}
	return nil
}

func (s hmacStep) apply(in []byte) ([]byte, error) {
	mac := hmac.New(s.fn.constructor(), s.key)
	mac.Write(in)
	return mac.Sum(nil), nil
}
