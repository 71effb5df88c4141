package journey

import (
	"errors"
	"fmt"
	"time"
)

// ErrJourney is wrapped by what [Check] finds wrong.
var ErrJourney = errors.New("journey is not sound")

// Check walks every state that any sequence of events can lead to, and proves
// that each step's states are among them, that each can still end signed in,
// that each event is answered exactly once, and that no secret is checked
// without a reservation and no session started without a match. Errors wrap
// [ErrJourney] and name the state and the event.
func Check(j *Journey) error {
	next := map[State][]State{}
	queue := []State{{}}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if _, seen := next[s]; seen {
			continue
		}
		next[s] = []State{}
		for _, e := range alphabet() {
			to, effects := Step(j, s, e)
			if err := checkAnswer(s, e, to, effects); err != nil {
				return err
			}
			next[s] = append(next[s], to)
			queue = append(queue, to)
		}
	}
	if err := checkReached(j, next); err != nil {
		return err
	}
	return checkEnds(next)
}

// alphabet has one event for each way in which events differ to Step.
func alphabet() []Event {
	return []Event{
		Begin{},
		Begin{Hint: "dana"},
		IdentifierGiven{},
		IdentifierGiven{"dana"},
		IdentifierGiven{string(make([]byte, MaxIdentifier+1))},
		PasswordGiven{Of: "dana"},
		PasswordGiven{Of: "dana", Empty: true},
		PasswordGiven{Of: "otis"},
		AttemptAllowed{},
		AttemptLimited{time.Minute},
		PasswordChecked{Verdict: Match},
		PasswordChecked{Verdict: NoMatch},
		PasswordChecked{Verdict: Unavailable},
		Back{},
		Expired{},
		Returned{},
	}
}

// checkAnswer holds one step to the invariants.
func checkAnswer(from State, e Event, to State, effects []Effect) error {
	answers := 0
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: %T in %+v: "+format, append([]any{ErrJourney, e, from}, args...)...)
	}
	for _, effect := range effects {
		switch effect.(type) {
		case ShowPage, ReserveAttempts:
			answers++
		case CheckPassword:
			answers++
			if _, allowed := e.(AttemptAllowed); !allowed || from.phase != reserving {
				return wrong("checks a secret without a reservation")
			}
		case StartSession:
			answers++
			if checked, is := e.(PasswordChecked); !is || checked.Verdict != Match || from.phase != checking {
				return wrong("starts a session without a match")
			}
		}
	}
	if answers != 1 {
		return wrong("is answered %d times", answers)
	}
	if from.Ended() && to != from {
		return wrong("goes on after the end")
	}
	return nil
}

// checkReached looks for the states that a journey must have.
func checkReached(j *Journey, next map[State][]State) error {
	type position struct {
		step  int
		phase phase
	}
	reached := map[position]bool{}
	for s := range next {
		reached[position{s.step, s.phase}] = true
	}
	wanted := []position{{0, over}, {j.last(), signedIn}}
	for i, ask := range j.asks {
		wanted = append(wanted, position{i, asking})
		if ask == Password {
			wanted = append(wanted, position{i, reserving}, position{i, checking})
		}
	}
	for _, p := range wanted {
		if !reached[p] {
			return fmt.Errorf("%w: phase %d of step %d is never reached", ErrJourney, p.phase, p.step+1)
		}
	}
	return nil
}

// checkEnds proves that whoever has not ended can still be signed in.
func checkEnds(next map[State][]State) error {
	can := map[State]bool{}
	for grown := true; grown; {
		grown = false
		for s, following := range next {
			if can[s] {
				continue
			}
			for _, to := range following {
				if to.SignedIn() || can[to] {
					can[s], grown = true, true
					break
				}
			}
		}
	}
	for s := range next {
		if !s.Ended() && !can[s] {
			return fmt.Errorf("%w: %+v cannot end", ErrJourney, s)
		}
	}
	return nil
}
