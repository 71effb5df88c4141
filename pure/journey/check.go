package journey

import (
	"errors"
	"fmt"
	"slices"
)

// ErrJourney is wrapped by what [Check] finds wrong.
var ErrJourney = errors.New("journey is not sound")

// walked is a state with what an observer saw on the way to it. The observer looks at
// events alone and believes nothing that the state says of what was proved.
type walked struct {
	State
	seen     proofs
	done     uint16 // tasks, by step, that were not needed, or were done or passed over
	looked   bool   // at their second factors
	second   bool   // one was proved, behind the first
	gives    bool   // one that they have, and have not given yet
	sets     bool   // one up that counts, and has not yet
	excused  bool   // from setting one up, this time
	mayLater bool
}

// Check walks every state that any sequence of events can lead to, and proves
// that each step's states are among them, that each can still end signed in,
// that each event is answered exactly once, that nothing that can be guessed is
// checked without a reservation, that nobody gets behind a proof without its match,
// or does a task before they proved who they are, that a passkey is held to who was
// named before it, that nobody is signed in before every step was gone through or may
// be passed over, and that a session says what was proved and no more. Errors wrap
// [ErrJourney] and name the state and the event.
func Check(j *Journey) error {
	if !j.leads() {
		return fmt.Errorf("%w: %w", ErrJourney, ErrSteps)
	}
	events := alphabet(j)
	g := graph{number: map[walked]int{{}: 0}, states: []walked{{}}}
	for from := 0; from < len(g.states); from++ {
		w := g.states[from]
		g.next = append(g.next, nil)
		for _, e := range events {
			to, effects := Step(j, w.State, e)
			after := j.observe(w, e, to, effects)
			if err := j.checkAnswer(w, e, after, effects); err != nil {
				return err
			}
			if after != w { // most events change nothing
				g.lead(from, after)
			}
		}
	}
	if err := j.checkReached(g.states); err != nil {
		return err
	}
	return g.checkEnds()
}

// graph is the states of a journey, by number, and where events lead from each.
type graph struct {
	number map[walked]int
	states []walked
	next   [][]int
}

func (g *graph) lead(from int, after walked) {
	to, known := g.number[after]
	if !known {
		to = len(g.states)
		g.number[after], g.states = to, append(g.states, after)
	}
	if !slices.Contains(g.next[from], to) {
		g.next[from] = append(g.next[from], to)
	}
}

// observe notes what an event proved, and what it put behind the customer.
func (j *Journey) observe(w walked, e Event, to State, effects []Effect) walked {
	from := w.State
	w.State = to
	if to.Ended() && from.Ended() {
		return w
	}
	switch e := e.(type) {
	case IdentifierGiven, Back:
		return walked{State: to}
	case PasskeyGiven:
		if from.seenNobody() && to.phase == reserving && to.step == 0 {
			return walked{State: to}
		}
	case PasskeyChecked:
		if e.Verdict == Match && from.phase == checking && from.mode == withPasskey && (e.Verified || w.seen.first()) {
			w.second = w.second || w.seen.first() || e.Verified
			w.seen |= e.mark()
			w.gives, w.sets = false, w.sets && !e.Verified
		}
	case PasswordChecked:
		if e.Verdict == Match && from.phase == checking && from.mode != withPasskey && j.ask(from) == Password {
			w.seen |= provedPassword
		}
	case CodeChecked:
		if e.Verdict == Match && !e.Overtaken && from.phase == checking && from.mode != withPasskey && j.ask(from) == TOTP {
			w.seen, w.second = w.seen|from.mode.proof().mark(), true
			w.gives, w.sets = w.gives && from.mode.enrols(), w.sets && !from.mode.enrols()
		}
	case FactorsFound:
		if from.phase == consulting && j.ask(from) == TOTP {
			if to.proofs == 0 { // what they proved is none beside what they have
				return walked{State: to}
			}
			when := j.at(from).when(e.When)
			must, asked := when == Always, when != Never || e.Required
			had := e.Enrolled || e.Text || e.Call || e.Card || e.Same || e.demandsPasskey(must)
			w.looked, w.gives, w.sets = true, asked && had, asked && (had && e.Lacks && must || !had && (must || e.Required))
			w.mayLater = e.Deferrable && (e.Lacks || !e.Required)
		}
	case Later:
		w.excused = w.excused || w.mayLater && w.sets && !w.gives && from.mode.enrols()
	case Found:
		if from.phase == consulting && !e.Needed && j.ask(from).task() {
			w.done |= 1 << from.step
		}
	case Performed:
		if from.phase == checking && from.mode != withPasskey && e.Verdict == Match && j.ask(from).task() && (!e.Idle || from.Proven() && j.ask(from) == Verify) {
			w.done |= 1 << from.step
			w.seen |= j.proves(j.ask(from), e)
		}
	case TaskSkipped:
		if e.Step == j.at(from).name && j.at(from).may && slices.Contains(effects, Effect(Skip{e.Step, j.ask(from)})) {
			w.done |= 1 << from.step
		}
	}
	return w
}

func (s State) seenNobody() bool { return !s.Proven() }

// checkAnswer holds one step to the invariants.
func (j *Journey) checkAnswer(w walked, e Event, after walked, effects []Effect) error {
	from, to := w.State, after.State
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: %T%+v in %+v: "+format, append([]any{ErrJourney, e, e, w}, args...)...)
	}
	answers := 0
	_, allowed := e.(AttemptAllowed)
	allowed = allowed && from.phase == reserving
	for _, effect := range effects {
		switch effect := effect.(type) {
		case ShowPage, ReserveAttempts, LookUpFactors, SendCode, Send:
			answers++
		case Consult:
			answers++
			if !after.seen.first() {
				return wrong("looks something up about nobody")
			}
		case CheckPassword, CheckCode, CheckPasskey:
			answers++
			if !allowed {
				return wrong("checks a secret without a reservation")
			}
			if asked, is := effect.(CheckPasskey); is && !j.asksWhose(from, asked) {
				return wrong("takes a passkey of anybody for somebody")
			}
		case Perform:
			answers++
			switch {
			case effect.Ask.proof() != "" && !allowed:
				return wrong("checks what can be guessed without a reservation")
			case effect.Ask != Verify && !w.seen.first():
				return wrong("does a task of nobody")
			}
		case StartSession:
			answers++
			if why := j.unearned(after, effect); why != "" {
				return wrong("starts a session %s", why)
			}
		}
	}
	switch {
	case answers != 1:
		return wrong("is answered %d times", answers)
	case from.Ended() && to != from:
		return wrong("goes on after the end")
	case !to.Ended() && to.proofs != after.seen:
		return wrong("takes %b for proved, when %b was", to.proofs, after.seen)
	case to.mode == keeping && from.mode != keeping && !after.seen.has(provedSecond|provedText|provedCall):
		return wrong("gets behind the second factor without a match")
	case !from.Ended() && !to.Ended() && to.step > firstFactors-1 && !after.seen.first():
		return wrong("gets behind the first factor without a match")
	}
	return nil
}

// unearned says why a session may not start; empty if it may.
func (j *Journey) unearned(w walked, start StartSession) string {
	switch {
	case start.Assurance != w.seen.assurance() || !slices.Equal(start.Methods, w.seen.methods()):
		return fmt.Sprintf("at %q by %q, which was not proved", start.Assurance, start.Methods)
	case !j.settled(1, State{proofs: w.seen}):
		return "without who it is"
	case j.TwoFactors() && !w.looked && !w.seen.has(provedOwner):
		return "without a look at the second factors"
	case w.gives:
		return "without the second factor"
	case w.sets && !w.excused:
		return "without a second factor that was to be set up"
	case j.AlwaysTwoFactors() && !w.excused && !w.second:
		return "by one factor, where nobody gets in by one"
	}
	for i, s := range j.steps[firstFactors:] {
		if s.ask.task() && w.done&(1<<(i+firstFactors)) == 0 {
			return "before step " + s.name + " was gone through"
		}
	}
	return ""
}

// asksWhose tells whether a passkey is held to what the customer said before.
func (j *Journey) asksWhose(from State, asked CheckPasskey) bool {
	return asked.Second == from.Proven() && (from.step == 0 || asked.Identifier == from.identifier)
}

// position is a state without what does not say where somebody stands.
type position struct {
	step  int
	phase phase
	mode  mode
}

// checkReached looks for the states that a journey must have.
func (j *Journey) checkReached(states []walked) error {
	reached := map[position]bool{}
	for _, w := range states {
		reached[position{w.step, w.phase, w.mode}] = true
	}
	for _, p := range j.wanted() {
		if !reached[p] {
			return fmt.Errorf("%w: phase %d of step %d (%s), mode %d, is never reached", ErrJourney, p.phase, p.step+1, j.steps[p.step].name, p.mode)
		}
	}
	if !slices.ContainsFunc(states, func(w walked) bool { return w.phase == signedIn }) {
		return fmt.Errorf("%w: nobody is ever signed in", ErrJourney)
	}
	return nil
}

// wanted lists them.
func (j *Journey) wanted() []position {
	all := []position{{0, over, 0}}
	for i, s := range j.steps {
		all = append(all, position{i, asking, 0})
		switch {
		case s.ask == Password:
			all = append(all, position{i, reserving, 0}, position{i, checking, 0})
			if s.codes {
				all = append(all, position{i, sending, withAddress}, position{i, asking, withAddress}, position{i, reserving, withAddress}, position{i, checking, withAddress})
			}
		case s.ask == TOTP:
			for m := range lastMode + 1 {
				if m.enrols() && j.purpose == Recovery || m == withAddress {
					continue
				}
				all = append(all, position{i, asking, m})
				if m != keeping && m != choosing && m != enrolPhone {
					all = append(all, position{i, reserving, m}, position{i, checking, m})
				}
			}
			all = append(all, position{i, consulting, 0}, position{i, sending, withText})
		case s.ask.task():
			all = append(all, position{i, checking, 0})
			if s.ask.proof() != "" {
				all = append(all, position{i, reserving, 0})
			}
			if i >= firstFactors {
				all = append(all, position{i, consulting, 0})
			}
			if s.ask == Verify {
				all = append(all, position{i, sending, 0})
			}
		}
		if i < firstFactors && j.purpose == SignIn && s.ask != Verify {
			all = append(all, position{i, reserving, withPasskey}, position{i, checking, withPasskey})
		}
	}
	return slices.DeleteFunc(all, func(p position) bool { return p.mode == withPasskey && p.phase == asking })
}

// checkEnds proves that whoever has not ended can still be signed in.
func (g *graph) checkEnds() error {
	before, can := make([][]int, len(g.states)), make([]bool, len(g.states))
	var queue []int
	for from, following := range g.next {
		for _, to := range following {
			before[to] = append(before[to], from)
		}
		if g.states[from].SignedIn() {
			can[from], queue = true, append(queue, from)
		}
	}
	for len(queue) > 0 {
		to := queue[0]
		queue = queue[1:]
		for _, from := range before[to] {
			if !can[from] {
				can[from], queue = true, append(queue, from)
			}
		}
	}
	for n, w := range g.states {
		if !w.Ended() && !can[n] {
			return fmt.Errorf("%w: %+v cannot end", ErrJourney, w)
		}
	}
	return nil
}
