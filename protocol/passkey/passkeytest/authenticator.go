// Package passkeytest is an authenticator for tests: it makes credentials and signs
// assertions as WebAuthn says, written apart from the code that checks them. It is
// no part of the product.
package passkeytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/big"
	"testing"
)

// Credential is one that the authenticator made.
type Credential struct {
	ID, UserHandle []byte
	RPID           string
	Signer         crypto.Signer
	Count          uint32 // of the next assertion; 0: it does not count
	Flags          byte   // of the next assertion
}

// The flags of authenticator data (WebAuthn §6.1).
const (
	Present        = 1 << 0
	Verified       = 1 << 2
	BackupEligible = 1 << 3
	BackedUp       = 1 << 4
)

// The algorithms.
const (
	ES256 = "ES256"
	RS256 = "RS256"
	EdDSA = "EdDSA"
)

// New makes a credential that verifies its owner and counts nothing.
func New(t testing.TB, algorithm, rpID string) *Credential {
	t.Helper()
	c := &Credential{ID: make([]byte, 32), UserHandle: make([]byte, 16), RPID: rpID, Flags: Present | Verified}
	_, _ = rand.Read(c.ID)
	_, _ = rand.Read(c.UserHandle)
	var err error
	switch algorithm {
	case ES256:
		c.Signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case RS256:
		c.Signer, err = rsa.GenerateKey(rand.Reader, 2048)
	case EdDSA:
		_, c.Signer, err = ed25519.GenerateKey(rand.Reader)
	default:
		err = fmt.Errorf("unknown algorithm %s", algorithm)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// PublicKey is the key as COSE_Key (RFC 9052 §7), in canonical CBOR.
func (c *Credential) PublicKey(t testing.TB) []byte {
	t.Helper()
	switch key := c.Signer.Public().(type) {
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return append(append(append([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}, point[1:33]...), 0x22, 0x58, 0x20), point[33:]...)
	case *rsa.PublicKey:
		cose := []byte{0xa4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20, 0x59, byte(key.Size() >> 8), byte(key.Size())}
		exponent := big.NewInt(int64(key.E)).Bytes()
		return append(append(append(cose, key.N.FillBytes(make([]byte, key.Size()))...), 0x21, 0x40|byte(len(exponent))), exponent...)
	case ed25519.PublicKey:
		return append([]byte{0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20}, key...)
	}
	t.Fatal("no such key")
	return nil
}

// Assert signs a challenge for a page, and writes the answer as browsers do.
func (c *Credential) Assert(t testing.TB, challenge []byte, origin string) []byte {
	t.Helper()
	return c.Sign(t, map[string]any{
		"type": "webauthn.get", "challenge": base64.RawURLEncoding.EncodeToString(challenge), "origin": origin, "crossOrigin": false,
	})
}

// Sign signs whatever client data says.
func (c *Credential) Sign(t testing.TB, clientData map[string]any) []byte {
	t.Helper()
	collected, err := json.Marshal(clientData)
	if err != nil {
		t.Fatal(err)
	}
	party := sha256.Sum256([]byte(c.RPID))
	data := binary.BigEndian.AppendUint32(append(party[:], c.Flags), c.Count)
	digest := sha256.Sum256(collected)
	signed := append(append([]byte(nil), data...), digest[:]...)
	options := crypto.SignerOpts(crypto.SHA256)
	if _, whole := c.Signer.(ed25519.PrivateKey); whole {
		options = crypto.Hash(0)
	} else {
		sum := sha256.Sum256(signed)
		signed = sum[:]
	}
	signature, err := c.Signer.Sign(rand.Reader, signed, options)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString
	response := map[string]any{"clientDataJSON": text(collected), "authenticatorData": text(data), "signature": text(signature)}
	if c.UserHandle != nil {
		response["userHandle"] = text(c.UserHandle)
	}
	written, err := json.Marshal(map[string]any{
		"id": text(c.ID), "rawId": text(c.ID), "type": "public-key", "response": response,
		"authenticatorAttachment": "platform", "clientExtensionResults": map[string]any{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return written
}
