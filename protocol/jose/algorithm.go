package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
)

// Algorithm is the name of a JWS signature algorithm as it stands in the alg
// header (RFC 7518 §3.1, RFC 8037 §3.1). Only the constants below are known;
// the zero value is not an algorithm.
type Algorithm string

// The algorithms of this package. All are asymmetric: a verifier cannot sign.
const (
	ES256 Algorithm = "ES256" // ECDSA on P-256 with SHA-256
	RS256 Algorithm = "RS256" // RSA PKCS #1 v1.5 with SHA-256
	PS256 Algorithm = "PS256" // RSA-PSS with SHA-256 and a salt of 32 bytes
	EdDSA Algorithm = "EdDSA" // Ed25519; Ed448 is not supported
)

// Bounds on RSA moduli. RFC 7518 §3.3 sets the lower one; the upper one keeps a
// stranger's key set from making each verification slow.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// Errors about keys.
var (
	// ErrUnsupportedAlgorithm says that an Algorithm is none of the constants.
	ErrUnsupportedAlgorithm = errors.New("jose: unsupported algorithm")
	// ErrKey says that a key cannot be used with its algorithm: wrong type,
	// wrong curve, or an RSA modulus outside 2048 to 8192 bits.
	ErrKey = errors.New("jose: unusable key")
)

// Known reports whether a is one of the constants of this package.
func (a Algorithm) Known() bool {
	switch a {
	case ES256, RS256, PS256, EdDSA:
		return true
	}
	return false
}

// checkKey makes sure that key is of the one type that a works with.
func (a Algorithm) checkKey(key crypto.PublicKey) error {
	switch a {
	case ES256:
		return checkP256(key)
	case RS256, PS256:
		return checkRSA(key)
	case EdDSA:
		if k, ok := key.(ed25519.PublicKey); !ok || len(k) != ed25519.PublicKeySize {
			return fmt.Errorf("%w: EdDSA wants an Ed25519 key", ErrKey)
		}
		return nil
	}
	return fmt.Errorf("%w: %q", ErrUnsupportedAlgorithm, string(a))
}

func checkP256(key crypto.PublicKey) error {
	k, ok := key.(*ecdsa.PublicKey)
	if !ok || k == nil || k.Curve != elliptic.P256() {
		return fmt.Errorf("%w: ES256 wants a P-256 key", ErrKey)
	}
	// Bytes also refuses a point that is not on the curve.
	if _, err := k.Bytes(); err != nil {
		return fmt.Errorf("%w: %w", ErrKey, err)
	}
	return nil
}

func checkRSA(key crypto.PublicKey) error {
	k, ok := key.(*rsa.PublicKey)
	if !ok || k == nil || k.N == nil {
		return fmt.Errorf("%w: RSA key wanted", ErrKey)
	}
	if bits := k.N.BitLen(); bits < minRSABits || bits > maxRSABits {
		return fmt.Errorf("%w: RSA modulus has %d bits, want %d to %d", ErrKey, bits, minRSABits, maxRSABits)
	}
	if k.N.Bit(0) == 0 || k.E < 3 || k.E > 1<<31-1 || k.E&1 == 0 {
		return fmt.Errorf("%w: RSA modulus and exponent must be odd, and the exponent within 3 and 2^31-1", ErrKey)
	}
	return nil
}
