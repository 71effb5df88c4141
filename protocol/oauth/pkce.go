package oauth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// ChallengeMethod is a code_challenge_method (RFC 7636 §4.3).
type ChallengeMethod string

// MethodS256 is the only method: plain protects against nothing that reads the request
// (RFC 9700 §2.1.1).
const MethodS256 ChallengeMethod = "S256"

// Bounds of a verifier (RFC 7636 §4.1). An S256 challenge has exactly minVerifierBytes.
const (
	minVerifierBytes = 43
	maxVerifierBytes = 128
)

// Challenge is the PKCE challenge of an authorization request. The zero value says that
// there was none. Store it with the code.
type Challenge struct {
	Value  string
	Method ChallengeMethod
}

// ParseChallenge reads code_challenge and code_challenge_method. Both absent
// give the zero Challenge: whether a client must send one is the caller's rule.
// An absent method would mean plain (RFC 7636 §4.3) and is refused like plain.
func ParseChallenge(challenge, method string) (Challenge, error) {
	switch {
	case challenge == "" && method == "":
		return Challenge{}, nil
	case challenge == "":
		return Challenge{}, InvalidRequest("code_challenge_method without code_challenge")
	case method != string(MethodS256):
		return Challenge{}, InvalidRequest("code_challenge_method must be S256")
	}
	// What is no SHA-256 in strict base64url can never be met: say so now.
	if raw, err := base64.RawURLEncoding.Strict().DecodeString(challenge); err != nil ||
		len(raw) != sha256.Size || len(challenge) != minVerifierBytes {
		return Challenge{}, InvalidRequest("code_challenge is not a base64url SHA-256")
	}
	return Challenge{Value: challenge, Method: MethodS256}, nil
}

// ChallengeOf gives the challenge that verifier meets, as a client computes it.
func ChallengeOf(verifier string) Challenge {
	sum := sha256.Sum256([]byte(verifier))
	return Challenge{Value: base64.RawURLEncoding.EncodeToString(sum[:]), Method: MethodS256}
}

// IsZero reports whether there was no challenge.
func (c Challenge) IsZero() bool { return c == Challenge{} }

// Verify returns nil if verifier meets the challenge, or if there is neither
// challenge nor verifier. A verifier without challenge is refused (somebody took the
// challenge out of the request: RFC 9700 §4.8.2), and so is a challenge without
// verifier. Refusals are an *Error with invalid_grant. The comparison takes constant time.
func (c Challenge) Verify(verifier Secret) error {
	switch {
	case c.IsZero() && verifier.IsZero():
		return nil
	case c.IsZero():
		return InvalidGrant("code_verifier without a code_challenge in the authorization request")
	case verifier.IsZero():
		return InvalidGrant("code_verifier is missing")
	case c.Method != MethodS256 || !validVerifier(verifier.Reveal()):
		return InvalidGrant("code_verifier is malformed")
	}
	want := ChallengeOf(verifier.Reveal())
	if subtle.ConstantTimeCompare([]byte(want.Value), []byte(c.Value)) != 1 {
		return InvalidGrant("code_verifier does not match")
	}
	return nil
}

// validVerifier checks for 43*128unreserved (RFC 7636 §4.1).
func validVerifier(v string) bool {
	if len(v) < minVerifierBytes || len(v) > maxVerifierBytes {
		return false
	}
	for i := range len(v) {
		c := v[i]
		if !isAlphanumeric(c) && c != '-' && c != '.' && c != '_' && c != '~' {
			return false
		}
	}
	return true
}

func isAlphanumeric(c byte) bool { return isAlpha(c) || isDigit(c) }

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
