package passhash

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// transformKind names what is done to a password before it is hashed.
type transformKind string

const (
	utf16le   transformKind = "utf16le"   // UTF-8 to UTF-16, little endian
	latin1    transformKind = "latin1"    // low byte of each UTF-16 unit, as Node's 'latin1' and 'ascii'
	nfkc      transformKind = "nfkc"      // Unicode NFKC
	trim      transformKind = "trim"      // PHP trim()
	md5hex    transformKind = "md5hex"    // lower-case hex digest
	sha1hex   transformKind = "sha1hex"   // lower-case hex digest
	sha256hex transformKind = "sha256hex" // lower-case hex digest
	wordpress transformKind = "wp"        // base64 HMAC-SHA-384, WordPress 6.8
	prefix    transformKind = "prefix"    // put text in front
	suffix    transformKind = "suffix"    // put text behind
)

type transform struct {
	kind transformKind
	text []byte // of prefix and suffix
}

func before(text []byte) step { return transform{prefix, text} }
func after(text []byte) step  { return transform{suffix, text} }

func (t transform) name() string    { return string(t.kind) }
func (t transform) scheme() Scheme  { return Scheme(t.kind) }
func (t transform) size() int       { return 0 }
func (t transform) strong() bool    { return false }
func (t transform) cost() string    { return "" }
func (t transform) takesText() bool { return t.kind == prefix || t.kind == suffix }

func (t transform) known() bool {
	switch t.kind {
	case utf16le, latin1, nfkc, trim, md5hex, sha1hex, sha256hex, wordpress, prefix, suffix:
		return true
	}
	return false
}

func (t transform) encode(w *fieldWriter) {
	if t.takesText() {
		w.bytes("b", t.text)
	}
}

func (t transform) check(of Scheme) error {
	if len(t.text) > Limits.SaltBytes {
		return tooCostly(of, "salt too long")
	}
	return nil
}

func (t transform) apply(in []byte) ([]byte, error) {
	switch t.kind {
	case prefix:
		return append(bytes.Clone(t.text), in...), nil
	case suffix:
		return append(bytes.Clone(in), t.text...), nil
	case trim:
		return bytes.Trim(in, " \t\n\r\x00\x0b"), nil
	case md5hex:
		return hexOf(md5Digest, in), nil
	case sha1hex:
		return hexOf(sha1Digest, in), nil
	case sha256hex:
		return hexOf(sha256Digest, in), nil
	case wordpress:
		mac := hmac.New(sha512.New384, []byte("wp-sha384"))
		mac.Write(in)
		return []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil))), nil
	}
	return t.recode(in)
}

// recode serves the transforms that need to know the characters.
func (t transform) recode(in []byte) ([]byte, error) {
	if !utf8.Valid(in) {
		return nil, badPassword("", "not UTF-8")
	}
	if t.kind == nfkc {
		return norm.NFKC.Bytes(in), nil
	}
	var out []byte
	for _, unit := range utf16.Encode([]rune(string(in))) {
		if t.kind == latin1 {
			out = append(out, byte(unit))
		} else {
			out = binary.LittleEndian.AppendUint16(out, unit)
		}
	}
	return out, nil
}

func hexOf(fn digest, in []byte) []byte {
	h := fn.new()
	h.Write(in)
	return []byte(hex.EncodeToString(h.Sum(nil)))
}
