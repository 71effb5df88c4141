package journey

import "time"

// Effect is something for the caller to do. Effects are performed in order.
type Effect interface{ effect() }

// ReserveAttempts asks to reserve an attempt at a proof, durably, and to say
// whether there was one: AttemptAllowed, AttemptLimited or, where it could not
// be used anyway, AttemptUnavailable.
type ReserveAttempts struct {
	Identifier string
	Of         Proof
}

// CheckPassword asks to look the identifier up and to compare the password:
// PasswordChecked.
type CheckPassword struct{ Identifier string }

// LookUpFactors asks which second factors the customer has: FactorsFound.
type LookUpFactors struct{}

// CheckCode asks to check a code, and to take it so that it is good for nothing
// else: CodeChecked. The first code of a new key enrols it, and so does that of a
// phone where Enrol says so.
type CheckCode struct {
	By    Proof
	Enrol bool
}

// SendCode asks to send a code to a phone: CodeSent. Enrol tells that it is the one
// that the customer gave just now.
type SendCode struct {
	By    Proof
	Enrol bool
}

// Consult asks to look up whether a task is to be done: Found. Leftover tells that it
// is part of a registration, so that it concerns whoever did not finish theirs.
type Consult struct {
	Step     string
	Ask      Ask
	Leftover bool
}

// Send asks to send a code, or a link, to the address that is to be verified, with the
// same work and the same answer whether there is anybody or not: Sent.
type Send struct {
	Step string
	Ask  Ask
}

// Perform asks to do a task with what the customer gave, durably: Performed.
type Perform struct {
	Step string
	Ask  Ask
}

// Skip asks to note that the customer passed a step over.
type Skip struct {
	Step string
	Ask  Ask
}

// CheckPasskey asks to verify the assertion of a passkey, and to take it so that it
// is good for nothing else: PasskeyChecked.
type CheckPasskey struct {
	// Identifier names whose it must be; empty: it may be anybody's, and says whose.
	Identifier string
	Second     bool // it must be that of who proved the first factor
}

// UpgradeCredential asks to replace the stored hash if it is not as good as a
// new one would be, together with what is written next.
type UpgradeCredential struct{}

// StartSession ends the journey well.
type StartSession struct {
	Methods   []string // amr, RFC 8176
	Assurance string   // acr
	Lifetime  time.Duration
}

// Outcome is what the audit ledger is told.
type Outcome string

// The outcomes.
const (
	Refused   Outcome = "refused"
	Limited   Outcome = "limited"
	Unchecked Outcome = "unchecked" // the check was unavailable
)

// Record asks to tell the audit ledger what came of a proof that did not succeed. What
// did is told with what it led to.
type Record struct {
	Outcome Outcome
	Of      Proof
}

func (ReserveAttempts) effect()   {}
func (CheckPassword) effect()     {}
func (LookUpFactors) effect()     {}
func (CheckCode) effect()         {}
func (SendCode) effect()          {}
func (Consult) effect()           {}
func (Send) effect()              {}
func (Perform) effect()           {}
func (Skip) effect()              {}
func (CheckPasskey) effect()      {}
func (UpgradeCredential) effect() {}
func (StartSession) effect()      {}
func (Record) effect()            {}
func (ShowPage) effect()          {}
