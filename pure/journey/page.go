package journey

import "time"

// Page names what a customer can be shown. Tasks have the page of what they ask.
type Page string

// The pages.
const (
	IdentifierPage Page = "identifier"
	PasswordPage   Page = "password"
	CodePage       Page = "code"     // the code of an authenticator app
	RecoveryPage   Page = "recovery" // a recovery code instead
	PasskeyPage    Page = "passkey"  // a passkey, where there is no app
	ChoicePage     Page = "choice"   // which second factor they want to give
	TextPage       Page = "text"     // the code that was sent to a phone
	CallPage       Page = "call"     // the code that was told to it
	CardPage       Page = "card"     // a code of a card
	EnrolPage      Page = "enrol"    // a key to scan, and its first code
	PhonePage      Page = "phone"    // the number of a phone to be a second factor
	CodesPage      Page = "codes"    // recovery codes to be kept
	OverPage       Page = "over"     // the journey ended; it leads home

	VerifyPage      = Page(Verify)
	NewPasswordPage = Page(NewPassword)
	TermsPage       = Page(Terms)
	ProfilePage     = Page(Profile)
	QuestionsPage   = Page(Questions)
	ClaimPage       = Page(Claim)
	AccessPage      = Page(Access)
)

// Problem is why a page is shown again; empty for none. Whoever does a task may
// answer with others of their own.
type Problem string

// The problems. None of them tells whether an account exists, but AlreadyKnown and
// HeldBack, which are told to who has just proved that the address is theirs.
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
	PhoneRefused      Problem = "phone-refused"      // not a number to which a code could be sent
	AnswerMissing     Problem = "answer-missing"
	AnswerRefused     Problem = "answer-refused"
	AlreadyKnown      Problem = "already-known" // whoever registers is a customer already
	HeldBack          Problem = "held-back"     // whoever proved an address is known, and somebody must look at it first
	TooManyAttempts   Problem = "too-many-attempts"
	CheckUnavailable  Problem = "check-unavailable" // nobody could tell; not a wrong password
	Interrupted       Problem = "interrupted"       // the page was older than the state
	TimeRanOut        Problem = "time-ran-out"
)

// ShowPage answers the customer.
type ShowPage struct {
	Page       Page
	Name       string // of the step, which its form brings back
	Step, Of   int    // "step 1 of 2"; zero where nobody can tell
	Identifier string // as the customer typed it
	Problem    Problem
	RetryAfter time.Duration // with TooManyAttempts and CheckUnavailable; zero: unknown
	Skippable  bool          // the step can be passed over, or done another time
	Choice     bool          // they may give another second factor
	Codes      bool          // of the password: a code can be had instead
	Phone      bool          // of a second factor to be set up: a phone can be one
}

// page is what a state shows.
func (j *Journey) page(s State, problem Problem, retryAfter time.Duration) ShowPage {
	if s.Ended() {
		return ShowPage{Page: OverPage, Problem: problem}
	}
	at := j.at(s)
	p := ShowPage{Page: j.pageOf(s), Name: at.name, Identifier: s.identifier, Problem: problem, RetryAfter: retryAfter}
	p.Skippable = at.ask.task() && at.may && s.Proven() || s.Deferrable()
	p.Choice = at.ask == TOTP && s.Several() && !s.mode.enrols() && s.mode != keeping
	p.Codes = p.Page == PasswordPage && at.codes && problem != PasswordNeeded
	p.Phone = p.Page == EnrolPage && s.have.has(mayPhone)
	p.Step, p.Of = j.count(s, p.Page)
	return p
}

func (j *Journey) pageOf(s State) Page {
	switch ask := j.ask(s); ask {
	case Identifier:
		return IdentifierPage
	case Password:
		return PasswordPage
	case TOTP:
		return s.factorPage()
	default:
		return ask.page()
	}
}

// count tells how far it is. Whether a second factor comes depends on who they are,
// which no page tells before it was proved; and what a customer who signs in has left
// to do depends on what they did before.
func (j *Journey) count(s State, page Page) (step, of int) {
	step, of = s.step+1, len(j.steps)
	if j.purpose == SignIn {
		if j.at(s).ask.task() && s.Proven() {
			return 0, 0
		}
		of = firstFactors
		if len(j.steps) > firstFactors && j.steps[firstFactors].ask == TOTP && (j.AlwaysTwoFactors() || s.step >= firstFactors) {
			of++
		}
	}
	switch {
	case page == EnrolPage, page == PhonePage, s.mode == enrolText, s.mode == enrolCall:
		of++ // the codes to be kept are a page more
	case page == CodesPage:
		step, of = step+1, of+1
	}
	return step, of
}
