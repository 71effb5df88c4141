package passkey

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// ErrKey reports a public key with which nothing can be verified here.
var ErrKey = errors.New("not a usable public key of a passkey")

// Bounds of RSA keys, in bits: below they are weak, above they are slow.
const (
	minRSA = 2048
	maxRSA = 4096
	maxKey = 2048 // bytes, encoded
)

// CheckKey tells whether assertions can be verified with a public key, as
// COSE_Key (RFC 9052 §7): ES256, ES384, ES512, EdDSA with Ed25519, RS256, PS256 and
// their longer kin. Others, such as RS1, are refused. [ErrKey].
func CheckKey(cose []byte) error {
	if len(cose) == 0 || len(cose) > maxKey {
		return fmt.Errorf("%w: %d bytes", ErrKey, len(cose))
	}
	key, err := webauthncose.ParsePublicKey(cose)
	if err != nil {
		return fmt.Errorf("%w: it cannot be read", ErrKey)
	}
	switch key := key.(type) {
	case webauthncose.EC2PublicKeyData:
		return known(key.Algorithm, webauthncose.AlgES256, webauthncose.AlgES384, webauthncose.AlgES512)
	case webauthncose.OKPPublicKeyData:
		return known(key.Algorithm, webauthncose.AlgEdDSA)
	case webauthncose.RSAPublicKeyData:
		if bits := new(big.Int).SetBytes(key.Modulus).BitLen(); bits < minRSA || bits > maxRSA {
			return fmt.Errorf("%w: RSA of %d bits", ErrKey, bits)
		}
		if e := new(big.Int).SetBytes(key.Exponent); e.BitLen() > 31 || e.Bit(0) == 0 || e.Cmp(big.NewInt(3)) < 0 {
			return fmt.Errorf("%w: RSA with such an exponent", ErrKey)
		}
		return known(key.Algorithm, webauthncose.AlgRS256, webauthncose.AlgRS384, webauthncose.AlgRS512,
			webauthncose.AlgPS256, webauthncose.AlgPS384, webauthncose.AlgPS512)
	}
	return fmt.Errorf("%w: of an unknown kind", ErrKey)
}

func known(algorithm int64, all ...webauthncose.COSEAlgorithmIdentifier) error {
	for _, one := range all {
		if algorithm == int64(one) {
			return nil
		}
	}
	return fmt.Errorf("%w: algorithm %d", ErrKey, algorithm)
}
