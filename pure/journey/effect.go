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
	OverPage       Page = "over" // the journey ended; it leads home
)

// Problem is why a page is shown again; empty for none.
type Problem string

// The problems. None of them tells whether an account exists.
const (
	IdentifierMissing Problem = "identifier-missing"
	IdentifierTooLong Problem = "identifier-too-long"
	PasswordMissing   Problem = "password-missing"
	NotRecognised     Problem = "not-recognised" // identifier and password do not belong together
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

// ReserveAttempts asks to reserve an attempt, durably, and to say whether
// there was one: AttemptAllowed or AttemptLimited.
type ReserveAttempts struct{ Identifier string }

// CheckPassword asks to look the identifier up and to compare the password:
// PasswordChecked.
type CheckPassword struct{ Identifier string }

// UpgradeCredential asks to replace the stored hash if it is not as good as a
// new one would be, together with StartSession.
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

// Record asks to tell the audit ledger.
type Record struct{ Outcome Outcome }

func (ShowPage) effect()          {}
func (ReserveAttempts) effect()   {}
func (CheckPassword) effect()     {}
func (UpgradeCredential) effect() {}
func (StartSession) effect()      {}
func (Record) effect()            {}
