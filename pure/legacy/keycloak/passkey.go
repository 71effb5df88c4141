package keycloak

import (
	"encoding/hex"
	"math"
	"strings"

	"sallyport/pure/legacy"
)

type passkeyData struct {
	AAGUID              string   `json:"aaguid"`
	CredentialID        string   `json:"credentialId"`
	Counter             int64    `json:"counter"`
	CredentialPublicKey string   `json:"credentialPublicKey"`
	Transports          []string `json:"transports"`
}

// What a passkey may have (WebAuthn L3 §5.8.3 for the id).
const (
	maxCredentialID = 1023
	maxPublicKey    = 4096
	maxTransports   = 16
)

// passkey reads a WebAuthn credential, if it is known for whom it was made.
func (c *credential) passkey(p *legacy.Person, rpID string) error {
	var data passkeyData
	if err := legacy.Decode([]byte(c.CredentialData), &data); err != nil {
		return within("credentialData", err)
	}
	id, okID := unbase64(data.CredentialID)
	key, okKey := unbase64(data.CredentialPublicKey)
	switch {
	case !okID || len(id) > maxCredentialID:
		return &legacy.Fault{Where: "credentialData.credentialId", What: "not the id of a credential in base64"}
	case !okKey || len(key) > maxPublicKey:
		return &legacy.Fault{Where: "credentialData.credentialPublicKey", What: "not a key in base64url"}
	case data.Counter < 0 || data.Counter > math.MaxUint32:
		return &legacy.Fault{Where: "credentialData.counter", What: "not a signature counter"}
	case len(data.Transports) > maxTransports:
		return &legacy.Fault{Where: "credentialData.transports", What: "too many"}
	}
	if rpID == "" {
		p.Left = append(p.Left, legacy.Left{What: "passkey", Why: "the export does not say for which relying party it was made: give the option " + optionRPID})
		return nil
	}
	passkey := legacy.Passkey{
		RPID: rpID, CredentialID: id, PublicKey: key, UserHandle: []byte(p.Key),
		SignCount: uint32(data.Counter), Transports: data.Transports,
		Discoverable: c.Type == typePasswordless, Label: c.UserLabel, Created: c.created(),
	}
	// Anything but a UUID says nothing of the model, as zeros do.
	if raw, err := hex.DecodeString(strings.ReplaceAll(data.AAGUID, "-", "")); err == nil && len(raw) == len(passkey.AAGUID) {
		copy(passkey.AAGUID[:], raw)
	}
	p.Passkeys = append(p.Passkeys, passkey)
	return nil
}
