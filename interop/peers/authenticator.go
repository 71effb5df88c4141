//go:build peers

package peers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
)

// authenticator is a security key in software: one passkey for one relying party.
type authenticator struct {
	id     []byte
	handle []byte // user handle
	key    *ecdsa.PrivateKey
	rp     string
	count  uint32
}

func newAuthenticator(rp string, handle []byte) *authenticator {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	id := make([]byte, 32)
	rand.Read(id)
	return &authenticator{id: id, handle: handle, key: key, rp: rp}
}

// public is the key as a COSE_Key of type EC2 with ES256 (RFC 9053 §7.1.1).
func (a *authenticator) public() []byte {
	point, err := a.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		panic(err)
	}
	cose := []byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}
	cose = append(cose, point[1:33]...)
	cose = append(cose, 0x22, 0x58, 0x20)
	return append(cose, point[33:]...)
}

// The flags of authenticator data (WebAuthn §6.1).
const (
	userPresent  = 1 << 0
	userVerified = 1 << 2
)

// assertion answers a challenge as a browser would hand it over in JSON
// (PublicKeyCredential.toJSON, WebAuthn §5.1).
func (a *authenticator) assertion(origin string, challenge []byte) []byte {
	a.count++
	client, err := json.Marshal(map[string]any{
		"type": "webauthn.get", "challenge": encode(challenge), "origin": origin, "crossOrigin": false,
	})
	if err != nil {
		panic(err)
	}
	party := sha256.Sum256([]byte(a.rp))
	data := append(party[:], userPresent|userVerified)
	data = binary.BigEndian.AppendUint32(data, a.count)
	hashed := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), hashed[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	if err != nil {
		panic(err)
	}
	answer, err := json.Marshal(map[string]any{
		"id": encode(a.id), "rawId": encode(a.id), "type": "public-key", "authenticatorAttachment": "platform",
		"clientExtensionResults": map[string]any{},
		"response": map[string]any{
			"clientDataJSON": encode(client), "authenticatorData": encode(data),
			"signature": encode(signature), "userHandle": encode(a.handle),
		},
	})
	if err != nil {
		panic(err)
	}
	return answer
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
