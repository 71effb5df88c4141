package scim

import (
	"encoding/base64"
	"strings"
	"time"

	"sallyport/protocol/otp"
	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/recovery"
)

// crossing is our extension. Bytes are base64url, with or without padding.
type crossing struct {
	State    string     `json:"state"`    // a legacy.State; it is more exact than active
	Verified []string   `json:"verified"` // the values of emails and phoneNumbers that were proved
	Password *password  `json:"password"`
	TOTP     []string   `json:"totp"` // otpauth:// addresses
	Codes    []string   `json:"recoveryCodes"`
	Hashed   []string   `json:"recoveryHashes"` // codes as passhash reads a hash
	Passkeys []passkey  `json:"passkeys"`
	Links    []provider `json:"links"`
}

type password struct {
	Hash    string `json:"hash"`
	Scheme  string `json:"scheme"` // empty: the hash says what it is
	Salt    string `json:"salt"`
	Order   string `json:"order"`
	Charset string `json:"charset"`
	Key     string `json:"key"`
	Rounds  int    `json:"rounds"`
}

type passkey struct {
	RPID           string    `json:"rpId"`
	CredentialID   string    `json:"credentialId"`
	PublicKey      string    `json:"publicKey"` // COSE_Key
	UserHandle     string    `json:"userHandle"`
	SignCount      uint32    `json:"signCount"`
	AAGUID         string    `json:"aaguid"`
	Transports     []string  `json:"transports"`
	BackupEligible *bool     `json:"backupEligible"`
	BackedUp       *bool     `json:"backedUp"`
	Discoverable   bool      `json:"discoverable"`
	Label          string    `json:"label"`
	Created        time.Time `json:"created"`
}

type provider struct {
	Provider   string `json:"provider"`
	Connection string `json:"connection"`
	Subject    string `json:"subject"`
}

func fault(where, what string) error {
	return &legacy.Fault{Where: strings.TrimSuffix("crossing."+where, "."), What: what}
}

// most is how many of each kind of thing one person may have.
const most = 64

// take takes along what the extension says.
func (c *crossing) take(p *legacy.Person) error {
	if max(len(c.TOTP), len(c.Passkeys), len(c.Links), len(c.Verified)) > most {
		return fault("", "too much of one kind")
	}
	switch state := legacy.State(c.State); state {
	case "":
	case legacy.Active, legacy.Disabled, legacy.Locked, legacy.Unconfirmed, legacy.MustReset, legacy.Deleted:
		// What closes a door in either place keeps it closed.
		if p.State != legacy.Disabled || state == legacy.Deleted {
			p.State = state
		}
	default:
		p.State = legacy.Unclear
	}
	for _, l := range c.Links {
		p.Links = append(p.Links, customer.Link(l))
	}
	if c.Password != nil {
		read, err := c.Password.read()
		if err != nil {
			return err
		}
		p.Passwords = []legacy.Password{read}
	}
	p.Elsewhere = len(p.Passwords) == 0 && len(p.Links) > 0
	if err := c.takeFactors(p); err != nil {
		return err
	}
	for i := range c.Passkeys {
		key, err := c.Passkeys[i].read()
		if err != nil {
			return err
		}
		p.Passkeys = append(p.Passkeys, key)
	}
	return nil
}

func (w *password) read() (legacy.Password, error) {
	salt, okSalt := unbase64(w.Salt)
	key, okKey := unbase64(w.Key)
	if !okSalt || !okKey || w.Rounds < 0 {
		return legacy.Password{}, fault("password", "salt, key or rounds make no sense")
	}
	return legacy.Password{Encoded: w.Hash, Scheme: passhash.Scheme(w.Scheme), Params: passhash.Params{
		Salt: salt, Order: passhash.Order(w.Order), Charset: passhash.Charset(w.Charset), Key: key, Rounds: w.Rounds,
	}}, nil
}

func (c *crossing) takeFactors(p *legacy.Person) error {
	for _, text := range c.TOTP {
		key, label, err := otp.ParseURI(text)
		if err != nil {
			return fault("totp", "not the address of an authenticator app's key")
		}
		p.Factors = append(p.Factors, legacy.Factor{
			Kind: legacy.TOTP, Label: label.Account, Secret: key.Secret, Algorithm: string(key.Algorithm), Digits: key.Digits, Period: int(key.Period / time.Second),
		})
	}
	return recovery.Add(p, "crossing.recoveryCodes", c.Codes, c.Hashed)
}

func (k *passkey) read() (legacy.Passkey, error) {
	id, okID := unbase64(k.CredentialID)
	public, okPublic := unbase64(k.PublicKey)
	handle, okHandle := unbase64(k.UserHandle)
	aaguid, okAAGUID := unbase64(k.AAGUID)
	switch {
	case !okID, !okPublic, !okHandle, !okAAGUID, len(aaguid) != 0 && len(aaguid) != 16:
		return legacy.Passkey{}, fault("passkeys", "bytes that are not base64url")
	case k.RPID == "", len(id) == 0, len(public) == 0:
		return legacy.Passkey{}, fault("passkeys", "one without rpId, credentialId or publicKey")
	}
	read := legacy.Passkey{
		RPID: k.RPID, CredentialID: id, PublicKey: public, UserHandle: handle, SignCount: k.SignCount,
		Transports: k.Transports, Discoverable: k.Discoverable, Label: k.Label, Created: k.Created,
	}
	copy(read.AAGUID[:], aaguid)
	if k.BackupEligible != nil && k.BackedUp != nil {
		read.Flags, read.BackupEligible, read.BackedUp = true, *k.BackupEligible, *k.BackedUp
	}
	return read, nil
}

func unbase64(text string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	return raw, err == nil
}
