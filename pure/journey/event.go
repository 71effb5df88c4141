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
	Passkey  bool // they have a passkey, whether or not pages of this host can ask for it
	Second   bool // one of them was made as a second factor
	Text     bool // a code can be sent to a phone that is a second factor of theirs
	Call     bool // or told to it
	Card     bool // they have a card with codes
	Same     bool // a phone is one, but the first code came to it, so that Text and Call do not count it
	Password bool // they have a password, and what they sign in to takes nobody without two factors

	Phones     bool // a phone can be set up as a second factor
	Deferrable bool // setting one up may wait

	When  When // what a rule says of them, see [Rule]; empty: none does, and the step decides
	Lacks bool // what they have does not count for them: they give it, and where there must be one, set up one that does
}

// AnotherWay: the customer wants to give another second factor than the page asks for.
type AnotherWay struct{}

// FactorChosen: the customer chose which: ByCode, ByPasskey, ByText, ByCall, ByCard.
type FactorChosen struct{ By Proof }

// CodeSent: a code was sent to a phone. RetryAfter tells that there were too many,
// Refused that there is no sending one to it.
type CodeSent struct {
	RetryAfter time.Duration
	Refused    bool
}

// PhoneAsked: the customer wants to set up a phone, or an app after all.
type PhoneAsked struct{ Phone bool }

// PhoneGiven: the customer gave the number of a phone, which stays with the caller,
// and how it is to be reached.
type PhoneGiven struct{ Empty, Call bool }

// Later: the customer does not want to set up a second factor now.
type Later struct{}

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

// CodeAsked: the customer wants a code sent instead of giving the password. Of is the
// identifier that their page showed.
type CodeAsked struct{ Of string }

// Found: what a task is about was looked up. Needed tells that something is left to
// be done; Problem may say why it has to be done again.
type Found struct {
	Needed  bool
	Problem Problem
}

// TaskGiven: the customer answered a task, with what stays with the caller. Step is
// the name that their page brought; another one means that the page is older than
// the state.
type TaskGiven struct {
	Step  string
	Empty bool
}

// TaskSkipped: the customer wants to pass a task over.
type TaskSkipped struct{ Step string }

// SendAgain: the customer wants another code sent. Step is the name that their page
// brought; By says how, where a phone can be sent a text or be called: ByText, ByCall,
// empty for as before.
type SendAgain struct {
	Step string
	By   Proof
}

// Sent: a code was sent to an address, or seems so. RetryAfter tells that there were
// too many.
type Sent struct {
	RetryAfter time.Duration
	Problem    Problem
}

// Performed: a task was done, or could not be.
type Performed struct {
	Verdict    Verdict
	Problem    Problem // of what was not done; empty: the usual one
	RetryAfter time.Duration
	By         Proof // of an address that was verified: ByAddress, ByText, ByCall
	Known      bool  // who wants to register is a customer already
	Held       bool  // who proved an address is known, and cannot come in by that alone
	Idle       bool  // with a match at Verify, behind the first proof: nothing is left to verify, and nothing was proved
}

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
func (AnotherWay) event()         {}
func (FactorChosen) event()       {}
func (CodeSent) event()           {}
func (PhoneAsked) event()         {}
func (PhoneGiven) event()         {}
func (Later) event()              {}
func (CodeGiven) event()          {}
func (RecoveryAsked) event()      {}
func (RecoveryGiven) event()      {}
func (CodeChecked) event()        {}
func (CodesKept) event()          {}
func (CodeAsked) event()          {}
func (Found) event()              {}
func (TaskGiven) event()          {}
func (TaskSkipped) event()        {}
func (SendAgain) event()          {}
func (Sent) event()               {}
func (Performed) event()          {}
func (Back) event()               {}
func (Expired) event()            {}
func (Returned) event()           {}
