package journey

import "time"

// Effect is something for the caller to do. Effects are performed in order.
type Effect interface{ effect() }

// Page names what a customer can be shown.
type Page string

// The pages.
const (
	IdentifierPage Page = "identifier"
	PasswordPage   Page = "password"
	CodePage       Page = "code"     // the code of an authenticator app
	RecoveryPage   Page = "recovery" // a recovery code instead
	PasskeyPage    Page = "passkey"  // a passkey, where there is no app
	EnrolPage      Page = "enrol"    // a key to scan, and its first code
	CodesPage      Page = "codes"    // recovery codes to be kept
	OverPage       Page = "over"     // the journey ended; it leads home
)

// Problem is why a page is shown again; empty for none.
type Problem string

// The problems. None of them tells whether an account exists.
const (
	IdentifierMissing Problem = "identifier-missing"
	IdentifierTooLong Problem = "identifier-too-long"
	PasswordMissing   Problem = "password-missing"
	NotRecognised     Problem = "not-recognised" // identifier and password do not belong together
	CodeMissing       Problem = "code-missing"
	CodeRefused       Problem = "code-refused"
	RecoveryMissing   Problem = "recovery-missing"
	RecoveryRefused   Problem = "recovery-refused"
	PasskeyRefused    Problem = "passkey-refused"
	PasskeyUnverified Problem = "passkey-unverified" // it did not ask for its owner, so it is one factor
	TooManyAttempts   Problem = "too-many-attempts"
	CheckUnavailable  Problem = "check-unavailable" // nobody could tell; not a wrong password
	Interrupted       Problem = "interrupted"       // the page was older than the state
	TimeRanOut        Problem = "time-ran-out"
)

// ShowPage answers the customer.
type ShowPage struct {
	Page       Page
	Step, Of   int    // "step 1 of 2"; zero on OverPage
	Identifier string // as the customer typed it
	Problem    Problem
	RetryAfter time.Duration // with TooManyAttempts and CheckUnavailable; zero: unknown
}

// Proof is by what a customer shows who they are.
type Proof string

// The proofs.
const (
	ByPassword  Proof = "password"
	ByCode      Proof = "code"
	ByRecovery  Proof = "recovery"
	ByEnrolment Proof = "enrolment" // the first code of a new key
	ByPasskey   Proof = "passkey"
)

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
// else: CodeChecked. The first code of a new key enrols it.
type CheckCode struct{ By Proof }

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
	Succeeded Outcome = "succeeded"
	Refused   Outcome = "refused"
	Limited   Outcome = "limited"
	Unchecked Outcome = "unchecked" // the check was unavailable
)

// Record asks to tell the audit ledger what came of a proof.
type Record struct {
	Outcome Outcome
	Of      Proof
}

func (ShowPage) effect()          {}
func (ReserveAttempts) effect()   {}
func (CheckPassword) effect()     {}
func (LookUpFactors) effect()     {}
func (CheckCode) effect()         {}
func (CheckPasskey) effect()      {}
func (UpgradeCredential) effect() {}
func (StartSession) effect()      {}
func (Record) effect()            {}
