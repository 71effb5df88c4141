package journey

// second goes through the second factor. Its states are reached behind a first that
// was proved only, so each of its ends may lead on.
func second(j *Journey, s State, e Event) (State, []Effect) {
	switch e := e.(type) {
	case FactorsFound:
		if s.phase == consulting {
			return j.choose(s, e)
		}
	case CodeGiven:
		return giveCode(j, s, e.Empty)
	case RecoveryAsked:
		if s = s.asks(); s.gives() {
			s = s.as(withRecovery)
		}
	case RecoveryGiven:
		return giveRecovery(j, s, e.Empty)
	case CodeSent:
		if s.phase == sending {
			return codeSent(j, s, e)
		}
	case CodeChecked:
		if s.phase == checking && s.mode != withPasskey {
			return concludeCode(j, s, e)
		}
	case AnotherWay, FactorChosen, SendAgain:
		return chooseWay(j, s.asks(), e)
	case PhoneAsked, PhoneGiven, Later:
		return enrolOtherwise(j, s.asks(), e)
	case CodesKept:
		if s.mode == keeping {
			return enter(j, s, s.step+1)
		}
	case PasswordGiven, TaskGiven, TaskSkipped: // of a page of another step
		s = s.asks()
		return s, show(j, s, Interrupted, 0)
	}
	s = s.asks()
	return s, show(j, s, "", 0)
}

// gives tells whether the customer is asked for a second factor that they have.
func (s State) gives() bool {
	return s.Proven() && !s.mode.enrols() && s.mode != keeping
}

// choose asks for what the customer has, the best first: a code of their app, a
// passkey where there is one that was made to be a second factor or there must be a
// second factor, a code that is sent, one of a card. Where there must be one and is
// none, one is set up. Who has a passkey is never asked to set up an app instead:
// whoever knows the password alone could.
func (j *Journey) choose(s State, e FactorsFound) (State, []Effect) {
	when := j.at(s).when(e.When)
	if when == Never && !e.Required {
		return enter(j, s.to(s.step), s.step+1)
	}
	if why := j.apart(s, e); why != "" {
		return j.anew(s, why)
	}
	e.Required = e.Required || e.Same
	s.have = e.factors()
	always := when == Always
	if e.Lacks && always {
		s.have |= mustSet
	}
	switch {
	case e.Enrolled, e.demandsPasskey(always):
		s = s.as(withApp)
	case e.Text, e.Call:
		s = s.as(withText)
		if !e.Text {
			s.mode = withCall
		}
		return sendCode(s)
	case e.Card:
		s = s.as(withCard)
	case e.Same: // and codes for an emergency are what they have besides
		s = s.as(withRecovery)
	case always || e.Required:
		s = s.as(enrolling)
	default:
		return enter(j, s, s.step+1)
	}
	return s, show(j, s, "", 0)
}

// demandsPasskey tells whether nobody gets in here by a password alone because of
// the passkey that they have.
func (e FactorsFound) demandsPasskey(always bool) bool {
	return e.Passkey && (e.Second || e.Required || always)
}

// factors is what was found, as the state keeps it.
func (e FactorsFound) factors() factors {
	var have factors
	for bit, found := range map[factors]bool{
		haveApp: e.Enrolled, havePasskey: e.Passkey, haveText: e.Text, haveCall: e.Call, haveCard: e.Card,
		haveCodes: e.Kept, mayDefer: e.Deferrable && (e.Lacks || !e.Required), mayPhone: e.Phones,
	} {
		if found {
			have |= bit
		}
	}
	return have
}

// factorPage is where a second factor is asked for, or set up.
func (s State) factorPage() Page {
	switch s.mode {
	case withRecovery:
		return RecoveryPage
	case enrolling:
		return EnrolPage
	case keeping:
		return CodesPage
	case choosing:
		return ChoicePage
	case withText, enrolText:
		return TextPage
	case withCall, enrolCall:
		return CallPage
	case withCard:
		return CardPage
	case enrolPhone:
		return PhonePage
	}
	if !s.have.has(haveApp) {
		return PasskeyPage
	}
	return CodePage
}

// proof is what a code proves in a mode.
func (m mode) proof() Proof {
	switch m {
	case withRecovery:
		return ByRecovery
	case enrolling:
		return ByEnrolment
	case withText, enrolText:
		return ByText
	case withCall, enrolCall:
		return ByCall
	case withCard:
		return ByCard
	}
	return ByCode
}

func giveCode(j *Journey, s State, empty bool) (State, []Effect) {
	s = s.asks()
	if s.mode == withRecovery {
		s = s.as(s.have.usual())
	}
	switch s.factorPage() {
	case CodesPage, PasskeyPage, ChoicePage, PhonePage: // they take no code
		return s, show(j, s, "", 0)
	}
	if empty {
		return s, show(j, s, CodeMissing, 0)
	}
	return s.in(reserving), []Effect{ReserveAttempts{s.identifier, j.proof(s)}}
}

func giveRecovery(j *Journey, s State, empty bool) (State, []Effect) {
	if s = s.asks(); !s.gives() {
		return s, show(j, s, Interrupted, 0)
	}
	s = s.as(withRecovery)
	if empty {
		return s, show(j, s, RecoveryMissing, 0)
	}
	return s.in(reserving), []Effect{ReserveAttempts{s.identifier, ByRecovery}}
}

// concludeCode answers the check of a code. Who has no codes for an emergency is
// given some, once they proved what they have. What they have may not be enough: then
// they set up what is, behind the proof of what they have.
func concludeCode(j *Journey, s State, e CodeChecked) (State, []Effect) {
	by := j.proof(s)
	switch {
	case e.Overtaken:
		return s.in(consulting), []Effect{LookUpFactors{}}
	case e.Verdict == Match:
		enrolled := s.mode.enrols()
		s.proofs |= by.mark()
		if !enrolled && s.have.has(mustSet) {
			s = s.as(enrolling)
			return s, show(j, s, "", 0)
		}
		if enrolled || by != ByRecovery && !s.have.has(haveCodes) {
			s = s.as(keeping)
			return s, show(j, s, "", 0)
		}
		return enter(j, s, s.step+1)
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

// sendCode has a code sent to the phone of a mode.
func sendCode(s State) (State, []Effect) {
	return s.in(sending), []Effect{SendCode{s.mode.proof(), s.mode.enrols()}}
}

// codeSent shows the page for a code that was sent. A new phone to which none can be
// sent is asked for again.
func codeSent(j *Journey, s State, e CodeSent) (State, []Effect) {
	s = s.in(asking)
	switch {
	case e.RetryAfter > 0:
		return s, show(j, s, TooManyAttempts, e.RetryAfter)
	case e.Refused && s.mode.enrols():
		s = s.as(enrolPhone)
		return s, show(j, s, PhoneRefused, 0)
	case e.Refused:
		return s, show(j, s, CheckUnavailable, 0)
	}
	return s, show(j, s, "", 0)
}

// chooseWay lets who has several second factors give another.
func chooseWay(j *Journey, s State, e Event) (State, []Effect) {
	switch e := e.(type) {
	case AnotherWay:
		if s.gives() && s.have.several() {
			s = s.as(choosing)
		}
	case FactorChosen:
		chosen, known := map[Proof]struct {
			has factors
			as  mode
		}{
			ByCode: {haveApp, withApp}, ByPasskey: {havePasskey, withApp}, ByText: {haveText, withText}, ByCall: {haveCall, withCall}, ByCard: {haveCard, withCard},
		}[e.By]
		if !known || !s.gives() || !s.have.has(chosen.has) {
			return s, show(j, s, Interrupted, 0)
		}
		if s = s.as(chosen.as); chosen.as == withText || chosen.as == withCall {
			return sendCode(s)
		}
	case SendAgain:
		if page := s.factorPage(); page == TextPage || page == CallPage {
			return sendCode(s)
		}
	}
	return s, show(j, s, "", 0)
}

// enrolOtherwise sets a phone up instead of an app, or does neither now.
func enrolOtherwise(j *Journey, s State, e Event) (State, []Effect) {
	if !s.mode.enrols() {
		return s, show(j, s, Interrupted, 0)
	}
	switch e := e.(type) {
	case PhoneAsked:
		s = s.as(enrolling)
		if e.Phone && s.have.has(mayPhone) {
			s = s.as(enrolPhone)
		}
	case PhoneGiven:
		if !s.have.has(mayPhone) {
			return s, show(j, s, Interrupted, 0)
		}
		if s = s.as(enrolPhone); e.Empty {
			return s, show(j, s, PhoneRefused, 0)
		}
		if s = s.as(enrolText); e.Call {
			s = s.as(enrolCall)
		}
		return sendCode(s)
	case Later:
		if s.Deferrable() {
			at := j.at(s)
			s, effects := enter(j, s, s.step+1)
			return s, append([]Effect{Skip{at.name, at.ask}}, effects...)
		}
	}
	return s, show(j, s, "", 0)
}
