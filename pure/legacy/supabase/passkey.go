package supabase

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/table"
)

// What a passkey may have (WebAuthn L3 §5.8.3 for the id).
const (
	maxCredentialID = 1023
	maxPublicKey    = 4096
	maxTransports   = 16
)

// securityKey is the key of a second factor, as the library of Supabase's server
// writes it.
type securityKey struct {
	ID        []byte   `json:"id"`
	PublicKey []byte   `json:"publicKey"`
	Transport []string `json:"transport"`
	Flags     *struct {
		BackupEligible bool `json:"backupEligible"`
		BackupState    bool `json:"backupState"`
	} `json:"flags"`
	Authenticator struct {
		AAGUID    []byte `json:"AAGUID"`
		SignCount int64  `json:"signCount"`
	} `json:"authenticator"`
}

// key reads a second factor that is a key.
func (f *factor) key(p *legacy.Person, rpID, where string) error {
	if f.Credential == nil {
		return &legacy.Fault{Where: where, What: "a key without its credential"}
	}
	c := f.Credential
	k := legacy.Passkey{RPID: rpID, CredentialID: c.ID, PublicKey: c.PublicKey, Transports: c.Transport, Label: f.FriendlyName, Created: f.CreatedAt.Time}
	if len(c.Authenticator.AAGUID) == len(k.AAGUID) {
		copy(k.AAGUID[:], c.Authenticator.AAGUID)
	}
	if c.Flags != nil {
		k.Flags, k.BackupEligible, k.BackedUp = true, c.Flags.BackupEligible, c.Flags.BackupState
	}
	return add(p, k, c.Authenticator.SignCount, where)
}

// passkey is a row of auth.webauthn_credentials.
type passkey struct {
	CredentialID   string   `json:"credential_id"`
	PublicKey      string   `json:"public_key"`
	AAGUID         string   `json:"aaguid"`
	SignCount      int64    `json:"sign_count"`
	Transports     []string `json:"transports"`
	BackupEligible *bool    `json:"backup_eligible"`
	BackedUp       *bool    `json:"backed_up"`
	FriendlyName   string   `json:"friendly_name"`
	CreatedAt      instant  `json:"created_at"`
}

// credentials reads the keys that people sign in with alone.
func (r reader) credentials(p *legacy.Person, row *table.Row) error {
	list, err := table.List[passkey](row, colPasskeys)
	if err != nil {
		return err
	}
	if len(list) > maxListed {
		return &legacy.Fault{Where: colPasskeys, What: "more than " + strconv.Itoa(maxListed)}
	}
	for i := range list {
		c, where := &list[i], colPasskeys+"."+strconv.Itoa(i)
		id, okID := unbytea(c.CredentialID)
		key, okKey := unbytea(c.PublicKey)
		if !okID || !okKey {
			return &legacy.Fault{Where: where, What: "an id or a key that is neither hexadecimal nor base64"}
		}
		k := legacy.Passkey{RPID: r.passkeys, CredentialID: id, PublicKey: key, Transports: c.Transports, Discoverable: true, Label: c.FriendlyName, Created: c.CreatedAt.Time}
		if raw, err := hex.DecodeString(strings.ReplaceAll(c.AAGUID, "-", "")); err == nil && len(raw) == len(k.AAGUID) {
			copy(k.AAGUID[:], raw)
		}
		if c.BackupEligible != nil && c.BackedUp != nil {
			k.Flags, k.BackupEligible, k.BackedUp = true, *c.BackupEligible, *c.BackedUp
		}
		if err := add(p, k, c.SignCount, where); err != nil {
			return err
		}
	}
	return nil
}

// add takes a key that is whole, if its relying party is known. The user handle
// is the text of the user's id.
func add(p *legacy.Person, k legacy.Passkey, count int64, where string) error {
	switch {
	case len(k.CredentialID) == 0 || len(k.CredentialID) > maxCredentialID:
		return &legacy.Fault{Where: where, What: "not the id of a credential"}
	case len(k.PublicKey) == 0 || len(k.PublicKey) > maxPublicKey:
		return &legacy.Fault{Where: where, What: "not a public key"}
	case count < 0 || count > math.MaxUint32:
		return &legacy.Fault{Where: where, What: "not a signature counter"}
	case len(k.Transports) > maxTransports:
		return &legacy.Fault{Where: where, What: "too many transports"}
	case k.RPID == "":
		p.Left = append(p.Left, legacy.Left{What: "passkey", Why: "the table does not say for which relying party it was made: give the option " + optionRPID})
		return nil
	}
	k.SignCount, k.UserHandle = uint32(count), []byte(p.Key)
	p.Passkeys = append(p.Passkeys, k)
	return nil
}

// unbytea reads bytes as PostgreSQL writes them into JSON, or base64.
func unbytea(text string) ([]byte, bool) {
	if digits, found := strings.CutPrefix(text, `\x`); found {
		raw, err := hex.DecodeString(digits)
		return raw, err == nil
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	return raw, err == nil
}
