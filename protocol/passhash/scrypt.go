package passhash

import (
	"fmt"
	"strings"

	"github.com/go-crypt/x/yescrypt"
	"golang.org/x/crypto/scrypt"
)

// checkScrypt bounds memory and work for scrypt and what is built on it.
func checkScrypt(of Scheme, log2N, r, p int) error {
	switch {
	case log2N < 1 || r < 1 || p < 1:
		return malformed(of, "cost below the minimum of scrypt")
	case log2N > 30 || r > 1<<16 || p > Limits.ScryptParallel:
		return tooCostly(of, "memory or lanes too high")
	}
	memory := uint64(128*r) << log2N
	if memory > Limits.ScryptBytes || memory*uint64(p) > 4*Limits.ScryptBytes {
		return tooCostly(of, "memory or lanes too high")
	}
	return nil
}

// scryptStrong asks for a mebibyte, the memory of N=1024, r=8.
func scryptStrong(log2N, r int) bool { return log2N < 40 && uint64(128*r)<<log2N >= 1<<20 }

type scryptStep struct {
	log2N, r, p int
	salt        []byte
	length      int
}

func (s scryptStep) name() string   { return "scrypt" }
func (s scryptStep) scheme() Scheme { return "scrypt" }
func (s scryptStep) size() int      { return max(s.length, 1) }
func (s scryptStep) strong() bool   { return scryptStrong(s.log2N, s.r) }
func (s scryptStep) cost() string   { return fmt.Sprintf("ln=%d r=%d p=%d", s.log2N, s.r, s.p) }

func (s scryptStep) encode(w *fieldWriter) {
	w.number("ln", s.log2N)
	w.number("r", s.r)
	w.number("p", s.p)
	w.bytes("s", s.salt)
	w.number("l", s.length)
}

func (s scryptStep) check(of Scheme) error {
	if len(s.salt) > Limits.SaltBytes {
		return tooCostly(of, "salt too long")
	}
	return checkScrypt(of, s.log2N, s.r, s.p)
}

func (s scryptStep) apply(in []byte) ([]byte, error) {
	sum, err := scrypt.Key(in, s.salt, 1<<s.log2N, s.r, s.p, s.length)
	if err != nil {
		return nil, malformed("scrypt", "parameters refused")
	}
	return sum, nil
}

// scryptOf is the end of every reader of scrypt: the key length is the sum's.
func scryptOf(log2N, r, p int, salt, sum []byte, pre ...step) (*Hash, error) {
	return build(sum, append(pre, scryptStep{log2N: log2N, r: r, p: p, salt: salt, length: len(sum)})...)
}

// log2 of a power of two; 0, which is refused later, for anything else.
func log2(n int) int {
	for i := range 31 {
		if n == 1<<i {
			return i
		}
	}
	return 0
}

// readScrypt reads passlib's $scrypt$ln=14,r=8,p=1$salt$sum. Ory Kratos writes N
// itself under ln: no cost is both, since a log2 above 30 is out of bounds.
func readScrypt(encoded string) (*Hash, error) {
	f := strings.Split(encoded, "$")
	if len(f) != 5 || f[0] != "" || f[1] != "scrypt" {
		return nil, malformed("scrypt", "wrong number of fields")
	}
	p, okParams := params(f[2], "ln", "r", "p")
	salt, okSalt := unbase64(f[3])
	sum, okSum := unbase64(f[4])
	if !okParams || !okSalt || !okSum {
		return nil, malformed("scrypt", "parameters, salt or digest unreadable")
	}
	if p[0] > 30 && log2(p[0]) > 0 {
		p[0] = log2(p[0])
	}
	return scryptOf(p[0], p[1], p[2], salt, sum)
}

// readSevenCrypt reads libxcrypt's $7$: N, r and p in six-bit characters, the
// salt as it stands, the sum in little-endian groups.
func readSevenCrypt(encoded string) (*Hash, error) {
	setting, sum, ok := strings.Cut(strings.TrimPrefix(encoded, "$7$"), "$")
	raw := crypt64Decode(sum)
	if !ok || !strings.HasPrefix(encoded, "$7$") || len(setting) < 11 || len(raw) != 32 {
		return nil, malformed("scrypt", "not $7$setting$43 characters")
	}
	r, okR := crypt64Number(setting[1:6])
	p, okP := crypt64Number(setting[6:11])
	n, okN := crypt64Number(setting[:1])
	if !okR || !okP || !okN {
		return nil, malformed("scrypt", "setting unreadable")
	}
	return scryptOf(n, r, p, []byte(setting[11:]), raw)
}

// yescryptStep is yescrypt with the one set of flags that libxcrypt writes.
type yescryptStep struct {
	log2N, r int
	salt     []byte
}

func (s yescryptStep) name() string   { return "yescrypt" }
func (s yescryptStep) scheme() Scheme { return "yescrypt" }
func (s yescryptStep) size() int      { return 32 }
func (s yescryptStep) strong() bool   { return true }
func (s yescryptStep) cost() string   { return fmt.Sprintf("ln=%d r=%d", s.log2N, s.r) }

func (s yescryptStep) encode(w *fieldWriter) {
	w.number("ln", s.log2N)
	w.number("r", s.r)
	w.bytes("s", s.salt)
}

func (s yescryptStep) check(of Scheme) error {
	switch {
	case s.log2N < 10 || s.r > 32:
		return malformed(of, "cost outside what libxcrypt writes")
	case len(s.salt) > 64:
		return malformed(of, "salt too long")
	}
	return checkScrypt(of, s.log2N, s.r, 1)
}

func (s yescryptStep) apply(in []byte) ([]byte, error) {
	if len(in) > Limits.CryptBytes {
		return nil, badPassword("yescrypt", "too long")
	}
	sum, err := yescrypt.Key(in, s.salt, 1<<s.log2N, s.r, 1, 32)
	if err != nil {
		return nil, malformed("yescrypt", "parameters refused")
	}
	return sum, nil
}

// readYescrypt reads $y$j9T$salt$sum.
func readYescrypt(encoded string) (*Hash, error) {
	f := strings.Split(encoded, "$")
	if len(f) != 5 || f[0] != "" || f[1] != "y" || len(f[2]) != 3 || f[2][0] != 'j' {
		return nil, malformed("yescrypt", "not $y$j..$salt$digest")
	}
	n, okN := crypt64Number(f[2][1:2])
	r, okR := crypt64Number(f[2][2:])
	salt, sum := yescrypt.Decode64([]byte(f[3])), yescrypt.Decode64([]byte(f[4]))
	if !okN || !okR || salt == nil || sum == nil {
		return nil, malformed("yescrypt", "setting, salt or digest unreadable")
	}
	return build(sum, yescryptStep{log2N: n + 1, r: r + 1, salt: salt})
}
