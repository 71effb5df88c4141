package passhash

import (
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

const (
	argon2d  = "argon2d"
	argon2i  = "argon2i"
	argon2id = "argon2id"
)

// Argon2Cost is what one Argon2 hash takes: memory in KiB, passes over it, and
// lanes. The memory is at least eight times the lanes.
type Argon2Cost struct {
	MemoryKiB, Time uint32
	Threads         uint8
}

// DefaultCost is OWASP's first choice for Argon2id: 19 MiB, two passes, one
// lane. It is read only.
var DefaultCost = Argon2Cost{MemoryKiB: 19 << 10, Time: 2, Threads: 1}

func (c Argon2Cost) check(of Scheme) error {
	switch {
	case c.Time < 1 || c.Threads < 1 || c.MemoryKiB < 8*uint32(c.Threads):
		return malformed(of, "cost below the minimum of Argon2")
	case c.MemoryKiB > Limits.Argon2KiB || c.Time > Limits.Argon2Time || c.Threads > Limits.Argon2Threads:
		return tooCostly(of, "memory, passes or lanes too high")
	}
	return nil
}

type argon2Step struct {
	kind    string
	version int // 0x10 or 0x13
	work    Argon2Cost
	salt    []byte
	length  int
}

func (s argon2Step) name() string   { return s.kind }
func (s argon2Step) scheme() Scheme { return Scheme(s.kind) }
func (s argon2Step) size() int      { return max(s.length, 1) }

// strong asks for a mebibyte written in all, a floor only absurd costs miss.
func (s argon2Step) strong() bool {
	return uint64(s.work.MemoryKiB)*uint64(s.work.Time) >= 1024
}

func (s argon2Step) cost() string {
	return fmt.Sprintf("v=%d m=%d t=%d p=%d", s.version, s.work.MemoryKiB, s.work.Time, s.work.Threads)
}

func (s argon2Step) encode(w *fieldWriter) {
	w.number("v", s.version)
	w.number("m", int(s.work.MemoryKiB))
	w.number("t", int(s.work.Time))
	w.number("p", int(s.work.Threads))
	w.bytes("s", s.salt)
	w.number("l", s.length)
}

func (s argon2Step) native(sum []byte) string {
	return fmt.Sprintf("$%s$v=%d$m=%d,t=%d,p=%d$%s$%s", s.kind, s.version, s.work.MemoryKiB, s.work.Time,
		s.work.Threads, base64.RawStdEncoding.EncodeToString(s.salt), base64.RawStdEncoding.EncodeToString(sum))
}

func (s argon2Step) check(of Scheme) error {
	switch {
	case s.version != 0x10 && s.version != 0x13:
		return malformed(of, "unknown version")
	case len(s.salt) > Limits.SaltBytes:
		return tooCostly(of, "salt too long")
	}
	return s.work.check(of)
}

func (s argon2Step) apply(in []byte) ([]byte, error) {
	c, length := s.work, uint32(s.length)
	switch {
	case s.version == 0x13 && s.kind == argon2id:
		return argon2.IDKey(in, s.salt, c.Time, c.MemoryKiB, c.Threads, length), nil
	case s.version == 0x13 && s.kind == argon2i:
		return argon2.Key(in, s.salt, c.Time, c.MemoryKiB, c.Threads, length), nil
	}
	return argon2Key(s, in), nil
}

// readArgon2 reads $argon2id$v=19$m=,t=,p=$salt$sum; without v it is version 16.
func readArgon2(encoded string) (*Hash, error) {
	f := strings.Split(encoded, "$")
	if len(f) == 5 {
		f = append(f[:2:2], append([]string{"v=16"}, f[2:]...)...)
	}
	if len(f) != 6 || f[0] != "" {
		return nil, malformed("argon2", "wrong number of fields")
	}
	if f[1] != argon2d && f[1] != argon2i && f[1] != argon2id {
		return nil, malformed("argon2", "unknown variant")
	}
	s := argon2Step{kind: f[1]}
	p, okParams := params(f[3], "m", "t", "p")
	v, okVersion := params(f[2], "v")
	salt, okSalt := unbase64(f[4])
	sum, okSum := unbase64(f[5])
	if !okParams || !okVersion || !okSalt || !okSum {
		return nil, malformed(s.scheme(), "parameters, salt or digest unreadable")
	}
	s.version, s.salt, s.length = v[0], salt, len(sum)
	s.work = Argon2Cost{MemoryKiB: uint32(p[0]), Time: uint32(p[1]), Threads: uint8(min(p[2], 255))}
	return build(sum, s)
}

// params reads "m=1,t=2,p=3" with exactly these keys in any order.
func params(text string, keys ...string) ([]int, bool) {
	values := make([]int, len(keys))
	seen := 0
	for field := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(field, "=")
		n, ok := digits(value)
		at := -1
		for i, k := range keys {
			if k == key {
				at = i
			}
		}
		if !ok || at < 0 || seen&(1<<at) != 0 {
			return nil, false
		}
		seen |= 1 << at
		values[at] = n
	}
	return values, seen == 1<<len(keys)-1
}
