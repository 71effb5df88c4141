package legacy

import (
	"strings"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
)

// Person is what an earlier system says about one person. The zero values mean
// that it says nothing.
type Person struct {
	Key       string  // names the person at the source for ever; empty: it says none
	Fields    []Field // whatever it says that is no secret, in the order of the source
	State     State
	Passwords []Password // usually one
	Factors   []Factor
	Passkeys  []Passkey
	Links     []customer.Link // who the person is elsewhere
	// Elsewhere: the person has no password here because they sign in by a link.
	Elsewhere bool
	Left      []Left // what is there and can never be taken along
	Kept      *Kept  // of our own export alone: the person goes on as the same customer
}

// Field is one thing that a source says. A list has several values, a table
// below another one has a name with a dot: "profile.email".
type Field struct {
	Name   string
	Values []string
}

// Value gives the first value of the field of that name, "" if there is none.
func (p *Person) Value(name string) string {
	for i := range p.Fields {
		if p.Fields[i].Name == name && len(p.Fields[i].Values) > 0 {
			return p.Fields[i].Values[0]
		}
	}
	return ""
}

// Add appends a field, unless it has no values or only an empty one.
func (p *Person) Add(name string, values ...string) {
	if len(values) == 0 || len(values) == 1 && values[0] == "" {
		return
	}
	p.Fields = append(p.Fields, Field{name, values})
}

// State is whether the source lets the person in.
type State string

// The states. The empty one says that the source has no such thing: whoever is
// in it may come in.
const (
	Active      State = "active"
	Disabled    State = "disabled"    // closed by somebody
	Locked      State = "locked"      // closed by too many tries, perhaps for a time
	Unconfirmed State = "unconfirmed" // registered and never proved an address
	MustReset   State = "must-reset"  // the password counts no longer
	Deleted     State = "deleted"     // kept by the source as a trace
	Unclear     State = "unclear"     // a word that nobody documented
)

// Password is a password hash as the source keeps it.
type Password struct {
	Encoded string
	Scheme  passhash.Scheme // for passhash.ParseAs; empty: Encoded says what it is
	Params  passhash.Params
}

// FactorKind is what a second factor is.
type FactorKind string

// The kinds.
const (
	TOTP     FactorKind = "totp"
	HOTP     FactorKind = "hotp"
	Recovery FactorKind = "recovery" // a set of codes
	Phone    FactorKind = "phone"    // codes by message or call
	Email    FactorKind = "email"    // codes by mail
)

// Factor is a second factor that can be taken along.
type Factor struct {
	Kind    FactorKind
	Label   string    // what the person calls it
	Created time.Time // zero: unknown

	// Of TOTP and HOTP. Secret is the key itself, whatever the source wrote it in.
	Secret    []byte
	Algorithm string // SHA1, SHA256 or SHA512; empty: SHA1
	Digits    int    // 0: 6
	Period    int    // seconds; 0: 30
	Counter   int64  // of HOTP, the next one

	Codes []Code // of Recovery, those that are unused

	Address  string // of Phone and Email
	Verified bool

	Kept *KeptFactor // beside Person.Kept
}

// Code is one recovery code: in clear, or as the digest that the source keeps.
type Code struct {
	Plain  string
	Digest []byte
	Scheme string // of Digest: "sha512", "sha256", or what passhash.Parse reads from Digest
}

// Passkey is a public key credential of WebAuthn.
type Passkey struct {
	RPID         string // the relying party's id for which it was made
	CredentialID []byte
	PublicKey    []byte // COSE_Key (RFC 9052 §7)
	UserHandle   []byte
	SignCount    uint32
	AAGUID       [16]byte
	Transports   []string
	// Flags tells whether BackupEligible and BackedUp are said.
	Flags                    bool
	BackupEligible, BackedUp bool
	Discoverable             bool // it was made for signing in without a name
	Label                    string
	Created                  time.Time

	Kept *KeptPasskey // beside Person.Kept
}

// Left is something of the person's that can never be taken along.
type Left struct {
	What string // a stable word: "push-factor", "security-question", "attested-device"
	Why  string // for a person, without values
}

// Factor tells whether it is, or may be, a second factor: whatever is not known to be
// something else.
func (l Left) Factor() bool {
	switch l.What {
	case "password", "password-history", "security-question", "provider-link", "service-account", "consents", "empty":
		return false
	}
	return !strings.HasSuffix(l.What, "-password")
}
