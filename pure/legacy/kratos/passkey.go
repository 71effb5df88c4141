package kratos

import (
	"encoding/base64"
	"math"
	"strconv"
	"time"

	"sallyport/pure/legacy"
)

// std is the base64 in which Kratos writes bytes.
var std = base64.StdEncoding

// What a passkey may have (WebAuthn L3 §5.8.3 for the id).
const (
	maxCredentialID = 1023
	maxPublicKey    = 4096
	maxTransports   = 16
)

type passkey struct {
	ID             []byte    `json:"id"`
	PublicKey      []byte    `json:"public_key"`
	DisplayName    string    `json:"display_name"`
	AddedAt        time.Time `json:"added_at"`
	IsPasswordless bool      `json:"is_passwordless"`
	Transport      []string  `json:"transport"`
	Authenticator  struct {
		AAGUID    []byte `json:"aaguid"`
		SignCount int64  `json:"sign_count"`
	} `json:"authenticator"`
	Flags *struct {
		BackupEligible bool `json:"backup_eligible"`
		BackupState    bool `json:"backup_state"`
	} `json:"flags"` // of newer versions
}

// passkeys reads the keys of one method, if its relying party is known. Those of
// the method passkey were made to be found by the browser.
func passkeys(p *legacy.Person, config []byte, rpID string, discoverable bool) error {
	var c struct {
		UserHandle  []byte    `json:"user_handle"`
		Credentials []passkey `json:"credentials"`
	}
	if err := legacy.Decode(config, &c); err != nil {
		return err
	}
	if len(c.Credentials) > maxCredentials {
		return &legacy.Fault{Where: "credentials", What: "more than " + strconv.Itoa(maxCredentials)}
	}
	for i := range c.Credentials {
		at := &c.Credentials[i]
		if fault := at.fault(); fault != "" {
			return &legacy.Fault{Where: "credentials." + strconv.Itoa(i), What: fault}
		}
		if rpID == "" {
			p.Left = append(p.Left, legacy.Left{What: "passkey", Why: "an identity does not say for which relying party it was made: give the option " + optionRPID})
			continue
		}
		p.Passkeys = append(p.Passkeys, at.passkey(rpID, c.UserHandle, discoverable))
	}
	return nil
}

func (c *passkey) fault() string {
	switch {
	case len(c.ID) == 0 || len(c.ID) > maxCredentialID:
		return "not the id of a credential"
	case len(c.PublicKey) == 0 || len(c.PublicKey) > maxPublicKey:
		return "not a public key"
	case c.Authenticator.SignCount < 0 || c.Authenticator.SignCount > math.MaxUint32:
		return "not a signature counter"
	case len(c.Transport) > maxTransports:
		return "too many transports"
	}
	return ""
}

func (c *passkey) passkey(rpID string, handle []byte, discoverable bool) legacy.Passkey {
	k := legacy.Passkey{
		RPID: rpID, CredentialID: c.ID, PublicKey: c.PublicKey, UserHandle: handle, SignCount: uint32(c.Authenticator.SignCount),
		Transports: c.Transport, Discoverable: discoverable, Label: c.DisplayName, Created: c.AddedAt.UTC(),
	}
	if len(c.Authenticator.AAGUID) == len(k.AAGUID) {
		copy(k.AAGUID[:], c.Authenticator.AAGUID)
	}
	if c.Flags != nil {
		k.Flags, k.BackupEligible, k.BackedUp = true, c.Flags.BackupEligible, c.Flags.BackupState
	}
	return k
}
