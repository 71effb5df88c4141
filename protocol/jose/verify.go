package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// What Verify can find wrong with a token. None of them is wrapped with anything that
// stood in the token.
var (
	// ErrMalformed: not three parts of strict base64url, no JSON header, or a
	// header with repeated, unknown or critical parameters.
	ErrMalformed = errors.New("jose: malformed token")
	// ErrTooLarge: longer than MaxTokenBytes.
	ErrTooLarge = errors.New("jose: token too large")
	// ErrUnknownKey: no kid, or none of the verifier's.
	ErrUnknownKey = errors.New("jose: unknown key")
	// ErrAlgorithm: alg is not the algorithm of the key that kid names.
	ErrAlgorithm = errors.New("jose: wrong algorithm")
	// ErrType: typ is not the verifier's.
	ErrType = errors.New("jose: wrong token type")
	// ErrSignature: the signature is not that of the key over this token.
	ErrSignature = errors.New("jose: wrong signature")
)

// maxHeaderBytes bounds an encoded header; ours have about 100 bytes.
const maxHeaderBytes = 1 << 10

// Verifier verifies tokens of one type against a fixed set of keys. It is
// immutable and may be shared between goroutines; when keys change, make a new one.
type Verifier struct {
	typ      string
	keys     map[KeyID]PublicKey
	byHeader map[string]PublicKey // the encoded headers that Signer writes
}

// NewVerifier prepares verification with keys. typ must be the token's type,
// such as "at+jwt"; the token may also spell it "application/at+jwt" (RFC 7515
// §4.1.9, RFC 9068 §4). An empty typ wants tokens without typ. Every key must fit
// its algorithm and have an id of its own, else ErrKey or ErrKeySet. A verifier
// without keys is valid and refuses every token.
func NewVerifier(keys KeySet, typ string) (*Verifier, error) {
	v := &Verifier{typ: typ, keys: make(map[KeyID]PublicKey, len(keys)), byHeader: make(map[string]PublicKey, len(keys))}
	for _, key := range keys {
		if err := key.Algorithm.checkKey(key.Key); err != nil {
			return nil, fmt.Errorf("jose: new verifier: %w", err)
		}
		if key.KeyID == "" {
			return nil, fmt.Errorf("%w: a key has no id", ErrKeySet)
		}
		if _, repeated := v.keys[key.KeyID]; repeated {
			return nil, fmt.Errorf("%w: key id %q is used twice", ErrKeySet, string(key.KeyID))
		}
		encoded, err := encodeHeader(key, typ)
		if err != nil {
			return nil, fmt.Errorf("jose: new verifier: %w", err)
		}
		v.keys[key.KeyID] = key
		v.byHeader[encoded] = key
	}
	return v, nil
}

// Verify checks token's form, header and signature, and returns its payload and
// the id of the key that signed it. The payload is whatever bytes were signed:
// claims are still to be checked. Errors are those above, to be told apart by errors.Is.
func (v *Verifier) Verify(token string) (payload []byte, kid KeyID, err error) {
	if len(token) > MaxTokenBytes {
		return nil, "", ErrTooLarge
	}
	encodedHeader, rest, ok := strings.Cut(token, ".")
	encodedPayload, encodedSignature, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 {
		return nil, "", ErrMalformed
	}
	// A map look-up compares the whole string: no part of a header counts.
	key, known := v.byHeader[encodedHeader]
	if !known {
		if key, err = v.readHeader(encodedHeader); err != nil {
			return nil, "", err
		}
	}
	payload, err = decodeBase64url(encodedPayload)
	if err != nil {
		return nil, "", ErrMalformed
	}
	if len(encodedSignature) > base64url.EncodedLen(maxSignatureBytes) {
		return nil, "", ErrSignature
	}
	var space [maxSignatureBytes]byte
	signature, err := appendBase64url(space[:0], encodedSignature)
	if err != nil {
		return nil, "", ErrMalformed
	}
	signed := len(encodedHeader) + 1 + len(encodedPayload)
	if !key.verify([]byte(token[:signed]), signature) {
		return nil, "", ErrSignature
	}
	return payload, key.KeyID, nil
}

// readHeader finds the key of a header that is spelt otherwise than ours, such
// as with its members in another order.
func (v *Verifier) readHeader(encoded string) (PublicKey, error) {
	if len(encoded) > maxHeaderBytes {
		return PublicKey{}, ErrMalformed
	}
	decoded, err := decodeBase64url(encoded)
	if err != nil {
		return PublicKey{}, ErrMalformed
	}
	object, err := parseObject(decoded)
	if err != nil {
		return PublicKey{}, ErrMalformed
	}
	var alg, kid, typ string
	for name, raw := range object {
		var into *string
		switch name {
		case "alg":
			into = &alg
		case "kid":
			into = &kid
		case "typ":
			into = &typ
		default:
			// crit, jwk, jku, x5u, x5c, b64, zip, ...: nobody who signs for this
			// verifier sends them, so there is no reason to understand them.
			return PublicKey{}, ErrMalformed
		}
		if !isString(raw) || json.Unmarshal(raw, into) != nil {
			return PublicKey{}, ErrMalformed
		}
	}
	return v.match(alg, KeyID(kid), typ)
}

// isString rules out null, which json.Unmarshal takes for an empty string.
func isString(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '"' }

func (v *Verifier) match(alg string, kid KeyID, typ string) (PublicKey, error) {
	key, known := v.keys[kid]
	switch {
	case !known:
		return PublicKey{}, ErrUnknownKey
	case string(key.Algorithm) != alg:
		return PublicKey{}, ErrAlgorithm
	case typ != v.typ && (v.typ == "" || typ != "application/"+v.typ):
		return PublicKey{}, ErrType
	}
	return key, nil
}

// verify reports whether signature is k's over input. k has passed checkKey.
func (k PublicKey) verify(input, signature []byte) bool {
	if k.Algorithm == EdDSA {
		return ed25519.Verify(k.Key.(ed25519.PublicKey), input, signature)
	}
	digest := sha256.Sum256(input)
	switch k.Algorithm {
	case ES256:
		var space [72]byte
		der, ok := appendDER(space[:0], signature)
		return ok && ecdsa.VerifyASN1(k.Key.(*ecdsa.PublicKey), digest[:], der)
	case RS256:
		return rsa.VerifyPKCS1v15(k.Key.(*rsa.PublicKey), crypto.SHA256, digest[:], signature) == nil
	case PS256:
		return rsa.VerifyPSS(k.Key.(*rsa.PublicKey), crypto.SHA256, digest[:], signature, pssOptions()) == nil
	}
	return false
}

// appendDER turns r || s into an ASN.1 ECDSA signature, at most 72 bytes, for the standard
// library. It refuses any other length; zero and oversized values are left
// to the library.
func appendDER(dst, raw []byte) ([]byte, bool) {
	if len(raw) != 64 {
		return nil, false
	}
	start := len(dst)
	dst = append(dst, 0x30, 0)
	dst = appendInteger(dst, raw[:32])
	dst = appendInteger(dst, raw[32:])
	dst[start+1] = byte(len(dst) - start - 2)
	return dst, true
}

// appendInteger appends a non-negative INTEGER in its shortest form.
func appendInteger(dst, value []byte) []byte {
	for len(value) > 1 && value[0] == 0 {
		value = value[1:]
	}
	if value[0]&0x80 != 0 {
		return append(append(dst, 0x02, byte(len(value)+1), 0), value...)
	}
	return append(append(dst, 0x02, byte(len(value))), value...)
}
