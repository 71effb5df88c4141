package passkey

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
)

// Why an assertion is not taken. Errors hold nothing of it.
var (
	// ErrAssertion: what came is no assertion.
	ErrAssertion = errors.New("not an assertion of a passkey")
	// ErrMismatch: it is one, but for another challenge, page, relying party or
	// credential, or its signature is wrong.
	ErrMismatch = errors.New("the assertion of a passkey does not match")
	// ErrAbsent: nobody touched the authenticator.
	ErrAbsent = errors.New("nobody was present at the authenticator")
	// ErrCounter: the authenticator counts, and has counted no further: the
	// credential may have been copied (WebAuthn §6.1.1).
	ErrCounter = errors.New("the counter of a passkey did not rise")
	// ErrBackup: what cannot change about a credential changed.
	ErrBackup = errors.New("the backup flags of a passkey contradict each other")
)

// Bounds of what a browser sends.
const (
	// MaxAssertion is the longest text that [Read] looks at.
	MaxAssertion        = 8 << 10
	maxCredentialID     = 1023 // WebAuthn §4
	maxUserHandle       = 64   // WebAuthn §5.4.3
	maxAuthenticator    = 1 << 10
	maxSignature        = 1 << 10
	maxClientData       = 4 << 10
	minChallenge        = 16 // WebAuthn §13.4.3
	maxChallenge        = 512
	attestedCredentials = protocol.FlagAttestedCredentialData
)

// Assertion is what an authenticator signed. Nothing of it counts before
// [Assertion.Verify] says so.
type Assertion struct {
	parsed    *protocol.ParsedCredentialAssertionData
	challenge []byte
}

// Read reads an assertion as browsers write it: PublicKeyCredential.toJSON of
// WebAuthn §5.1. [ErrAssertion].
func Read(text []byte) (*Assertion, error) {
	if len(text) == 0 || len(text) > MaxAssertion {
		return nil, fmt.Errorf("%w: %d bytes", ErrAssertion, len(text))
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(text)
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be read", ErrAssertion)
	}
	raw, data := parsed.Raw.AssertionResponse, parsed.Response.AuthenticatorData
	switch {
	case len(parsed.RawID) == 0, len(parsed.RawID) > maxCredentialID, len(raw.UserHandle) > maxUserHandle:
		return nil, fmt.Errorf("%w: it names nobody", ErrAssertion)
	case len(raw.AuthenticatorData) > maxAuthenticator, len(raw.Signature) > maxSignature, len(raw.ClientDataJSON) > maxClientData:
		return nil, fmt.Errorf("%w: a part is too long", ErrAssertion)
	case data.Flags&attestedCredentials != 0: // belongs to registrations alone
		return nil, fmt.Errorf("%w: it brings a key of its own", ErrAssertion)
	}
	challenge, err := base64.RawURLEncoding.Strict().DecodeString(parsed.Response.CollectedClientData.Challenge)
	if err != nil || len(challenge) < minChallenge || len(challenge) > maxChallenge {
		return nil, fmt.Errorf("%w: it signs no challenge", ErrAssertion)
	}
	return &Assertion{parsed, challenge}, nil
}

// CredentialID names the credential that signed, as the browser says.
func (a *Assertion) CredentialID() []byte { return bytes.Clone(a.parsed.RawID) }

// UserHandle is whose it is, as the authenticator says; empty if it does not.
func (a *Assertion) UserHandle() []byte { return bytes.Clone(a.parsed.Response.UserHandle) }

// Challenge is what was signed, as the browser says.
func (a *Assertion) Challenge() []byte { return bytes.Clone(a.challenge) }

// Credential is what is known of the credential that an assertion names.
type Credential struct {
	RPID       string
	PublicKey  []byte // COSE_Key
	UserHandle []byte // empty: unknown
	SignCount  uint32
	// BackupKnown tells whether BackupEligible was ever said.
	BackupKnown, BackupEligible bool
}

// Expected is what an assertion must answer.
type Expected struct {
	Challenge  []byte   // what this visitor was given to sign
	Origins    []string // of the pages that ask: "https://login.example.com"
	Credential Credential
}

// Proof is what a verified assertion says.
type Proof struct {
	UserVerified             bool // by a PIN or a finger, so two factors at once
	SignCount                uint32
	BackupEligible, BackedUp bool
}

// Verify holds the assertion to what was expected, by WebAuthn §7.2.
//
// A counter must rise, unless it and the one that was seen before are both zero:
// most passkeys do not count. One that an earlier system brought is the one that was
// seen before. Whether a credential can be backed up never changes; where nobody
// said it, the first assertion does.
//
// Errors are [ErrMismatch], [ErrAbsent], [ErrCounter], [ErrBackup], or wrap [ErrKey]
// for a stored key that cannot be read.
func (a *Assertion) Verify(want Expected) (Proof, error) {
	c := want.Credential
	if err := CheckKey(c.PublicKey); err != nil {
		return Proof{}, err
	}
	if len(want.Challenge) < minChallenge || c.RPID == "" || len(want.Origins) == 0 || !bytes.Equal(want.Challenge, a.challenge) {
		return Proof{}, ErrMismatch
	}
	handle := a.parsed.Response.UserHandle
	if len(handle) > 0 && len(c.UserHandle) > 0 && !bytes.Equal(handle, c.UserHandle) {
		return Proof{}, ErrMismatch
	}
	signed := base64.RawURLEncoding.EncodeToString(want.Challenge)
	err := a.parsed.Verify(signed, c.RPID, "", want.Origins, nil, nil, protocol.TopOriginExplicitVerificationMode,
		false, false, false, c.PublicKey, protocol.SignaturePolicy{})
	if err != nil {
		return Proof{}, ErrMismatch
	}
	return a.judge(c)
}

// judge reads what was signed, once it is known to be.
func (a *Assertion) judge(c Credential) (Proof, error) {
	flags, count := a.parsed.Response.AuthenticatorData.Flags, a.parsed.Response.AuthenticatorData.Counter
	p := Proof{flags.HasUserVerified(), count, flags.HasBackupEligible(), flags.HasBackupState()}
	switch {
	case !flags.HasUserPresent():
		return Proof{}, ErrAbsent
	case p.BackedUp && !p.BackupEligible, c.BackupKnown && c.BackupEligible != p.BackupEligible:
		return Proof{}, ErrBackup
	case (count != 0 || c.SignCount != 0) && count <= c.SignCount:
		return Proof{}, ErrCounter
	}
	return p, nil
}
