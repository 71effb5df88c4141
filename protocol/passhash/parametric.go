package passhash

import "strings"

// Order says on which side of the password the salt stands.
type Order string

// The two orders; the zero value is Prefix.
const (
	Prefix Order = "prefix"
	Suffix Order = "suffix"
)

// Charset says into which bytes a UTF-8 password is turned before hashing.
type Charset string

// The charsets, by the names Auth0 uses; the zero value leaves the bytes alone.
const (
	UTF8    Charset = "utf8"
	UTF16LE Charset = "utf16le"
	UCS2    Charset = "ucs2"
	Latin1  Charset = "latin1"
	ASCII   Charset = "ascii"
	Binary  Charset = "binary"
)

func (c Charset) steps() ([]step, bool) {
	switch c {
	case "", UTF8:
		return nil, true
	case UTF16LE, UCS2:
		return []step{transform{kind: utf16le}}, true
	case Latin1, ASCII, Binary:
		return []step{transform{kind: latin1}}, true
	}
	return nil, false
}

// Params hold what some formats keep outside of the hash. Each format reads the
// fields it needs and leaves the others alone; zero values mean absent.
type Params struct {
	Salt     []byte   // of raw digests
	Order    Order    // of Salt
	Charset  Charset  // of raw digests
	Key      []byte   // of hmac-*
	Pepper   []byte   // behind the password (bcrypt, digests); behind the salt (spring-pbkdf2)
	Rounds   int      // of raw digests, 1 when absent; of spring-pbkdf2
	Firebase Firebase // of firebase-scrypt
}

// ParseAs reads encoded as the named scheme or format says, with what the
// format keeps elsewhere. Besides the names of algorithms ("bcrypt", "pbkdf2",
// "sha1", "salted-sha1", "hmac-sha256") it knows those of source formats
// ("django-sha1", "symfony-pbkdf2", "nt-hash"). Raw digests are written in hex
// or base64. Errors are those of Parse.
func ParseAs(scheme Scheme, encoded string, p Params) (*Hash, error) {
	if len(encoded) > Limits.EncodedBytes {
		return nil, tooCostly("", "encoded hash too long")
	}
	if fn, form, ok := rawScheme(scheme); ok {
		return readRaw(fn, form, encoded, p)
	}
	if read := textReader(scheme); read != nil {
		return read(encoded)
	}
	if read := paramReader(scheme); read != nil {
		return read(encoded, p)
	}
	return nil, &Error{Kind: ErrUnknownScheme, Reason: unsupported(scheme)}
}

// unsupported names a scheme only if it looks like a name: the text is foreign.
func unsupported(scheme Scheme) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	if scheme == "" || len(scheme) > 64 || strings.Trim(string(scheme), letters) != "" {
		return "unsupported scheme"
	}
	return "unsupported scheme " + string(scheme)
}

// rawScheme takes "sha1", "sha1-hex", "salted-sha1" and "hmac-sha1" apart.
func rawScheme(scheme Scheme) (fn digest, form string, known bool) {
	name := strings.TrimSuffix(string(scheme), "-hex")
	for _, form := range []string{"salted-", "hmac-"} {
		if rest, ok := strings.CutPrefix(name, form); ok {
			return digest(rest), form, digest(rest).known()
		}
	}
	return digest(name), "", digest(name).known()
}

func readRaw(fn digest, form, encoded string, p Params) (*Hash, error) {
	sum, ok := undigest(encoded, fn.size())
	pre, known := p.Charset.steps()
	switch {
	case !ok:
		return nil, malformed(fn.scheme(), "not a digest in hex or base64")
	case !known:
		return nil, malformed(fn.scheme(), "charset unknown")
	case form == "salted-" && len(p.Salt) == 0:
		return nil, malformed(fn.scheme(), "no salt")
	case form == "hmac-" && len(p.Key) == 0:
		return nil, malformed(fn.scheme(), "no key")
	}
	front, back := p.Salt, []byte(nil)
	switch p.Order {
	case Suffix:
		front, back = nil, p.Salt
	case Prefix, "":
	default:
		return nil, malformed(fn.scheme(), "order unknown")
	}
	steps := salting(front, back, salting(nil, p.Pepper, pre))
	if form == "hmac-" {
		return build(sum, append(steps, hmacStep{fn: fn, key: p.Key})...)
	}
	return build(sum, append(steps, digestStep{fn: fn, rounds: max(p.Rounds, 1)})...)
}

// paramReader gives the reader of a format that may need Params.
func paramReader(scheme Scheme) func(string, Params) (*Hash, error) {
	switch scheme {
	case "bcrypt", "bcrypt-2a", "bcrypt-2b", "bcrypt-2y", "bcrypt-2y-laravel", "bcrypt-72-byte-truncation", "bcrypt-devise-pepper":
		return func(encoded string, p Params) (*Hash, error) {
			return readBcrypt(encoded, salting(nil, p.Pepper, nil)...)
		}
	case "firebase-scrypt":
		return readFirebase
	case "spring-pbkdf2":
		return readSpringPBKDF2
	}
	return nil
}
