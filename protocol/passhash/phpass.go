package passhash

import (
	"fmt"
	"strings"
)

// phpassStep is the portable hash of phpass ($P$, phpBB's $H$) and its SHA-512
// kin in Drupal 7 ($S$), whose text is cut short. The sum is kept as text.
type phpassStep struct {
	fn   digest // md5 or sha512
	log2 int
	salt []byte
}

func (s phpassStep) name() string { return "phpass" }
func (s phpassStep) cost() string { return fmt.Sprintf("log2=%d", s.log2) }
func (s phpassStep) strong() bool { return s.fn == sha512Digest && s.log2 >= 13 }

func (s phpassStep) scheme() Scheme {
	if s.fn == sha512Digest {
		return "drupal7"
	}
	return "phpass"
}

func (s phpassStep) size() int {
	if s.fn == sha512Digest {
		return 43
	}
	return 22
}

func (s phpassStep) encode(w *fieldWriter) {
	w.word("h", string(s.fn))
	w.number("n", s.log2)
	w.bytes("s", s.salt)
}

func (s phpassStep) check(of Scheme) error {
	switch {
	case s.fn != md5Digest && s.fn != sha512Digest:
		return malformed(of, "unknown digest")
	case len(s.salt) != 8:
		return malformed(of, "salt is not eight characters")
	case s.log2 < 7:
		return malformed(of, "fewer rounds than the scheme allows")
	case s.log2 > Limits.PHPassLog2:
		return tooCostly(of, "too many rounds")
	}
	return nil
}

func (s phpassStep) apply(in []byte) ([]byte, error) {
	if len(in) > Limits.CryptBytes {
		return nil, badPassword(s.scheme(), "too long")
	}
	// One round more than 2^log2: the salted one, then as many of sum and password.
	h := s.fn.new()
	h.Write(s.salt)
	h.Write(in)
	sum := h.Sum(nil)
	for range 1 << s.log2 {
		h.Reset()
		h.Write(sum)
		h.Write(in)
		sum = h.Sum(sum[:0])
	}
	return []byte(crypt64Encode(sum)[:s.size()]), nil
}

// readPHPass reads $P$, $H$ and $S$, and Drupal's U in front of them, which says
// that an older MD5 was hashed in place of the password.
func readPHPass(encoded string, pre ...step) (*Hash, error) {
	rest, upgraded := strings.CutPrefix(encoded, "U")
	if upgraded {
		pre = append(pre, transform{kind: md5hex})
	}
	s := phpassStep{fn: md5Digest}
	switch {
	case strings.HasPrefix(rest, "$S$"):
		s.fn = sha512Digest
	case !strings.HasPrefix(rest, "$P$") && !strings.HasPrefix(rest, "$H$"):
		return nil, malformed("phpass", "unknown prefix")
	}
	if len(rest) != 12+s.size() || !isCrypt64(rest[12:], s.size()) {
		return nil, malformed(s.scheme(), "wrong length or alphabet")
	}
	s.log2 = strings.IndexByte(crypt64, rest[3])
	s.salt = []byte(rest[4:12])
	return build([]byte(rest[12:]), append(pre, s)...)
}
