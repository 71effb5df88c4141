package floor

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"time"
)

const signing = crypto.SHA256

// raw turns a signature into the form of RFC 7518 §3.4.
func raw(der []byte) ([]byte, error) {
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &pair); err != nil {
		return nil, err
	}
	signature := make([]byte, 64)
	pair.R.FillBytes(signature[:32])
	pair.S.FillBytes(signature[32:])
	return signature, nil
}

// keys are public keys by their id.
type keys map[string]*ecdsa.PublicKey

// readKeys reads the ES256 keys of a JWK set.
func readKeys(set []byte) (keys, error) {
	found := keys{}
	if len(set) == 0 {
		return found, nil
	}
	var document struct {
		Keys []struct{ Kid, Crv, X, Y string }
	}
	if err := json.Unmarshal(set, &document); err != nil {
		return nil, err
	}
	for _, key := range document.Keys {
		if key.Crv != "P-256" {
			continue
		}
		x, errX := base64.RawURLEncoding.DecodeString(key.X)
		y, errY := base64.RawURLEncoding.DecodeString(key.Y)
		if err := errors.Join(errX, errY); err != nil {
			return nil, err
		}
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		if err != nil {
			return nil, err
		}
		found[key.Kid] = public
	}
	return found, nil
}

var errToken = errors.New("not a good token")

// verify checks the signature and the expiry of a token, and no more.
func (k keys) verify(token string, now time.Time) (claims, error) {
	var who claims
	header, rest, _ := strings.Cut(token, ".")
	body, tail, _ := strings.Cut(rest, ".")
	headerJSON, errHeader := base64.RawURLEncoding.DecodeString(header)
	payload, errBody := base64.RawURLEncoding.DecodeString(body)
	signature, errTail := base64.RawURLEncoding.DecodeString(tail)
	var about struct{ Kid string }
	if err := errors.Join(errHeader, errBody, errTail, json.Unmarshal(headerJSON, &about)); err != nil {
		return who, err
	}
	key := k[about.Kid]
	if key == nil || len(signature) != 64 {
		return who, errToken
	}
	digest := sha256.Sum256([]byte(token[:len(header)+1+len(body)]))
	if !ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return who, errToken
	}
	// Names differ between servers: a subject and an expiry are all that counts.
	var read struct {
		Sub string
		Exp int64
	}
	if err := json.Unmarshal(payload, &read); err != nil || read.Exp <= now.Unix() {
		return who, errors.Join(errToken, err)
	}
	who.Subject, who.Expires = read.Sub, read.Exp
	return who, nil
}
