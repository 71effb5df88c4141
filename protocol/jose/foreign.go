package jose

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	gojose "github.com/go-jose/go-jose/v4"
)

// maxForeignHeaderBytes bounds a foreign encoded header: some carry certificates.
const maxForeignHeaderBytes = 8 << 10

// maxForeignTries bounds the keys that are tried for a token without kid.
const maxForeignTries = 8

// Foreign describes tokens that others sign.
type Foreign struct {
	// Keys of the signer, as ParseKeySet read them.
	Keys KeySet
	// Algorithms that are accepted. Required: there is no default.
	Algorithms []Algorithm
	// Types lists the accepted values of typ, without "application/"; "" stands
	// for a token without typ. Required: it keeps one kind of JWT from being
	// taken for another (RFC 8725 §3.11).
	Types []string
}

// ForeignVerifier verifies other parties' tokens: client assertions and other
// providers' ID tokens. It is immutable and may be shared between goroutines.
type ForeignVerifier struct {
	config     Foreign
	algorithms []gojose.SignatureAlgorithm
}

// NewForeignVerifier checks f and copies it. It returns ErrUnsupportedAlgorithm for
// an unknown or missing algorithm and ErrKey for a key that does not fit its own.
func NewForeignVerifier(f Foreign) (*ForeignVerifier, error) {
	f = Foreign{Keys: slices.Clone(f.Keys), Algorithms: slices.Clone(f.Algorithms), Types: slices.Clone(f.Types)}
	if len(f.Algorithms) == 0 || len(f.Types) == 0 {
		return nil, fmt.Errorf("jose: new foreign verifier: %w: algorithms and types must be listed", ErrUnsupportedAlgorithm)
	}
	v := &ForeignVerifier{config: f}
	for _, alg := range f.Algorithms {
		if !alg.Known() {
			return nil, fmt.Errorf("jose: new foreign verifier: %w: %q", ErrUnsupportedAlgorithm, string(alg))
		}
		v.algorithms = append(v.algorithms, gojose.SignatureAlgorithm(alg))
	}
	for _, key := range f.Keys {
		if err := key.Algorithm.checkKey(key.Key); err != nil {
			return nil, fmt.Errorf("jose: new foreign verifier: %w", err)
		}
	}
	return v, nil
}

// Verify checks token like [Verifier.Verify], but ignores header parameters that
// it does not know, as RFC 7515 §4 asks; critical ones are refused. A token
// without kid is tried against the first keys of its algorithm; one with a kid
// only against that key, and ErrUnknownKey then tells the caller that
// fetching the key set anew may help.
func (v *ForeignVerifier) Verify(token string) (payload []byte, kid KeyID, err error) {
	if len(token) > MaxTokenBytes {
		return nil, "", ErrTooLarge
	}
	head, err := readForeignHeader(token)
	if err != nil {
		return nil, "", err
	}
	if !slices.Contains(v.config.Algorithms, head.alg) {
		return nil, "", ErrAlgorithm
	}
	if !slices.ContainsFunc(v.config.Types, head.hasType) {
		return nil, "", ErrType
	}
	candidates, err := v.candidates(head)
	if err != nil {
		return nil, "", err
	}
	parsed, err := gojose.ParseSignedCompact(token, v.algorithms)
	if err != nil {
		return nil, "", ErrMalformed
	}
	for _, key := range candidates {
		if payload, err := parsed.Verify(key.Key); err == nil {
			return payload, key.KeyID, nil
		}
	}
	return nil, "", ErrSignature
}

func (v *ForeignVerifier) candidates(head foreignHeader) (found KeySet, err error) {
	err = ErrUnknownKey
	for _, key := range v.config.Keys {
		if head.kid != "" && key.KeyID != head.kid {
			continue
		}
		if key.Algorithm != head.alg {
			if head.kid != "" {
				err = ErrAlgorithm
			}
			continue
		}
		if found = append(found, key); len(found) == maxForeignTries {
			break
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	return nil, err
}

type foreignHeader struct {
	alg Algorithm
	kid KeyID
	typ string
}

// hasType compares media types, which know no case (RFC 7515 §4.1.9).
func (h foreignHeader) hasType(want string) bool {
	typ := strings.ToLower(h.typ)
	return strings.TrimPrefix(typ, "application/") == strings.ToLower(want)
}

// readForeignHeader looks at the header before go-jose does: it bounds it, and it refuses
// what go-jose would understand but we do not want, such as crit with b64.
func readForeignHeader(token string) (foreignHeader, error) {
	if strings.Count(token, ".") != 2 || strings.ContainsAny(token, "\r\n") {
		return foreignHeader{}, ErrMalformed
	}
	encoded, _, _ := strings.Cut(token, ".")
	if len(encoded) > maxForeignHeaderBytes {
		return foreignHeader{}, ErrMalformed
	}
	for _, part := range strings.Split(token, ".") {
		if _, err := decodeBase64url(part); err != nil {
			return foreignHeader{}, ErrMalformed
		}
	}
	decoded, err := decodeBase64url(encoded)
	if err != nil {
		return foreignHeader{}, ErrMalformed
	}
	object, err := parseObject(decoded)
	if err != nil {
		return foreignHeader{}, ErrMalformed
	}
	for _, refused := range []string{"crit", "b64", "zip"} {
		if _, found := object[refused]; found {
			return foreignHeader{}, ErrMalformed
		}
	}
	var h foreignHeader
	for name, into := range map[string]any{"alg": &h.alg, "kid": &h.kid, "typ": &h.typ} {
		raw, found := object[name]
		if found && (!isString(raw) || json.Unmarshal(raw, into) != nil) {
			return foreignHeader{}, ErrMalformed
		}
	}
	return h, nil
}
