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
	"io"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// MaxTokenBytes is the longest token that is signed or verified.
const MaxTokenBytes = 16 << 10

// maxSignatureBytes has room for the largest signature, that of an RSA key
// of maxRSABits.
const maxSignatureBytes = maxRSABits / 8

// Signer signs payloads with one key and one typ. Its header is encoded once.
// It is immutable and may be shared between goroutines.
type Signer struct {
	key    *PrivateKey
	header string // encoded, with the dot behind it
}

// header lists the header parameters of our tokens, in the order that most
// libraries write them.
type header struct {
	Alg string `json:"alg"`
	Kid string `json:"kid"`
	Typ string `json:"typ,omitempty"`
}

// encodeHeader gives the base64url form of the only header that a key's tokens
// of type typ may have from us.
func encodeHeader(key PublicKey, typ string) (string, error) {
	encoded, err := json.Marshal(header{Alg: string(key.Algorithm), Kid: string(key.KeyID), Typ: typ})
	if err != nil {
		return "", err
	}
	return base64url.EncodeToString(encoded), nil
}

// NewSigner prepares signing with key. typ is the token's type, such as "at+jwt"
// (RFC 9068 §2.1); empty leaves the typ header out.
func NewSigner(key *PrivateKey, typ string) (*Signer, error) {
	if key == nil || key.private == nil {
		return nil, fmt.Errorf("%w: none given", ErrKey)
	}
	encoded, err := encodeHeader(key.public, typ)
	if err != nil {
		return nil, fmt.Errorf("jose: new signer: %w", err)
	}
	return &Signer{key: key, header: encoded + "."}, nil
}

// Algorithm is the algorithm of the signer's key.
func (s *Signer) Algorithm() Algorithm { return s.key.Algorithm() }

// KeyID is the id of the signer's key, as it stands in the header.
func (s *Signer) KeyID() KeyID { return s.key.KeyID() }

// Sign gives the compact serialization of payload and its signature (RFC 7515
// §7.1). A token longer than MaxTokenBytes gives ErrTooLarge.
//
// rand serves the algorithms that draw on it. For ES256 a nil rand makes the
// signature deterministic (RFC 6979), which is a quarter faster; any other rand
// makes it hedged: random, yet safe if the randomness is poor. PS256 needs a rand,
// RS256 and EdDSA use none.
func (s *Signer) Sign(rand io.Reader, payload []byte) (string, error) {
	size := len(s.header) + base64url.EncodedLen(len(payload)) + 1 + base64url.EncodedLen(s.key.signatureBytes())
	if size > MaxTokenBytes {
		return "", ErrTooLarge
	}
	token := make([]byte, 0, size)
	token = append(token, s.header...)
	token = base64url.AppendEncode(token, payload)
	var space [maxSignatureBytes]byte
	signature, err := s.key.sign(rand, token, space[:0])
	if err != nil {
		return "", fmt.Errorf("jose: sign with %s: %w", s.key.Algorithm(), err)
	}
	token = append(token, '.')
	return string(base64url.AppendEncode(token, signature)), nil
}

func (k *PrivateKey) signatureBytes() int {
	if key, ok := k.private.Signer.(*rsa.PrivateKey); ok {
		return key.Size()
	}
	return 64
}

// sign returns the JWS signature of input, for ES256 in space.
func (k *PrivateKey) sign(rand io.Reader, input, space []byte) ([]byte, error) {
	if k.public.Algorithm == EdDSA {
		return ed25519.Sign(k.private.Signer.(ed25519.PrivateKey), input), nil
	}
	digest := sha256.Sum256(input)
	switch k.public.Algorithm {
	case ES256:
		der, err := k.private.Signer.(*ecdsa.PrivateKey).Sign(rand, digest[:], crypto.SHA256)
		if err != nil {
			return nil, err
		}
		return appendRaw(space, der)
	case RS256:
		return rsa.SignPKCS1v15(nil, k.private.Signer.(*rsa.PrivateKey), crypto.SHA256, digest[:])
	case PS256:
		if rand == nil {
			return nil, errors.New("no source of randomness")
		}
		return rsa.SignPSS(rand, k.private.Signer.(*rsa.PrivateKey), crypto.SHA256, digest[:], pssOptions())
	}
	return nil, ErrUnsupportedAlgorithm
}

// pssOptions asks for the salt length of RFC 7518 §3.5.
func pssOptions() *rsa.PSSOptions {
	return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
}

// appendRaw turns an ASN.1 ECDSA signature into r || s, 32 bytes each (RFC 7518
// §3.4).
func appendRaw(dst, der []byte) ([]byte, error) {
	input := cryptobyte.String(der)
	var sequence cryptobyte.String
	var r, s []byte
	if !input.ReadASN1(&sequence, asn1.SEQUENCE) || !input.Empty() ||
		!sequence.ReadASN1Integer(&r) || !sequence.ReadASN1Integer(&s) || !sequence.Empty() ||
		len(r) > 32 || len(s) > 32 {
		return nil, errors.New("malformed ECDSA signature")
	}
	var raw [64]byte
	copy(raw[32-len(r):], r)
	copy(raw[64-len(s):], s)
	return append(dst, raw[:]...), nil
}
