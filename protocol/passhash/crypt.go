package passhash

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"strings"

	"github.com/go-crypt/x/crypt"
)

// The crypt(3) kinds keep their sum as the text that crypt writes.

const crypt64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// isCrypt64 tells whether text is n characters of the alphabet of crypt(3).
func isCrypt64(text string, n int) bool {
	return len(text) == n && strings.Trim(text, crypt64) == ""
}

// crypt64Number reads a little-endian number of at most five characters.
func crypt64Number(text string) (int, bool) {
	n := 0
	for i := len(text) - 1; i >= 0; i-- {
		v := strings.IndexByte(crypt64, text[i])
		if v < 0 {
			return 0, false
		}
		n = n<<6 | v
	}
	return n, len(text) <= 5
}

// crypt64Encode writes 6 bits at a time, lowest first, three bytes a group.
func crypt64Encode(b []byte) string {
	var out []byte
	for len(b) > 0 {
		n := min(3, len(b))
		v := 0
		for i := range n {
			v |= int(b[i]) << (8 * i)
		}
		for range n + 1 {
			out = append(out, crypt64[v&63])
			v >>= 6
		}
		b = b[n:]
	}
	return string(out)
}

// crypt64Decode undoes crypt64Encode; nil for text it never writes.
func crypt64Decode(text string) []byte {
	var out []byte
	for rest := text; rest != ""; {
		n := min(4, len(rest))
		v, ok := crypt64Number(rest[:n])
		if !ok {
			return nil
		}
		for range n - 1 {
			out = append(out, byte(v))
			v >>= 8
		}
		rest = rest[n:]
	}
	if crypt64Encode(out) != text {
		return nil
	}
	return out
}

// shaCryptStep is Drepper's SHA-crypt.
type shaCryptStep struct {
	kind   string // sha256crypt or sha512crypt
	rounds int
	salt   []byte
}

func (s shaCryptStep) name() string   { return s.kind }
func (s shaCryptStep) scheme() Scheme { return Scheme(s.kind) }
func (s shaCryptStep) strong() bool   { return s.rounds >= 5000 }
func (s shaCryptStep) cost() string   { return fmt.Sprintf("rounds=%d", s.rounds) }

func (s shaCryptStep) size() int {
	if s.kind == "sha256crypt" {
		return 43
	}
	return 86
}

func (s shaCryptStep) encode(w *fieldWriter) {
	w.number("i", s.rounds)
	w.bytes("s", s.salt)
}

func (s shaCryptStep) check(of Scheme) error {
	switch {
	case len(s.salt) > 16:
		return malformed(of, "salt too long")
	case s.rounds < 1000:
		return malformed(of, "fewer than 1000 rounds")
	case s.rounds > Limits.SHACryptRounds:
		return tooCostly(of, "too many rounds")
	}
	return nil
}

func (s shaCryptStep) apply(in []byte) ([]byte, error) {
	if len(in) > Limits.CryptBytes {
		return nil, badPassword(s.scheme(), "too long")
	}
	fn := sha512Digest
	if s.kind == "sha256crypt" {
		fn = sha256Digest
	}
	return crypt.KeySHACrypt(fn.constructor(), in, s.salt, s.rounds), nil
}

// readSHACrypt reads $5$ and $6$, with or without rounds=.
func readSHACrypt(encoded string) (*Hash, error) {
	f := strings.Split(encoded, "$")
	s := shaCryptStep{kind: "sha512crypt", rounds: 5000}
	if len(f) > 1 && f[1] == "5" {
		s.kind = "sha256crypt"
	}
	if len(f) == 5 {
		n, ok := params(f[2], "rounds")
		if !ok {
			return nil, malformed(s.scheme(), "rounds unreadable")
		}
		s.rounds = n[0]
		f = append(f[:2:2], f[3:]...)
	}
	if len(f) != 4 || f[0] != "" || (f[1] != "5" && f[1] != "6") || !isCrypt64(f[3], s.size()) {
		return nil, malformed(s.scheme(), "not $6$salt$digest")
	}
	s.salt = []byte(f[2])
	return build([]byte(f[3]), s)
}

// md5CryptStep is Kamp's MD5-crypt and Apache's copy of it, which differ in the
// magic text only.
type md5CryptStep struct {
	kind string // md5crypt or apr1
	salt []byte
}

func (s md5CryptStep) name() string          { return s.kind }
func (s md5CryptStep) scheme() Scheme        { return Scheme(s.kind) }
func (s md5CryptStep) size() int             { return 22 }
func (s md5CryptStep) strong() bool          { return false }
func (s md5CryptStep) cost() string          { return "rounds=1000" }
func (s md5CryptStep) encode(w *fieldWriter) { w.bytes("s", s.salt) }

func (s md5CryptStep) check(of Scheme) error {
	if len(s.salt) > 8 {
		return malformed(of, "salt too long")
	}
	return nil
}

func (s md5CryptStep) apply(in []byte) ([]byte, error) {
	if len(in) > Limits.CryptBytes {
		return nil, badPassword(s.scheme(), "too long")
	}
	magic := "$1$"
	if s.kind == "apr1" {
		magic = "$apr1$"
	}
	sum := s.first(in, magic)
	for i := range 1000 {
		sum = s.round(i, in, sum)
	}
	var order []byte
	for i := range 5 {
		order = append(order, sum[[5]int{12, 13, 14, 15, 5}[i]], sum[i+6], sum[i])
	}
	return []byte(crypt64Encode(append(order, sum[11]))), nil
}

func (s md5CryptStep) first(in []byte, magic string) [16]byte {
	inner := md5.Sum(bytes.Join([][]byte{in, s.salt, in}, nil))
	text := bytes.Join([][]byte{in, []byte(magic), s.salt}, nil)
	text = append(text, bytes.Repeat(inner[:], len(in)/16+1)[:len(in)]...)
	for n := len(in); n > 0; n >>= 1 {
		if n&1 == 1 {
			text = append(text, 0)
		} else {
			text = append(text, in[0])
		}
	}
	return md5.Sum(text)
}

func (s md5CryptStep) round(i int, in []byte, sum [16]byte) [16]byte {
	a, b := sum[:], in
	if i&1 == 1 {
		a, b = b, a
	}
	parts := [][]byte{a}
	if i%3 != 0 {
		parts = append(parts, s.salt)
	}
	if i%7 != 0 {
		parts = append(parts, in)
	}
	return md5.Sum(bytes.Join(append(parts, b), nil))
}

// readMD5Crypt reads $1$salt$digest and $apr1$salt$digest.
func readMD5Crypt(encoded string) (*Hash, error) {
	f := strings.Split(encoded, "$")
	if len(f) != 4 || f[0] != "" || (f[1] != "1" && f[1] != "apr1") || !isCrypt64(f[3], 22) {
		return nil, malformed("md5crypt", "not $1$salt$digest")
	}
	kind := "md5crypt"
	if f[1] == "apr1" {
		kind = "apr1"
	}
	return build([]byte(f[3]), md5CryptStep{kind: kind, salt: []byte(f[2])})
}

// readCrypt reads whatever stands in /etc/shadow or behind {CRYPT}.
func readCrypt(encoded string) (*Hash, error) {
	switch kind, _, _ := strings.Cut(strings.TrimPrefix(encoded, "$"), "$"); {
	case !strings.HasPrefix(encoded, "$"):
		return readDESCrypt(encoded)
	case kind == "5" || kind == "6":
		return readSHACrypt(encoded)
	case kind == "1" || kind == "apr1":
		return readMD5Crypt(encoded)
	case kind == "7":
		return readSevenCrypt(encoded)
	case kind == "y":
		return readYescrypt(encoded)
	case strings.HasPrefix(kind, "2"):
		return readBcrypt(encoded)
	}
	return nil, &Error{Kind: ErrUnknownScheme, Reason: "no crypt(3) kind known"}
}
