package passkey

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
)

// ErrAttestation: what came is no new credential.
var ErrAttestation = errors.New("not a new passkey")

// ErrUnverified: the authenticator did not make sure who uses it, and had to.
var ErrUnverified = errors.New("the owner of a passkey was not verified")

// MaxAttestation is the longest text that [ReadNew] looks at.
const MaxAttestation = 32 << 10

const maxStatement = 16 << 10

// New is a credential that an authenticator made. Nothing of it counts before
// [New.Verify] says so.
type New struct {
	parsed    *protocol.ParsedCredentialCreationData
	challenge []byte
}

// ReadNew reads a credential as browsers write it that have made one:
// PublicKeyCredential.toJSON of WebAuthn §5.1. [ErrAttestation].
func ReadNew(text []byte) (*New, error) {
	if len(text) == 0 || len(text) > MaxAttestation {
		return nil, fmt.Errorf("%w: %d bytes", ErrAttestation, len(text))
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(text)
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be read", ErrAttestation)
	}
	data := parsed.Response.AttestationObject
	made := data.AuthData.AttData
	switch {
	case len(parsed.RawID) == 0, len(parsed.RawID) > maxCredentialID, !bytes.Equal(parsed.RawID, made.CredentialID):
		return nil, fmt.Errorf("%w: it has no name", ErrAttestation)
	case data.AuthData.Flags&attestedCredentials == 0, len(made.AAGUID) != 16:
		return nil, fmt.Errorf("%w: it brings no key", ErrAttestation)
	case len(parsed.Raw.AttestationResponse.ClientDataJSON) > maxClientData, len(parsed.Raw.AttestationResponse.AttestationObject) > maxStatement:
		return nil, fmt.Errorf("%w: a part is too long", ErrAttestation)
	}
	challenge, err := base64.RawURLEncoding.Strict().DecodeString(parsed.Response.CollectedClientData.Challenge)
	if err != nil || len(challenge) < minChallenge || len(challenge) > maxChallenge {
		return nil, fmt.Errorf("%w: it answers no challenge", ErrAttestation)
	}
	return &New{parsed, challenge}, nil
}

// Challenge is what the credential was made for, as the browser says.
func (n *New) Challenge() []byte { return bytes.Clone(n.challenge) }

// Wanted is what a new credential must answer.
type Wanted struct {
	Challenge []byte   // what this visitor was given
	Origins   []string // of the pages that ask: "https://login.example.com"
	RPID      string
	Verified  bool // the authenticator had to make sure that it is its owner
}

// Made is a credential as it is kept.
type Made struct {
	ID                       []byte
	PublicKey                []byte // COSE_Key; [CheckKey] holds
	SignCount                uint32
	AAGUID                   [16]byte // the model, if the browser tells it
	Transports               []string // known ones
	UserVerified             bool
	BackupEligible, BackedUp bool
}

// Verify holds a credential to what was asked for, by WebAuthn §7.1 for the attestation
// that was asked for, which is none: what a statement says of the model is not looked at,
// so that no certificate of a stranger's is.
//
// Errors are [ErrMismatch], [ErrAbsent], [ErrUnverified], [ErrBackup], or wrap [ErrKey].
func (n *New) Verify(want Wanted) (Made, error) {
	if len(want.Challenge) < minChallenge || want.RPID == "" || len(want.Origins) == 0 || !bytes.Equal(want.Challenge, n.challenge) {
		return Made{}, ErrMismatch
	}
	signed := base64.RawURLEncoding.EncodeToString(want.Challenge)
	err := n.parsed.Response.CollectedClientData.Verify(signed, protocol.CreateCeremony, want.Origins, nil, nil, protocol.TopOriginExplicitVerificationMode, false)
	if err != nil {
		return Made{}, ErrMismatch
	}
	data := n.parsed.Response.AttestationObject.AuthData
	party, flags := sha256.Sum256([]byte(want.RPID)), data.Flags
	switch {
	case !bytes.Equal(data.RPIDHash, party[:]):
		return Made{}, ErrMismatch
	case !flags.HasUserPresent():
		return Made{}, ErrAbsent
	case want.Verified && !flags.HasUserVerified():
		return Made{}, ErrUnverified
	case flags.HasBackupState() && !flags.HasBackupEligible():
		return Made{}, ErrBackup
	}
	if err := CheckKey(data.AttData.CredentialPublicKey); err != nil {
		return Made{}, err
	}
	m := Made{
		ID: bytes.Clone(n.parsed.RawID), PublicKey: bytes.Clone(data.AttData.CredentialPublicKey), SignCount: data.Counter,
		UserVerified: flags.HasUserVerified(), BackupEligible: flags.HasBackupEligible(), BackedUp: flags.HasBackupState(),
	}
	copy(m.AAGUID[:], data.AttData.AAGUID)
	for _, t := range n.parsed.Response.Transports {
		m.Transports = append(m.Transports, string(t))
	}
	m.Transports = transports(m.Transports)
	return m, nil
}
