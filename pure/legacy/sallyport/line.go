package sallyport

import (
	"bytes"
	"cmp"
	"encoding/json"
	"time"

	"sallyport/pure/customer"
)

// Version of the format. Files of version 1 have neither tags nor agreements, those of
// version 2 no accounts, and both are read as they are.
const Version = 3

// Bounds of what one person said to documents and purposes, so that a line never grows
// beyond what is read. An export keeps to them, a line above them is a fault.
const (
	MaxAgreements  = 500
	MaxEvidence    = 4 << 10   // bytes of one
	MaxAllEvidence = 256 << 10 // bytes of all together
)

// Head is the first line of an export.
type Head struct {
	Version     int       `json:"sallyport-customers"`
	Tenant      string    `json:"tenant"`
	Environment string    `json:"environment"`
	Created     time.Time `json:"created"` // when everybody was as they stand here
	People      int64     `json:"people"`
	Signer      Signer    `json:"signer"` // of every line of a person, says the file itself
}

// End is the last line of an export.
type End struct {
	End    Counts `json:"end"`
	SHA256 string `json:"sha256"` // of every line before this one, line feeds included
}

// Counts are how many lines there are of each kind.
type Counts struct {
	People   int64 `json:"people"`
	Accounts int64 `json:"accounts,omitempty"`
	Premises int64 `json:"premises,omitempty"`
	Members  int64 `json:"members,omitempty"`
	Claims   int64 `json:"claims,omitempty"`
}

// Note counts a line.
func (c *Counts) Note(line []byte) {
	for _, of := range []struct {
		begins string
		count  *int64
	}{
		{`{"` + nameAccount + `"`, &c.Accounts},
		{`{"` + namePremises + `"`, &c.Premises},
		{`{"` + nameMember + `"`, &c.Members},
		{`{"` + nameClaim + `"`, &c.Claims},
	} {
		if bytes.HasPrefix(line, []byte(of.begins)) {
			*of.count++
			return
		}
	}
	c.People++
}

// Line is one person.
type Line struct {
	ID          customer.ID       `json:"id"`
	State       customer.State    `json:"state"`
	Name        string            `json:"name,omitempty"`
	Groups      []string          `json:"groups,omitempty"`
	Attributes  map[string]string `json:"attributes,omitempty"`
	Created     time.Time         `json:"created"`
	Identifiers []Identifier      `json:"identifiers,omitempty"`
	Password    *Password         `json:"password,omitempty"`
	Factors     []Factor          `json:"factors,omitempty"`
	Passkeys    []Passkey         `json:"passkeys,omitempty"`
	Links       []Link            `json:"links,omitempty"`
	Consents    []Consent         `json:"consents,omitempty"`
	Tags        []string          `json:"tags,omitempty"`
	Agreements  []Agreement       `json:"agreements,omitempty"`
	Provenance  []Record          `json:"provenance,omitempty"`
	// Owes: an earlier system wanted a second factor, which could not be brought. They
	// set one up before they are in again.
	Owes *Owed `json:"owes_factor,omitempty"`
	// Signature is the last member, of the line as it is without it: see [Sign].
	Signature string `json:"signature,omitempty"`
}

// Owed says who said that somebody owes a second factor, and when.
type Owed struct {
	Source  string    `json:"source,omitempty"`
	Created time.Time `json:"created,omitzero"`
}

// Identifier is a name that the person is found by.
type Identifier struct {
	Kind     customer.IdentifierKind `json:"kind"`
	Value    string                  `json:"value"`             // as it is looked up
	Display  string                  `json:"display,omitempty"` // as it was written; left out: the same
	Verified bool                    `json:"verified"`
	Source   string                  `json:"source,omitempty"`
	Proof    *Proof                  `json:"proof,omitempty"` // left out: none that was made at this place
	First    bool                    `json:"first,omitempty"` // they chose it among those of its kind
}

// Proof says when and by what somebody proved that an identifier is theirs.
type Proof struct {
	At time.Time `json:"at"`
	By string    `json:"by"`
}

// IdentifierOf is an identifier as the format has it.
func IdentifierOf(i customer.Identifier) Identifier {
	to := Identifier{Kind: i.Kind, Value: i.Value, Display: i.Display, Verified: i.Verified, Source: i.Source, First: i.First}
	if to.Display == to.Value {
		to.Display = ""
	}
	if i.Proof != (customer.Proof{}) {
		to.Proof = &Proof{i.Proof.At, i.Proof.By}
	}
	return to
}

func (i Identifier) identifier() customer.Identifier {
	to := customer.Identifier{Kind: i.Kind, Value: i.Value, Display: cmp.Or(i.Display, i.Value), Verified: i.Verified, Source: i.Source, First: i.First}
	if i.Proof != nil {
		to.Proof = customer.Proof{At: i.Proof.At, By: i.Proof.By}
	}
	return to
}

// Password is a password's hash.
type Password struct {
	Hash string    `json:"hash"` // a text that says its own scheme and cost
	Set  time.Time `json:"set,omitzero"`
}

// Factor is a second factor. Which members it has is a matter of its kind.
type Factor struct {
	Kind      string    `json:"kind"` // totp, hotp, recovery, phone or email
	Slot      int       `json:"slot,omitempty"`
	Label     string    `json:"label,omitempty"`
	Source    string    `json:"source,omitempty"`
	Created   time.Time `json:"created,omitzero"`
	Confirmed time.Time `json:"confirmed,omitzero"`
	Used      int64     `json:"used,omitempty"` // of totp: the last step that was taken

	Secret    string `json:"secret,omitempty"` // of totp and hotp, in base32
	Algorithm string `json:"algorithm,omitempty"`
	Digits    int    `json:"digits,omitempty"`
	Period    int    `json:"period,omitempty"`  // of totp, in seconds
	Counter   int64  `json:"counter,omitempty"` // of hotp, the next one

	Set []byte `json:"set,omitempty"` // of recovery, in base64

	Address  string `json:"address,omitempty"` // of phone and email
	Verified bool   `json:"verified,omitempty"`
}

// Passkey is a public key credential (WebAuthn). Bytes are base64url.
type Passkey struct {
	ID           string    `json:"id"`
	RPID         string    `json:"rp_id"`
	UserHandle   string    `json:"user_handle,omitempty"`
	PublicKey    string    `json:"public_key"` // COSE_Key (RFC 9052 §7)
	SignCount    uint32    `json:"sign_count"`
	AAGUID       string    `json:"aaguid,omitempty"`
	Transports   []string  `json:"transports,omitempty"`
	Backup       *Backup   `json:"backup,omitempty"` // left out: it was never said
	Discoverable bool      `json:"discoverable"`
	Label        string    `json:"label,omitempty"`
	Source       string    `json:"source,omitempty"`
	Created      time.Time `json:"created,omitzero"`
	Used         time.Time `json:"used,omitzero"`
}

// Backup are the flags BE and BS of authenticator data.
type Backup struct {
	Eligible bool `json:"eligible"`
	State    bool `json:"state"`
}

// Link is who the person is at another provider.
type Link struct {
	Provider   string    `json:"provider"`
	Connection string    `json:"connection,omitempty"`
	Subject    string    `json:"subject"`
	Source     string    `json:"source,omitempty"`
	Created    time.Time `json:"created,omitzero"`
}

// Consent is what the person allowed an application.
type Consent struct {
	Application string    `json:"application"`
	Server      string    `json:"server"`
	Scopes      []string  `json:"scopes"`
	Given       time.Time `json:"given"`
	Updated     time.Time `json:"updated"`
}

// Agreement is what the person said to a document or a purpose.
type Agreement struct {
	Kind      string          `json:"kind"` // document or purpose
	Document  string          `json:"document"`
	Version   string          `json:"version"`
	Refused   bool            `json:"refused,omitempty"`
	Given     time.Time       `json:"given"`
	Withdrawn time.Time       `json:"withdrawn,omitzero"`
	Replaced  bool            `json:"replaced,omitempty"` // it ended by a newer answer
	Evidence  json.RawMessage `json:"evidence,omitempty"` // an object
}

// Record says by which key a migration brought the person.
type Record struct {
	Migration string `json:"migration"`
	Key       string `json:"key"`
}

// RecordProvider is the provider of the link that keeps a [Record] of an installation
// that was left: its connection is the migration, its subject the key.
const RecordProvider = "legacy-record"
