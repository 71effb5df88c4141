package journey

import "strings"

// takesPasskey tells whether a second factor that is wanted may be a passkey.
func (s State) takesPasskey() bool {
	return s.have.has(havePasskey) && !s.mode.enrols() && s.mode != keeping
}

// givePasskey takes a passkey on the pages of the first factor, and on those of the
// second if the customer has one that counts there.
func givePasskey(j *Journey, s State, e PasskeyGiven) (State, []Effect) {
	s = s.asks()
	of := strings.TrimSpace(e.Of)
	switch {
	case s.Proven() && (j.at(s).ask != TOTP || of != s.identifier || !s.takesPasskey()):
		return s, show(j, s, Interrupted, 0)
	case s.Proven():
	case j.purpose != SignIn: // it would sign in who wants to register
		return s, show(j, s, Interrupted, 0)
	case of == "": // it says who they are, and they mean it, in whatever old tab
		s = s.back(0)
	case s.step == 0 || of != s.identifier:
		return s, show(j, s, Interrupted, 0)
	}
	s.mode = withPasskey
	who := s.identifier
	if s.step == 0 {
		who = ""
	}
	return s.in(reserving), []Effect{ReserveAttempts{who, ByPasskey}}
}

// concludePasskey answers the check of a passkey. Before the password it has to be
// worth both factors: who only has a key in hand may have found it.
func concludePasskey(j *Journey, s State, e PasskeyChecked) (State, []Effect) {
	second := s.Proven()
	problem, outcome := PasskeyRefused, Refused
	switch {
	case e.Verdict == Match && (e.Verified || second):
		s.proofs |= e.mark()
		if second && s.have.has(mustSet) && !e.Verified { // one that made sure of its owner always counts
			s = s.as(enrolling)
			return s, show(j, s, "", 0)
		}
		return enter(j, s, s.step+1)
	case e.Verdict == Match:
		problem = PasskeyUnverified
	case e.Verdict == Unavailable:
		problem, outcome = CheckUnavailable, Unchecked
	}
	s = s.asks()
	return s, append([]Effect{Record{outcome, ByPasskey}}, show(j, s, problem, 0)...)
}

// mark is what a passkey proves.
func (e PasskeyChecked) mark() proofs {
	mark := provedSoftKey
	if e.Hardware {
		mark = provedHardKey
	}
	if e.Verified {
		mark |= provedOwner
	}
	return mark
}
