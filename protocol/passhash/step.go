package passhash

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// step is one stage of a pipeline over bytes. Steps are values.
type step interface {
	name() string          // first word of its encoding
	scheme() Scheme        // the name that Hash.Scheme reports
	encode(w *fieldWriter) // its parameters, always in the same order
	check(of Scheme) error // its parameters against Limits
	apply([]byte) ([]byte, error)
	size() int    // length of what apply gives; 0 for transforms, which vary
	strong() bool // costs a guesser about a millisecond or more
	cost() string // for people; empty when there is none
}

const canonicalPrefix = "$sallyport$v=1$"

// readCanonical reads what Encode wrote, and only that spelling of it.
func readCanonical(encoded string) (*Hash, error) {
	recipe, text, ok := strings.Cut(strings.TrimPrefix(encoded, canonicalPrefix), "$")
	if !ok {
		return nil, malformed("sallyport", "no sum")
	}
	sum, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, malformed("sallyport", "sum is not base64url")
	}
	words := strings.Split(recipe, ";")
	if len(words) > maxSteps {
		return nil, malformed("sallyport", "too many steps")
	}
	steps := make([]step, 0, len(words))
	for _, word := range words {
		s, ok := decodeStep(word)
		if !ok {
			return nil, malformed("sallyport", "unknown step or field")
		}
		steps = append(steps, s)
	}
	h, err := build(sum, steps...)
	if err != nil {
		return nil, err
	}
	if h.Encode() != encoded {
		return nil, malformed("sallyport", "not the canonical spelling")
	}
	return h, nil
}

func encodeSteps(steps []step) string {
	var w fieldWriter
	for i, s := range steps {
		if i > 0 {
			w.text.WriteByte(';')
		}
		w.text.WriteString(s.name())
		s.encode(&w)
	}
	return w.text.String()
}

func decodeStep(word string) (step, bool) {
	name, rest, _ := strings.Cut(word, ",")
	r := fieldReader{fields: map[string]string{}}
	for field := range strings.SplitSeq(rest, ",") {
		if key, value, ok := strings.Cut(field, "="); ok {
			r.fields[key] = value
		}
	}
	s := stepOf(name, &r)
	return s, s != nil && !r.failed
}

// stepOf reads the fields of the named step. Unknown and missing fields need no
// care here: the spelling is compared with the canonical one afterwards.
func stepOf(name string, r *fieldReader) step {
	switch name {
	case "digest":
		return digestStep{fn: digest(r.word("h")), rounds: r.number("i"), feedback: r.number("f") == 1}
	case "hmac":
		return hmacStep{fn: digest(r.word("h")), key: r.bytes("k")}
	case "bcrypt":
		return bcryptStep{ident: r.word("v"), log2: r.number("c"), salt: r.bytes("s")}
	case argon2d, argon2i, argon2id:
		return argon2Step{
			kind: name, version: r.number("v"), work: Argon2Cost{
				MemoryKiB: uint32(r.number("m")), Time: uint32(r.number("t")), Threads: uint8(min(r.number("p"), 255)),
			},
			salt: r.bytes("s"), length: r.number("l"),
		}
	case "pbkdf2":
		return pbkdf2Step{fn: digest(r.word("h")), rounds: r.number("i"), salt: r.bytes("s"), length: r.number("l")}
	case "scrypt":
		return scryptStep{log2N: r.number("ln"), r: r.number("r"), p: r.number("p"), salt: r.bytes("s"), length: r.number("l")}
	case "fbscrypt":
		return firebaseStep{log2N: r.number("ln"), r: r.number("r"), salt: r.bytes("s"), signer: r.bytes("k")}
	case "yescrypt":
		return yescryptStep{log2N: r.number("ln"), r: r.number("r"), salt: r.bytes("s")}
	case "sha256crypt", "sha512crypt":
		return shaCryptStep{kind: name, rounds: r.number("i"), salt: r.bytes("s")}
	case "md5crypt", "apr1":
		return md5CryptStep{kind: name, salt: r.bytes("s")}
	case "descrypt":
		return desCryptStep{salt: r.bytes("s")}
	case "phpass":
		return phpassStep{fn: digest(r.word("h")), log2: r.number("n"), salt: r.bytes("s")}
	}
	if t := (transform{kind: transformKind(name)}); t.known() {
		if t.takesText() {
			t.text = r.bytes("b")
		}
		return t
	}
	return nil
}

type fieldWriter struct{ text strings.Builder }

func (w *fieldWriter) word(key, value string) {
	w.text.WriteString("," + key + "=" + value)
}

func (w *fieldWriter) number(key string, n int) { w.word(key, strconv.Itoa(n)) }

func (w *fieldWriter) bytes(key string, b []byte) {
	w.word(key, base64.RawURLEncoding.EncodeToString(b))
}

type fieldReader struct {
	fields map[string]string
	failed bool
}

func (r *fieldReader) word(key string) string { return r.fields[key] }

// number reads at most nine digits, so that no cast or product can overflow.
func (r *fieldReader) number(key string) int {
	text := r.fields[key]
	if text == "" {
		return 0
	}
	n, ok := digits(text)
	r.failed = r.failed || !ok
	return n
}

func (r *fieldReader) bytes(key string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(r.fields[key])
	r.failed = r.failed || err != nil
	return b
}

// digits reads a plain decimal number of at most nine digits.
func digits(text string) (int, bool) {
	if text == "" || len(text) > 9 {
		return 0, false
	}
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}
