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
		switch {
		case s == State{}, startsAfresh(e):
		case s.Proven() && j.settles(s):
			fresh.proofs = s.proofs
			return enter(j, fresh, 0)
		default:
			return fresh, show(j, fresh, Interrupted, 0)
		}
		s = fresh
	}
	switch {
	case !s.undecided(j, e):
	case j.at(s).ask == TOTP: // what they gave may not have been enough
		return s.to(s.step).in(consulting), []Effect{LookUpFactors{}}
	default:
		return enter(j, s, s.step)
	}
	switch e := e.(type) {
	case Begin:
		return begin(j, s, e)
	case IdentifierGiven:
		return identify(j, s, e)
	case AttemptAllowed, AttemptLimited, AttemptUnavailable:
		if s.phase == reserving {
			return reserved(j, s, e)
		}
	case PasskeyGiven:
		return givePasskey(j, s, e)
	case PasskeyChecked:
		if s.phase == checking && s.mode == withPasskey {
			return concludePasskey(j, s, e)
		}
	case Back:
		s = s.back(0)
	case Expired:
		s = s.in(over)
		return s, show(j, s, TimeRanOut, 0)
	default:
		return inStep(j, s, e)
	}
	s = s.asks()
	return s, show(j, s, "", 0)
}

// undecided tells whether it was not yet looked up what the customer is to be asked, and
// the event does not tell either: they came back after a look that failed.
func (s State) undecided(j *Journey, e Event) bool {
	at := j.at(s)
	_, factors := e.(FactorsFound)
	_, task := e.(Found)
	_, expired := e.(Expired)
	_, back := e.(Back)
	_, named := e.(IdentifierGiven)
	if expired || back || named || factors && at.ask == TOTP || task && at.ask.task() {
		return false
	}
	unseen := at.ask == TOTP && s.mode == withApp && !s.have.has(haveApp|havePasskey)
	return s.phase == consulting || unseen
}

// inStep is what happens within a step.
func inStep(j *Journey, s State, e Event) (State, []Effect) {
	switch ask := j.ask(s); {
	case ask == Password:
		return atPassword(j, s, e)
	case ask == TOTP:
		return second(j, s, e)
	case ask.task():
		return task(j, s, e)
	}
	if _, given := e.(PasswordGiven); given {
		s = s.asks()
		return s, show(j, s, Interrupted, 0)
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

// settles tells whether what was proved under another journey says in this one, too,
// who somebody is.
func (j *Journey) settles(s State) bool {
	return j.settled(1, s)
}

// settled tells whether nothing is left to be asked at the i-th step, by what was
// proved. An address that is verified by the way is the customer's affair, not that
// of who proves who they are.
func (j *Journey) settled(i int, s State) bool {
	switch at := j.steps[i]; at.ask {
	case Identifier:
		return s.proofs.first() // a passkey may have said it
	case Password:
		return s.proofs.has(provedPassword|provedOwner) || at.codes && s.proofs.has(provedChannel)
	case Verify:
		return i < firstFactors && (s.proofs.has(provedChannel) || j.purpose == SignIn && s.proofs.has(provedOwner))
	case TOTP:
		return s.proofs.has(provedOwner | provedSecond)
	}
	return false
}

// enter leads to the first step from i on at which something is left to be asked;
// behind the last the customer is signed in.
func enter(j *Journey, s State, i int) (State, []Effect) {
	for i < len(j.steps) && j.settled(i, s) {
		i++
	}
	if i == len(j.steps) {
		return finish(j, s)
	}
	s = s.to(i)
	switch at := j.steps[i]; {
	case at.ask == TOTP:
		return s.in(consulting), []Effect{LookUpFactors{}}
	case at.ask == Verify && !s.Proven(): // whether there is anybody is not looked up
		return send(j, s)
	case at.ask.task():
		return s.in(consulting), []Effect{Consult{at.name, at.ask, at.leftover}}
	}
	return s, show(j, s, "", 0)
}

// finish signs the customer in, by what was proved.
func finish(j *Journey, s State) (State, []Effect) {
	start := StartSession{Methods: s.proofs.methods(), Assurance: s.proofs.assurance(), Lifetime: j.session}
	s.step = j.last()
	return s.in(signedIn), []Effect{start}
}

// begin shows where the customer is. At a task it looks again what is left to do: it
// may have been done elsewhere.
func begin(j *Journey, s State, e Begin) (State, []Effect) {
	if s.step == 0 && s.identifier == "" && len(e.Hint) <= MaxIdentifier {
		s = s.named(e.Hint)
	}
	s = s.asks()
	if at := j.at(s); s.Proven() && at.ask.task() && at.ask != Verify {
		return enter(j, s, s.step)
	}
	return s, show(j, s, "", 0)
}

// identify is taken at any step: a customer who says who they are, in a tab
// they had forgotten, means it.
func identify(j *Journey, s State, e IdentifierGiven) (State, []Effect) {
	typed := strings.ToValidUTF8(e.Typed, "\ufffd")
	next := s.back(0).named(typed)
	switch {
	case next.identifier == "":
		return next, show(j, next, IdentifierMissing, 0)
	case len(next.identifier) > MaxIdentifier:
		return s.back(0).named(""), show(j, s.back(0).named(""), IdentifierTooLong, 0)
	}
	return enter(j, next, 1)
}

// reserved answers whether there was an attempt left.
func reserved(j *Journey, s State, e Event) (State, []Effect) {
	by := j.proof(s)
	switch e := e.(type) {
	case AttemptLimited:
		s = s.asks()
		return s, append([]Effect{Record{Limited, by}}, show(j, s, TooManyAttempts, e.RetryAfter)...)
	case AttemptUnavailable:
		s = s.asks()
		return s, append([]Effect{Record{Unchecked, by}}, show(j, s, CheckUnavailable, e.RetryAfter)...)
	}
	return s.in(checking), []Effect{j.check(s)}
}

// atPassword goes through the step that asks for the password, where a code may be
// asked for instead.
func atPassword(j *Journey, s State, e Event) (State, []Effect) {
	switch e := e.(type) {
	case PasswordGiven:
		return givePassword(j, s, e)
	case PasswordChecked:
		if s.phase == checking && s.mode != withPasskey {
			return concludePassword(j, s, e)
		}
	case CodeAsked:
		if s = s.asks(); j.at(s).codes && strings.TrimSpace(e.Of) == s.identifier {
			return send(j, s.as(withAddress))
		}
		return s, show(j, s, Interrupted, 0)
	}
	s = s.asks()
	return s, show(j, s, "", 0)
}

func givePassword(j *Journey, s State, e PasswordGiven) (State, []Effect) {
	s = s.asks()
	switch {
	case strings.TrimSpace(e.Of) != s.identifier:
		return s, show(j, s, Interrupted, 0)
	case e.Empty:
		return s, show(j, s, PasswordMissing, 0)
	}
	return s.in(reserving), []Effect{ReserveAttempts{s.identifier, ByPassword}}
}

// concludePassword answers a check.
func concludePassword(j *Journey, s State, e PasswordChecked) (State, []Effect) {
	switch e.Verdict {
	case Match:
		s.proofs |= provedPassword
		s, effects := enter(j, s, s.step+1)
		return s, append([]Effect{UpgradeCredential{}}, effects...)
	case NoMatch:
		s = s.in(asking)
		return s, append([]Effect{Record{Refused, ByPassword}}, show(j, s, NotRecognised, 0)...)
	}
	s = s.in(asking)
	return s, append([]Effect{Record{Unchecked, ByPassword}}, show(j, s, CheckUnavailable, e.RetryAfter)...)
}

// proof is what a state asks for; empty for a task at which nothing is guessed.
func (j *Journey) proof(s State) Proof {
	ask := j.ask(s)
	switch {
	case s.mode == withPasskey:
		return ByPasskey
	case ask == TOTP:
		return s.mode.proof()
	case ask == Password:
		return ByPassword
	}
	return ask.proof()
}

// check asks to check what a state reserved an attempt for.
func (j *Journey) check(s State) Effect {
	switch by, ask := j.proof(s), j.ask(s); {
	case by == ByPasskey && s.step == 0:
		return CheckPasskey{}
	case by == ByPasskey:
		return CheckPasskey{Identifier: s.identifier, Second: s.Proven()}
	case ask.task():
		return Perform{j.at(s).name, ask}
	case by != ByPassword:
		return CheckCode{by, s.mode == enrolText || s.mode == enrolCall}
	}
	return CheckPassword{s.identifier}
}

// show gives the page of a state.
func show(j *Journey, s State, problem Problem, retryAfter time.Duration) []Effect {
	return []Effect{j.page(s, problem, retryAfter)}
}
