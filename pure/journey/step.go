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
			return s.in(checking), []Effect{CheckPassword{s.identifier}}
		}
	case AttemptLimited:
		if s.phase == reserving {
			s = s.in(asking)
			return s, append([]Effect{Record{Limited}}, show(j, s, TooManyAttempts, e.RetryAfter)...)
		}
	case PasswordChecked:
		if s.phase == checking {
			return conclude(j, s, e)
		}
	case Back:
		s = s.at(0)
	case Expired:
		s = s.in(over)
		return s, show(j, s, TimeRanOut, 0)
	}
	s = s.in(asking)
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
	s = s.in(asking)
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
	s = s.in(asking)
	switch {
	case j.asks[s.step] != Password, strings.TrimSpace(e.Of) != s.identifier:
		return s, show(j, s, Interrupted, 0)
	case e.Empty:
		return s, show(j, s, PasswordMissing, 0)
	}
	return s.in(reserving), []Effect{ReserveAttempts{s.identifier}}
}

// conclude answers a check.
func conclude(j *Journey, s State, e PasswordChecked) (State, []Effect) {
	switch e.Verdict {
	case Match:
		start := StartSession{Methods: []string{"pwd"}, Assurance: "pwd", Lifetime: j.session}
		return s.in(signedIn), []Effect{UpgradeCredential{}, start, Record{Succeeded}}
	case NoMatch:
		s = s.in(asking)
		return s, append([]Effect{Record{Refused}}, show(j, s, NotRecognised, 0)...)
	}
	s = s.in(asking)
	return s, append([]Effect{Record{Unchecked}}, show(j, s, CheckUnavailable, e.RetryAfter)...)
}

// show gives the page of a state.
func show(j *Journey, s State, problem Problem, retryAfter time.Duration) []Effect {
	if s.Ended() {
		return []Effect{ShowPage{Page: OverPage, Problem: problem}}
	}
	page := map[Ask]Page{Identifier: IdentifierPage, Password: PasswordPage}[j.asks[s.step]]
	return []Effect{ShowPage{page, s.step + 1, len(j.asks), s.identifier, problem, retryAfter}}
}
