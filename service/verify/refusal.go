package verify

import "fmt"

// Check names what a token failed. The names are stable and fit for the
// public: they tell nothing that the bearer of the token does not know.
type Check string

// The checks, in their order.
const (
	Form        Check = "form"        // not a token of ours by its looks
	Type        Check = "type"        // a token, but no access token
	Key         Check = "key"         // signed or sealed with a key that is none of the server's now
	Signature   Check = "signature"   // not what the server signed
	Issuer      Check = "issuer"      // of an authorization server that does not count here
	Audience    Check = "audience"    // for somebody else
	Expiry      Check = "expiry"      // too old
	Future      Check = "future"      // issued later than now
	Revocation  Check = "revocation"  // its grant, session or customer was switched off, or what it was issued for undone
	Application Check = "application" // its application is gone, or no longer served
)

// Refusal says why a token is not honoured. It repeats nothing of the token
// but, once the signature was found good, whom it was issued to.
type Refusal struct {
	Check Check
	Cause error  // may be nil
	Token *Token // what it said, nil unless the signature was good; not to be honoured
}

// Error is the check, and the cause if there is one.
func (r *Refusal) Error() string {
	if r.Cause != nil {
		return fmt.Sprintf("access token refused: %s: %v", r.Check, r.Cause)
	}
	return "access token refused: " + string(r.Check)
}

// Unwrap gives the cause.
func (r *Refusal) Unwrap() error { return r.Cause }
