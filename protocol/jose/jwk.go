package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"
)

// maxKeyIDBytes bounds a key id; thumbprints have 43 bytes.
const maxKeyIDBytes = 256

// PublicKey is a verification key, bound to one algorithm and named by its id.
// Key is an *ecdsa.PublicKey on P-256, an *rsa.PublicKey or an
// ed25519.PublicKey. The zero value is unusable; make one with [NewPublicKey],
// [PrivateKey.Public] or [ParseKeySet].
type PublicKey struct {
	Algorithm Algorithm
	KeyID     KeyID
	Key       crypto.PublicKey
}

// NewPublicKey binds key to alg and names it by its thumbprint. It returns
// ErrKey if the two do not fit and ErrUnsupportedAlgorithm for an unknown alg.
func NewPublicKey(alg Algorithm, key crypto.PublicKey) (PublicKey, error) {
	if err := alg.checkKey(key); err != nil {
		return PublicKey{}, err
	}
	public := PublicKey{Algorithm: alg, Key: key}
	kid, err := public.Thumbprint()
	if err != nil {
		return PublicKey{}, err
	}
	public.KeyID = kid
	return public, nil
}

// Thumbprint is the base64url SHA-256 thumbprint of RFC 7638. It depends on the
// key alone, not on algorithm or key id.
func (k PublicKey) Thumbprint() (KeyID, error) {
	j, err := k.members()
	if err != nil {
		return "", err
	}
	// Only the required members, in alphabetical order, without spaces (§3.2).
	// All values are base64url or constants, so none needs escaping.
	var canonical string
	switch j.Kty {
	case "EC":
		canonical = `{"crv":"` + j.Crv + `","kty":"EC","x":"` + j.X + `","y":"` + j.Y + `"}`
	case "OKP":
		canonical = `{"crv":"` + j.Crv + `","kty":"OKP","x":"` + j.X + `"}`
	case "RSA":
		canonical = `{"e":"` + j.E + `","kty":"RSA","n":"` + j.N + `"}`
	}
	sum := sha256.Sum256([]byte(canonical))
	return KeyID(base64url.EncodeToString(sum[:])), nil
}

// MarshalJSON gives the JWK of RFC 7517 with use "sig", alg and kid. It refuses
// a key that does not fit its algorithm.
func (k PublicKey) MarshalJSON() ([]byte, error) {
	j, err := k.members()
	if err != nil {
		return nil, err
	}
	j.Use, j.Alg, j.Kid = "sig", string(k.Algorithm), string(k.KeyID)
	return json.Marshal(j)
}

// jwk has the public members of RFC 7518 §6 and RFC 8037 §2, and no others: what
// is not here cannot be published by accident.
type jwk struct {
	Kty string `json:"kty"`
	Use string `json:"use,omitempty"`
	Alg string `json:"alg,omitempty"`
	Kid string `json:"kid,omitempty"`
	Crv string `json:"crv,omitempty"`
	X   string `json:"x,omitempty"`
	Y   string `json:"y,omitempty"`
	N   string `json:"n,omitempty"`
	E   string `json:"e,omitempty"`
}

func (k PublicKey) members() (jwk, error) {
	if err := k.Algorithm.checkKey(k.Key); err != nil {
		return jwk{}, err
	}
	switch key := k.Key.(type) {
	case *ecdsa.PublicKey:
		point, err := key.Bytes() // 0x04 || X || Y, each 32 bytes
		if err != nil {
			return jwk{}, fmt.Errorf("%w: %w", ErrKey, err)
		}
		return jwk{Kty: "EC", Crv: "P-256", X: base64url.EncodeToString(point[1:33]), Y: base64url.EncodeToString(point[33:])}, nil
	case *rsa.PublicKey:
		exponent := big.NewInt(int64(key.E)).Bytes()
		return jwk{Kty: "RSA", N: base64url.EncodeToString(key.N.Bytes()), E: base64url.EncodeToString(exponent)}, nil
	case ed25519.PublicKey:
		return jwk{Kty: "OKP", Crv: "Ed25519", X: base64url.EncodeToString(key)}, nil
	}
	return jwk{}, fmt.Errorf("%w: unknown type", ErrKey)
}

// publicKey is the inverse of members: it decodes the key itself.
func (j jwk) publicKey() (crypto.PublicKey, error) {
	switch j.Kty {
	case "EC":
		return decodeP256(j.X, j.Y)
	case "OKP":
		return decodeEd25519(j.X)
	default:
		return decodeRSA(j.N, j.E)
	}
}

func decodeP256(x, y string) (crypto.PublicKey, error) {
	xs, errX := decodeBase64url(x)
	ys, errY := decodeBase64url(y)
	if errX != nil || errY != nil || len(xs) != 32 || len(ys) != 32 {
		return nil, fmt.Errorf("%w: x and y must have 32 bytes each", ErrKey)
	}
	point := append(append([]byte{4}, xs...), ys...)
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return key, nil
}

func decodeEd25519(x string) (crypto.PublicKey, error) {
	raw, err := decodeBase64url(x)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%w: x must have 32 bytes", ErrKey)
	}
	return ed25519.PublicKey(raw), nil
}

func decodeRSA(n, e string) (crypto.PublicKey, error) {
	ns, errN := decodeBase64url(n)
	es, errE := decodeBase64url(e)
	if errN != nil || errE != nil || len(es) == 0 || len(es) > 4 || len(ns) > maxRSABits/8+1 {
		return nil, fmt.Errorf("%w: n or e is missing, too long or no base64url", ErrKey)
	}
	exponent := int(new(big.Int).SetBytes(es).Int64())
	return &rsa.PublicKey{N: new(big.Int).SetBytes(ns), E: exponent}, nil
}
