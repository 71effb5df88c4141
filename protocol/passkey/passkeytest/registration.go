package passkeytest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// AttestedData tells that authenticator data holds a new key.
const AttestedData = 1 << 6

// Attest makes the credential known to a page, for a challenge, and writes the answer
// as browsers do.
func (c *Credential) Attest(t testing.TB, challenge []byte, origin string) []byte {
	t.Helper()
	return c.Register(t, map[string]any{
		"type": "webauthn.create", "challenge": base64.RawURLEncoding.EncodeToString(challenge), "origin": origin, "crossOrigin": false,
	})
}

// Register makes it known with whatever client data says.
func (c *Credential) Register(t testing.TB, clientData map[string]any) []byte {
	t.Helper()
	collected, err := json.Marshal(clientData)
	if err != nil {
		t.Fatal(err)
	}
	party := sha256.Sum256([]byte(c.RPID))
	data := binary.BigEndian.AppendUint32(append(party[:], c.Flags|AttestedData), c.Count)
	data = append(data, make([]byte, 16)...) // of no known model
	data = binary.BigEndian.AppendUint16(data, uint16(len(c.ID)))
	data = append(append(data, c.ID...), c.PublicKey(t)...)
	object := append([]byte{0xa3, 0x63}, "fmt"...)
	object = append(append(object, 0x64), "none"...)
	object = append(append(append(object, 0x67), "attStmt"...), 0xa0)
	object = append(append(object, 0x68), "authData"...)
	object = append(binary.BigEndian.AppendUint16(append(object, 0x59), uint16(len(data))), data...)
	text := base64.RawURLEncoding.EncodeToString
	written, err := json.Marshal(map[string]any{
		"id": text(c.ID), "rawId": text(c.ID), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{"clientDataJSON": text(collected), "attestationObject": text(object), "transports": []string{"internal", "hybrid", "telepathy"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return written
}
