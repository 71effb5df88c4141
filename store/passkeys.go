package store

import (
	"context"
	"encoding/base64"
	"time"

	"sallyport/pure/customer"
)

// Limits of what a passkey may hold. Longer is [ErrInvalid].
const (
	MaxCredentialID = 1023 // bytes, before their encoding (WebAuthn §4)
	MaxPublicKey    = 2048 // bytes
	MaxUserHandle   = 64   // bytes (WebAuthn §5.4.3)
	MaxPasskeyText  = 253  // bytes of RPID, of Label and of Source; all transports together
)

// PasskeyID is the id of a WebAuthn credential: its bytes in base64url without
// padding, as browsers name it. It is one person's within an environment.
type PasskeyID string

// PasskeyIDOf gives the id of raw bytes.
func PasskeyIDOf(raw []byte) PasskeyID { return PasskeyID(base64.RawURLEncoding.EncodeToString(raw)) }

// Bytes gives the raw id; nil if it is none.
func (id PasskeyID) Bytes() []byte {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(string(id))
	if err != nil {
		return nil
	}
	return raw
}

// Passkey is a public key credential of a customer. Nothing of it is secret.
type Passkey struct {
	ID         PasskeyID
	Customer   customer.ID
	RPID       string   // the relying party for which it was made; it is good for no other
	UserHandle []byte   // what the authenticator gives for the person's name; empty: unknown
	PublicKey  []byte   // COSE_Key (RFC 9052 §7)
	SignCount  uint32   // the highest seen; 0: it counts nothing, or nothing was seen
	AAGUID     [16]byte // the model of the authenticator; zero: unknown
	Transports []string
	// BackupKnown tells whether BackupEligible and BackedUp were ever said.
	BackupKnown, BackupEligible, BackedUp bool

	Discoverable bool // it was made for signing in without a name
	Label        string
	Source       string    // who brought it: "migration/<name>"; empty: it was made here
	Created      time.Time // zero: unknown
	Used         time.Time // when it last signed somebody in here; zero: never
	Version      int64     // compare-and-set
}

// PasskeyUse is one assertion that was verified.
type PasskeyUse struct {
	ID      PasskeyID
	Version int64 // as it was read before the assertion was verified
	// SignCount, BackupEligible and BackedUp are as the assertion says.
	SignCount                uint32
	BackupEligible, BackedUp bool
	At                       time.Time
}

// Passkeys reads public key credentials.
type Passkeys interface {
	// Passkeys lists a customer's, the oldest first, at most 1,000.
	Passkeys(ctx context.Context, env EnvironmentID, id customer.ID) ([]Passkey, error)
	// Passkey reads one; [ErrNotFound].
	Passkey(ctx context.Context, env EnvironmentID, id PasskeyID) (Passkey, error)
	// PasskeysByHandle lists those of a relying party that have a user handle, the
	// oldest first, at most limit.
	PasskeysByHandle(ctx context.Context, env EnvironmentID, rpID string, handle []byte, limit int) ([]Passkey, error)
	// RelyingParties lists the ids for which there are passkeys, in order, at most
	// limit. It reads an index entry for each, not one for each passkey.
	RelyingParties(ctx context.Context, env EnvironmentID, limit int) ([]string, error)
}

// PasskeyWriter changes public key credentials.
type PasskeyWriter interface {
	// PutPasskeys stores them all, or none; [ErrExists] if an id is taken, by
	// whomever; [ErrInvalid] above a limit.
	PutPasskeys(ctx context.Context, passkeys []Passkey) error
	// TakenPasskeys tells whose the ids are that are there already.
	TakenPasskeys(ctx context.Context, ids []PasskeyID) (map[PasskeyID]customer.ID, error)
	// UsePasskey keeps what an assertion said, if the stored Version still is
	// u.Version, and raises it: of several assertions that were verified against
	// one state, one alone is let through. [ErrConflict]; [ErrNotFound].
	UsePasskey(ctx context.Context, u PasskeyUse) error
	// DeletePasskey removes it; deleting what is gone is no error.
	DeletePasskey(ctx context.Context, id PasskeyID) error
}
