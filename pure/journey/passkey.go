package journey

import "strings"

// givePasskey takes a passkey on the pages of the first factor, and on those of the
// second if the customer has one that counts there.
func givePasskey(j *Journey, s State, e PasskeyGiven) (State, []Effect) {
	s = s.asks()
	of := strings.TrimSpace(e.Of)
	switch {
	case s.Proven() && (of != s.identifier || !s.keyed || s.mode != withApp && s.mode != withRecovery):
		return s, show(j, s, Interrupted, 0)
	case s.Proven():
	case of == "": // it says who they are, and they mean it, in whatever old tab
		s = s.at(0)
	case j.asks[s.step] != Password || of != s.identifier:
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
		return finishByPasskey(j, s, e)
	case e.Verdict == Match:
		problem = PasskeyUnverified
	case e.Verdict == Unavailable:
		problem, outcome = CheckUnavailable, Unchecked
	}
	s = s.asks()
	return s, append([]Effect{Record{outcome, ByPasskey}}, show(j, s, problem, 0)...)
}

// finishByPasskey signs the customer in. RFC 8176 has words for where the key is and
// that somebody was there, and none for how the authenticator knew its owner.
func finishByPasskey(j *Journey, s State, e PasskeyChecked) (State, []Effect) {
	where := "swk"
	if e.Hardware {
		where = "hwk"
	}
	start := StartSession{Methods: []string{where, "user", "mfa"}, Assurance: "mfa", Lifetime: j.session}
	if s.Proven() {
		start.Methods = []string{"pwd", where, "user"}
	}
	return s.in(signedIn), []Effect{start, Record{Succeeded, ByPasskey}}
}
