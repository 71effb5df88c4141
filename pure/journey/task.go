package journey

// send has a code sent to the address that is to be verified.
func send(j *Journey, s State) (State, []Effect) {
	return s.in(sending), []Effect{Send{j.at(s).name, j.ask(s)}}
}

// told is s wanting codes by another way; empty for the same.
func (s State) told(by Proof) State {
	switch by {
	case ByCall:
		s.have |= wantCall
	case ByText:
		s.have &^= wantCall
	}
	return s
}

// task goes through a step that asks for one thing and is done.
//
//	consulting ──needed──▶ asking ──TaskGiven──▶ [reserving ▶] checking ──match──▶ the next step
//	    └────not needed──▶ the next step        asking ──TaskSkipped, where one may──▶ the next step
//
// Of an address that is to be verified, a code is sent before it is asked for.
func task(j *Journey, s State, e Event) (State, []Effect) {
	at, ask := j.at(s), j.ask(s)
	switch e := e.(type) {
	case Found:
		if s.phase == consulting {
			return found(j, s, e)
		}
	case Sent:
		if s.phase == sending {
			return sent(j, s, e)
		}
	case Performed:
		if s.phase == checking && s.mode != withPasskey {
			return performed(j, s, e)
		}
	case TaskGiven:
		return giveTask(j, s.asks(), e)
	case TaskSkipped:
		s = s.asks()
		if e.Step != at.name {
			return s, show(j, s, Interrupted, 0)
		}
		if at.ask.task() && at.may && s.Proven() {
			s, effects := enter(j, s, s.step+1)
			return s, append([]Effect{Skip{at.name, ask}}, effects...)
		}
	case SendAgain:
		if s = s.asks(); ask == Verify && e.Step == at.name {
			return send(j, s.told(e.By))
		}
	case PasswordGiven:
		s = s.asks()
		if at.ask == Password { // they remember it after all
			return givePassword(j, s.as(withApp), e)
		}
		return s, show(j, s, Interrupted, 0)
	}
	s = s.asks()
	return s, show(j, s, "", 0)
}

// found goes on where nothing is left to do.
func found(j *Journey, s State, e Found) (State, []Effect) {
	switch {
	case !e.Needed:
		return enter(j, s, s.step+1)
	case j.ask(s) == Verify:
		return send(j, s)
	}
	s = s.in(asking)
	return s, show(j, s, e.Problem, 0)
}

func sent(j *Journey, s State, e Sent) (State, []Effect) {
	s = s.in(asking)
	problem := e.Problem
	if e.RetryAfter > 0 {
		problem = TooManyAttempts
	}
	return s, show(j, s, problem, e.RetryAfter)
}

func giveTask(j *Journey, s State, e TaskGiven) (State, []Effect) {
	at, ask := j.at(s), j.ask(s)
	switch by := ask.proof(); {
	case e.Step != at.name:
		return s, show(j, s, Interrupted, 0)
	case e.Empty:
		return s, show(j, s, AnswerMissing, 0)
	case by != "":
		return s.in(reserving), []Effect{ReserveAttempts{s.identifier, by}}
	}
	return s.in(checking), []Effect{Perform{at.name, ask}}
}

// performed answers what came of a task.
func performed(j *Journey, s State, e Performed) (State, []Effect) {
	ask := j.ask(s)
	by := ask.proof()
	if e.Idle && !ask.idles(s) {
		e.Verdict = NoMatch
	}
	switch {
	case e.Verdict == Match && e.Known && j.purpose == Registration && !s.Proven():
		s = s.in(over)
		return s, show(j, s, AlreadyKnown, 0)
	case e.Verdict == Match && e.Held && !s.Proven():
		s = s.in(over)
		return s, append([]Effect{Record{Refused, by}}, show(j, s, HeldBack, 0)...)
	case e.Verdict == Match:
		s.proofs |= j.proves(ask, e)
		return enter(j, s, s.step+1)
	}
	problem, outcome := AnswerRefused, Refused
	if e.Verdict == Unavailable {
		problem, outcome = CheckUnavailable, Unchecked
	}
	if e.Problem != "" {
		problem = e.Problem
	}
	s = s.in(asking)
	effects := show(j, s, problem, e.RetryAfter)
	if by != "" {
		effects = append([]Effect{Record{outcome, by}}, effects...)
	}
	return s, effects
}

// idles tells whether nothing may be left to do where a state stands.
func (a Ask) idles(s State) bool { return a == Verify && s.Proven() }

// proves is what a task proves that was done. Who sets questions up has answered none.
func (j *Journey) proves(a Ask, e Performed) proofs {
	switch a {
	case Verify:
		if e.Idle {
			return 0
		}
		if e.By == ByText || e.By == ByCall {
			return e.By.mark()
		}
		return provedAddress
	case NewPassword:
		return provedChoice
	case Questions:
		if j.purpose == Recovery {
			return provedAnswers
		}
	}
	return 0
}
