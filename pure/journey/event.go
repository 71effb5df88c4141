package journey

import "time"

// Event is something that happened to a customer in a journey.
type Event interface{ event() }

// Begin: the page was opened, for the first time or again. Hint is shown as
// already typed if nothing else was typed yet.
type Begin struct{ Hint string }

// IdentifierGiven: the customer said who they are.
type IdentifierGiven struct{ Typed string }

// PasswordGiven: the customer gave a password, which stays with the caller. Of
// is the identifier that their page showed; another one means that the page is
// older than the state. Empty tells that nothing was typed.
type PasswordGiven struct {
	Of    string
	Empty bool
}

// AttemptAllowed: an attempt was reserved.
type AttemptAllowed struct{}

// AttemptLimited: none was left. RetryAfter tells for how long.
type AttemptLimited struct{ RetryAfter time.Duration }

// AttemptUnavailable: nothing can be checked now, so no attempt was spent.
// RetryAfter may say when to try again.
type AttemptUnavailable struct{ RetryAfter time.Duration }

// Verdict is the outcome of a check. There are three: a verifier that could not
// tell has not said no.
type Verdict uint8

// The verdicts.
const (
	Unavailable Verdict = iota
	NoMatch
	Match
)

// PasswordChecked: the password was compared, or could not be. RetryAfter may
// say when to try again after Unavailable.
type PasswordChecked struct {
	Verdict    Verdict
	RetryAfter time.Duration
}

// PasskeyGiven: the customer's browser brought the assertion of a passkey, which
// stays with the caller. Of is the identifier that their page showed, as with a
// password; empty on the page that asks for one.
type PasskeyGiven struct{ Of string }

// PasskeyChecked: the assertion was verified and, if it matched, taken.
type PasskeyChecked struct {
	Verdict  Verdict
	Verified bool // the authenticator made sure that it is its owner, by a PIN or a finger
	Hardware bool // its key cannot leave the device
}

// FactorsFound: the customer's second factors were looked up.
type FactorsFound struct {
	Enrolled bool // they have an authenticator app
	Kept     bool // they have recovery codes and said that they keep them
	Required bool // what they sign in to takes nobody without a second factor
	Passkey  bool // they have a passkey that pages of this host can ask for
	Second   bool // one of those was made as a second factor
}

// CodeGiven: the customer gave a code of an app, which stays with the caller.
type CodeGiven struct{ Empty bool }

// RecoveryAsked: the customer wants to give a recovery code instead.
type RecoveryAsked struct{}

// RecoveryGiven: the customer gave a recovery code, which stays with the caller.
type RecoveryGiven struct{ Empty bool }

// CodeChecked: the code was checked and, if it matched, taken. Overtaken tells
// that the customer's factors changed meanwhile, such as in another browser.
type CodeChecked struct {
	Verdict   Verdict
	Overtaken bool
}

// CodesKept: the customer says that they keep their recovery codes.
type CodesKept struct{}

// Back: the customer wants to change what they said before.
type Back struct{}

// Expired: the customer took longer than the journey waits.
type Expired struct{}

// Returned: the customer came back from outside, such as from another identity
// provider. No step leads there yet, so it is always out of order.
type Returned struct{}

func (Begin) event()              {}
func (IdentifierGiven) event()    {}
func (PasswordGiven) event()      {}
func (AttemptAllowed) event()     {}
func (AttemptLimited) event()     {}
func (AttemptUnavailable) event() {}
func (PasswordChecked) event()    {}
func (PasskeyGiven) event()       {}
func (PasskeyChecked) event()     {}
func (FactorsFound) event()       {}
func (CodeGiven) event()          {}
func (RecoveryAsked) event()      {}
func (RecoveryGiven) event()      {}
func (CodeChecked) event()        {}
func (CodesKept) event()          {}
func (Back) event()               {}
func (Expired) event()            {}
func (Returned) event()           {}
