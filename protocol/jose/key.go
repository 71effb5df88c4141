package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// KeyID names a key within a key set: the kid of its tokens' headers. Keys made
// here are named by their RFC 7638 thumbprint, so the name cannot disagree with
// the key.
type KeyID string

// generatedRSABits is the size of the RSA keys that GenerateKey makes.
const generatedRSABits = 2048

const redacted = "[private key]"

// PrivateKey is a signing key bound to one algorithm. It never prints, logs or
// marshals its private part; the only way out is [PrivateKey.MarshalPKCS8]. It is
// immutable and may be shared between goroutines.
type PrivateKey struct {
	public  PublicKey
	private *signingKey
}

// signingKey stands behind a pointer because fmt, given the verb %p for a struct,
// prints its fields without asking Format, but follows no pointer.
type signingKey struct{ crypto.Signer }

// GenerateKey makes a key for alg: P-256, Ed25519 or RSA with 2048 bits. rand
// must be a secure source. Since Go 1.26 the standard library draws ECDSA and
// RSA keys from the system's source whatever rand is, so only EdDSA keys can be
// made repeatable by a fixed rand; tests that need fixed keys parse them.
func GenerateKey(rand io.Reader, alg Algorithm) (*PrivateKey, error) {
	if rand == nil {
		return nil, errors.New("jose: generate key: no source of randomness")
	}
	signer, err := generate(rand, alg)
	if err != nil {
		return nil, fmt.Errorf("jose: generate %s key: %w", alg, err)
	}
	return newPrivateKey(alg, signer)
}

func generate(rand io.Reader, alg Algorithm) (crypto.Signer, error) {
	switch alg {
	case ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand)
	case RS256, PS256:
		return rsa.GenerateKey(rand, generatedRSABits)
	case EdDSA:
		_, key, err := ed25519.GenerateKey(rand)
		return key, err
	}
	return nil, fmt.Errorf("%w: %q", ErrUnsupportedAlgorithm, string(alg))
}

// ParsePKCS8 reads a key that [PrivateKey.MarshalPKCS8] or any other tool wrote as
// unencrypted DER (RFC 5958), and binds it to alg. A key that does not fit alg gives
// ErrKey. PKCS #8 does not tell RS256 keys from PS256 keys: the caller does.
func ParsePKCS8(alg Algorithm, der []byte) (*PrivateKey, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		// The parser's text is not passed on: it may quote the input.
		return nil, fmt.Errorf("%w: not a PKCS #8 private key", ErrKey)
	}
	signer, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%w: this kind of key cannot sign", ErrKey)
	}
	return newPrivateKey(alg, signer)
}

func newPrivateKey(alg Algorithm, signer crypto.Signer) (*PrivateKey, error) {
	public, err := NewPublicKey(alg, signer.Public())
	if err != nil {
		return nil, err
	}
	return &PrivateKey{public: public, private: &signingKey{signer}}, nil
}

// MarshalPKCS8 gives the key as unencrypted PKCS #8 DER. The caller seals it
// before it goes anywhere.
func (k *PrivateKey) MarshalPKCS8() ([]byte, error) {
	return x509.MarshalPKCS8PrivateKey(k.private.Signer)
}

// Algorithm is the one algorithm that the key signs with.
func (k *PrivateKey) Algorithm() Algorithm { return k.public.Algorithm }

// KeyID is the RFC 7638 thumbprint of the public key.
func (k *PrivateKey) KeyID() KeyID { return k.public.KeyID }

// Public is the half to publish.
func (k *PrivateKey) Public() PublicKey { return k.public }

// Format prints a placeholder under every verb, so that %+v and %#v of a
// struct that holds a key show nothing private.
func (k PrivateKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue logs algorithm and key id only.
func (k PrivateKey) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("alg", string(k.public.Algorithm)),
		slog.String("kid", string(k.public.KeyID)))
}

// MarshalJSON gives a placeholder string: a private key that reaches a JSON
// encoder is there by mistake.
func (k PrivateKey) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
