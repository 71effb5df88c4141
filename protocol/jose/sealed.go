package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"fmt"

	gojose "github.com/go-jose/go-jose/v4"
)

// Recipient seals what one receiver alone may read: as a compact JWE (RFC 7516)
// to their public key, by ECDH-ES with P-256 or by RSA-OAEP-256, and A256GCM.
// It is immutable and may be shared between goroutines.
type Recipient struct{ to gojose.Recipient }

// NewRecipient reads the receiver's public key, a JWK (RFC 7517) of EC with P-256 or
// of RSA with 2048 to 8192 bits. A private key and one that is for something else
// than encryption are refused with [ErrKey].
func NewRecipient(jwk []byte) (*Recipient, error) {
	var key gojose.JSONWebKey
	if len(jwk) > MaxTokenBytes || json.Unmarshal(jwk, &key) != nil {
		return nil, fmt.Errorf("%w: no JWK", ErrKey)
	}
	if !key.IsPublic() || !key.Valid() || key.Use != "" && key.Use != "enc" {
		return nil, fmt.Errorf("%w: no public key for encryption", ErrKey)
	}
	r := &Recipient{to: gojose.Recipient{Key: crypto.PublicKey(key.Key), KeyID: key.KeyID}}
	switch public := key.Key.(type) {
	case *ecdsa.PublicKey:
		if public.Curve != elliptic.P256() {
			return nil, fmt.Errorf("%w: another curve than P-256", ErrKey)
		}
		r.to.Algorithm = gojose.ECDH_ES
	case *rsa.PublicKey:
		if bits := public.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return nil, fmt.Errorf("%w: RSA of %d bits", ErrKey, bits)
		}
		r.to.Algorithm = gojose.RSA_OAEP_256
	default:
		return nil, fmt.Errorf("%w: neither EC nor RSA", ErrKey)
	}
	if key.Algorithm != "" && key.Algorithm != string(r.to.Algorithm) {
		return nil, fmt.Errorf("%w: meant for another algorithm", ErrKey)
	}
	return r, nil
}

// Seal gives plaintext as a compact JWE that the receiver alone can open.
func (r *Recipient) Seal(plaintext []byte) (string, error) {
	encrypter, err := gojose.NewEncrypter(gojose.A256GCM, r.to, nil)
	if err != nil {
		return "", fmt.Errorf("jose: sealing: %w", err)
	}
	sealed, err := encrypter.Encrypt(plaintext)
	if err != nil {
		return "", fmt.Errorf("jose: sealing: %w", err)
	}
	return sealed.CompactSerialize()
}
