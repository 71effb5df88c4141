package journey

import (
	"strings"
	"time"
)

// MaxIdentifier is the longest identifier that is taken, in bytes: that of an
// e-mail address (RFC 5321 §4.5.3.1.3).
const MaxIdentifier = 254

// Step gives what follows from an event in a state. It is total: an event that
// the state does not wait for shows the page again and changes nothing.
func Step(j *Journey, s State, e Event) (State, []Effect) {
	if s.Ended() {
		return s, show(j, s, "", 0)
	}
	if s.journey != j.digest || s.step > j.last() {
		fresh := State{journey: j.digest, identifier: s.identifier}
		if s != (State{}) && !startsAfresh(e) {
			return fresh, show(j, fresh, Interrupted, 0)
		}
		s = fresh
	}
	switch e := e.(type) {
	case Begin:
		return begin(j, s, e)
	case IdentifierGiven:
		return identify(j, s, e)
	case PasswordGiven:
		return givePassword(j, s, e)
	case AttemptAllowed:
		if s.phase == reserving {
			return s.in(checking), []Effect{j.check(s)}
		}
	case AttemptLimited:
		if s.phase == reserving {
			by := j.proof(s)
			s = s.asks()
			return s, append([]Effect{Record{Limited, by}}, show(j, s, TooManyAttempts, e.RetryAfter)...)
		}
	case AttemptUnavailable:
		if s.phase == reserving {
			by := j.proof(s)
			s = s.asks()
			return s, append([]Effect{Record{Unchecked, by}}, show(j, s, CheckUnavailable, e.RetryAfter)...)
		}
	case PasskeyGiven:
		return givePasskey(j, s, e)
	case PasskeyChecked:
		if s.phase == checking && s.mode == withPasskey {
			return concludePasskey(j, s, e)
		}
	case PasswordChecked:
		if s.phase == checking && s.mode != withPasskey && j.asks[s.step] == Password {
			return conclude(j, s, e)
		}
	case FactorsFound, CodeGiven, RecoveryAsked, RecoveryGiven, CodeChecked, CodesKept:
		if j.asks[s.step] == TOTP {
			return second(j, s, e)
		}
	case Back:
		s = s.at(0)
	case Expired:
		s = s.in(over)
		return s, show(j, s, TimeRanOut, 0)
	}
	s = s.asks()
	return s, show(j, s, "", 0)
}

// startsAfresh tells which events mean the same under whatever journey.
func startsAfresh(e Event) bool {
	switch e.(type) {
	case IdentifierGiven, Expired:
		return true
	}
	return false
}

func begin(j *Journey, s State, e Begin) (State, []Effect) {
	if s.step == 0 && s.identifier == "" && len(e.Hint) <= MaxIdentifier {
		s = s.named(e.Hint)
	}
	s = s.asks()
	return s, show(j, s, "", 0)
}

// identify is taken at any step: a customer who says who they are, in a tab
// they had forgotten, means it.
func identify(j *Journey, s State, e IdentifierGiven) (State, []Effect) {
	typed := strings.ToValidUTF8(e.Typed, "\ufffd")
	next := s.at(0).named(typed)
	switch {
	case next.identifier == "":
		return next, show(j, next, IdentifierMissing, 0)
	case len(next.identifier) > MaxIdentifier:
		return s.at(0).named(""), show(j, s.at(0).named(""), IdentifierTooLong, 0)
	}
	next = next.at(1)
	return next, show(j, next, "", 0)
}

func givePassword(j *Journey, s State, e PasswordGiven) (State, []Effect) {
	s = s.asks()
	switch {
	case j.asks[s.step] != Password, strings.TrimSpace(e.Of) != s.identifier:
		return s, show(j, s, Interrupted, 0)
	case e.Empty:
		return s, show(j, s, PasswordMissing, 0)
	}
	return s.in(reserving), []Effect{ReserveAttempts{s.identifier, ByPassword}}
}

// conclude answers a check.
func conclude(j *Journey, s State, e PasswordChecked) (State, []Effect) {
	switch e.Verdict {
	case Match:
		if s.step < j.last() {
			return s.at(s.step + 1).in(consulting), []Effect{UpgradeCredential{}, LookUpFactors{}}
		}
		s, start := finish(j, s, ByPassword)
		return s, append([]Effect{UpgradeCredential{}}, start...)
	case NoMatch:
		s = s.in(asking)
		return s, append([]Effect{Record{Refused, ByPassword}}, show(j, s, NotRecognised, 0)...)
	}
	s = s.in(asking)
	return s, append([]Effect{Record{Unchecked, ByPassword}}, show(j, s, CheckUnavailable, e.RetryAfter)...)
}

// finish signs the customer in. What they proved last says how well: nobody
// comes to a second factor but by the first.
func finish(j *Journey, s State, by Proof) (State, []Effect) {
	start := StartSession{Methods: []string{"pwd", "otp"}, Assurance: "mfa", Lifetime: j.session}
	switch by {
	case ByPassword:
		start.Methods, start.Assurance = []string{"pwd"}, "pwd"
	case ByRecovery: // RFC 8176 has no name for it
		start.Methods = []string{"pwd", "mfa"}
	}
	return s.in(signedIn), []Effect{start, Record{Succeeded, by}}
}

// show gives the page of a state.
func show(j *Journey, s State, problem Problem, retryAfter time.Duration) []Effect {
	if s.Ended() {
		return []Effect{ShowPage{Page: OverPage, Problem: problem}}
	}
	page := map[Ask]Page{Identifier: IdentifierPage, Password: PasswordPage}[j.asks[s.step]]
	if j.asks[s.step] == TOTP {
		page = map[mode]Page{withApp: CodePage, withRecovery: RecoveryPage, enrolling: EnrolPage, keeping: CodesPage}[s.mode]
		if s.mode == withApp && s.appless {
			page = PasskeyPage
		}
	}
	step, of := s.step+1, len(j.asks)
	switch {
	case of > firstFactors && !j.always && s.step < firstFactors:
		of = firstFactors // whether there is more to come depends on who they are, which no page tells
	case page == EnrolPage:
		of++ // the codes to be kept are a page more
	case page == CodesPage:
		step, of = step+1, of+1
	}
	return []Effect{ShowPage{page, step, of, s.identifier, problem, retryAfter}}
}
