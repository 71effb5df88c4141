package journey

// second steps through the second factor. Its states are reached behind a
// password that matched only, so each of its ends may sign the customer in.
func second(j *Journey, s State, e Event) (State, []Effect) {
	switch e := e.(type) {
	case FactorsFound:
		if s.phase == consulting {
			return j.choose(s, e)
		}
	case CodeGiven:
		return giveCode(j, s, e.Empty)
	case RecoveryAsked:
		if s = s.asks(); s.mode == withApp || s.mode == withRecovery {
			s = s.as(withRecovery)
		}
	case RecoveryGiven:
		return giveRecovery(j, s, e.Empty)
	case CodeChecked:
		if s.phase == checking && s.mode != withPasskey {
			return concludeCode(j, s, e)
		}
	case CodesKept:
		if s.mode == keeping {
			return finish(j, s, ByCode)
		}
	}
	s = s.asks()
	return s, show(j, s, "", 0)
}

// choose asks for a code where there is an app, for a passkey where there is one
// that was made to be a second factor or there must be a second factor, and for an
// app where there must be one. Who has a passkey is never asked to set up an app
// instead: whoever knows the password alone could.
func (j *Journey) choose(s State, e FactorsFound) (State, []Effect) {
	s.kept, s.keyed, s.appless = e.Kept, e.Passkey, false
	switch {
	case e.Enrolled:
		s = s.as(withApp)
	case e.demandsPasskey(j):
		s = s.as(withApp)
		s.appless = true
	case j.always || e.Required:
		s = s.as(enrolling)
	default:
		return finish(j, s, ByPassword)
	}
	return s, show(j, s, "", 0)
}

// demandsPasskey tells whether nobody gets in here by a password alone because of
// the passkey that they have.
func (e FactorsFound) demandsPasskey(j *Journey) bool {
	return e.Passkey && (e.Second || e.Required || j.always)
}

func giveCode(j *Journey, s State, empty bool) (State, []Effect) {
	s = s.asks()
	switch {
	case s.mode == keeping, s.mode == withApp && s.appless:
		return s, show(j, s, "", 0)
	case s.mode == withRecovery:
		s = s.as(withApp)
	}
	s = s.in(asking)
	if empty {
		return s, show(j, s, CodeMissing, 0)
	}
	return s.in(reserving), []Effect{ReserveAttempts{s.identifier, j.proof(s)}}
}

func giveRecovery(j *Journey, s State, empty bool) (State, []Effect) {
	if s = s.asks(); s.mode != withApp && s.mode != withRecovery {
		return s, show(j, s, Interrupted, 0)
	}
	s = s.as(withRecovery)
	if empty {
		return s, show(j, s, RecoveryMissing, 0)
	}
	return s.in(reserving), []Effect{ReserveAttempts{s.identifier, ByRecovery}}
}

// concludeCode answers the check of a code.
func concludeCode(j *Journey, s State, e CodeChecked) (State, []Effect) {
	by := j.proof(s)
	switch {
	case e.Overtaken:
		return s.in(consulting), []Effect{LookUpFactors{}}
	case e.Verdict == Match && (by == ByEnrolment || by == ByCode && !s.kept):
		s = s.as(keeping)
		return s, show(j, s, "", 0)
	case e.Verdict == Match:
		return finish(j, s, by)
	}
	s = s.in(asking)
	problem, outcome := CodeRefused, Refused
	switch {
	case e.Verdict == Unavailable:
		problem, outcome = CheckUnavailable, Unchecked
	case by == ByRecovery:
		problem = RecoveryRefused
	}
	return s, append([]Effect{Record{outcome, by}}, show(j, s, problem, 0)...)
}

// proof is what a state asks for.
func (j *Journey) proof(s State) Proof {
	if s.mode == withPasskey {
		return ByPasskey
	}
	if j.asks[s.step] != TOTP {
		return ByPassword
	}
	switch s.mode {
	case withRecovery:
		return ByRecovery
	case enrolling:
		return ByEnrolment
	}
	return ByCode
}

// check asks to check what a state reserved an attempt for.
func (j *Journey) check(s State) Effect {
	switch by := j.proof(s); {
	case by == ByPasskey && s.step == 0:
		return CheckPasskey{}
	case by == ByPasskey:
		return CheckPasskey{Identifier: s.identifier, Second: s.Proven()}
	case by != ByPassword:
		return CheckCode{by}
	}
	return CheckPassword{s.identifier}
}
