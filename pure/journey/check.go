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
// that each event is answered exactly once, that no secret is checked without
// a reservation, that nobody gets behind a factor or is signed in without its
// match, that a passkey is held to who was named before it, and that a session's assurance is what was proved. Errors wrap
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
			if err := checkAnswer(j, s, e, to, effects); err != nil {
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
		AttemptUnavailable{time.Second},
		PasswordChecked{Verdict: Match},
		PasswordChecked{Verdict: NoMatch},
		PasswordChecked{Verdict: Unavailable},
		FactorsFound{},
		FactorsFound{Enrolled: true},
		FactorsFound{Enrolled: true, Kept: true},
		FactorsFound{Required: true},
		FactorsFound{Passkey: true},
		FactorsFound{Passkey: true, Second: true},
		FactorsFound{Passkey: true, Required: true},
		FactorsFound{Passkey: true, Enrolled: true, Kept: true},
		PasskeyGiven{},
		PasskeyGiven{Of: "dana"},
		PasskeyGiven{Of: "otis"},
		PasskeyChecked{Verdict: Match},
		PasskeyChecked{Verdict: Match, Verified: true},
		PasskeyChecked{Verdict: Match, Verified: true, Hardware: true},
		PasskeyChecked{Verdict: NoMatch, Verified: true},
		PasskeyChecked{Verdict: Unavailable, Verified: true},
		CodeGiven{},
		CodeGiven{Empty: true},
		RecoveryAsked{},
		RecoveryGiven{},
		RecoveryGiven{Empty: true},
		CodeChecked{Verdict: Match},
		CodeChecked{Verdict: NoMatch},
		CodeChecked{Verdict: Unavailable},
		CodeChecked{Overtaken: true},
		CodesKept{},
		Back{},
		Expired{},
		Returned{},
	}
}

// checkAnswer holds one step to the invariants.
func checkAnswer(j *Journey, from State, e Event, to State, effects []Effect) error {
	answers := 0
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: %T in %+v: "+format, append([]any{ErrJourney, e, from}, args...)...)
	}
	for _, effect := range effects {
		switch effect := effect.(type) {
		case ShowPage, ReserveAttempts, LookUpFactors:
			answers++
		case CheckPassword, CheckCode, CheckPasskey:
			answers++
			if _, allowed := e.(AttemptAllowed); !allowed || from.phase != reserving {
				return wrong("checks a secret without a reservation")
			}
			if asked, is := effect.(CheckPasskey); is && !j.asksWhose(from, asked) {
				return wrong("takes a passkey of anybody for somebody")
			}
		case StartSession:
			answers++
			if effect.Assurance != j.earned(from, e) {
				return wrong("starts a session at %q, which was not proved", effect.Assurance)
			}
		}
	}
	if answers != 1 {
		return wrong("is answered %d times", answers)
	}
	switch {
	case from.Ended() && to != from:
		return wrong("goes on after the end")
	case to.Proven() && !from.Proven() && !passwordMatched(from, e):
		return wrong("gets behind the first factor without a match")
	case to.Proven() && to.mode == keeping && !(from.Proven() && from.mode == keeping) && !codeMatched(from, e):
		return wrong("gets behind the second factor without a match")
	}
	return nil
}

func passwordMatched(from State, e Event) bool {
	checked, is := e.(PasswordChecked)
	return is && checked.Verdict == Match && from.phase == checking && from.step == firstFactors-1 && from.mode != withPasskey
}

// passkeyMatched tells whether an event is the match of a passkey that is worth two
// factors: by itself, or beside the password.
func passkeyMatched(from State, e Event) bool {
	checked, is := e.(PasskeyChecked)
	return is && checked.Verdict == Match && from.phase == checking && from.mode == withPasskey &&
		(checked.Verified || from.Proven() && from.keyed)
}

// asksWhose tells whether a passkey is held to what the customer said before.
func (j *Journey) asksWhose(from State, asked CheckPasskey) bool {
	return asked.Second == from.Proven() && (from.step == 0 || asked.Identifier == from.identifier)
}

func codeMatched(from State, e Event) bool {
	checked, is := e.(CodeChecked)
	return is && checked.Verdict == Match && !checked.Overtaken && from.phase == checking && from.Proven() && from.mode != withPasskey
}

// earned is the assurance of a session that starts with an event; empty where
// none may start.
func (j *Journey) earned(from State, e Event) string {
	found, isFound := e.(FactorsFound)
	_, isKept := e.(CodesKept)
	switch {
	case passwordMatched(from, e) && from.step == j.last():
		return "pwd"
	case isFound && from.Proven() && from.phase == consulting && !found.Enrolled && !found.Required && !j.always && !found.demandsPasskey(j):
		return "pwd"
	case passkeyMatched(from, e):
		return "mfa"
	case codeMatched(from, e) && (from.mode == withRecovery || from.mode == withApp && from.kept):
		return "mfa"
	case isKept && from.Proven() && from.mode == keeping:
		return "mfa"
	}
	return ""
}

// checkReached looks for the states that a journey must have.
func checkReached(j *Journey, next map[State][]State) error {
	type position struct {
		step  int
		phase phase
		mode  mode
	}
	reached := map[position]bool{}
	for s := range next {
		reached[position{s.step, s.phase, s.mode}] = true
	}
	wanted := []position{{0, over, 0}, {j.last(), signedIn, 0}}
	for i, ask := range j.asks {
		wanted = append(wanted, position{i, asking, 0}, position{i, reserving, withPasskey}, position{i, checking, withPasskey})
		if ask != Identifier {
			wanted = append(wanted, position{i, reserving, 0}, position{i, checking, 0})
		}
		if ask == TOTP {
			wanted = append(wanted, position{i, consulting, 0}, position{i, asking, keeping}, position{i, signedIn, keeping})
			for _, m := range []mode{withRecovery, enrolling} {
				wanted = append(wanted, position{i, asking, m}, position{i, reserving, m}, position{i, checking, m})
			}
		}
	}
	for _, p := range wanted {
		if !reached[p] {
			return fmt.Errorf("%w: phase %d of step %d, mode %d, is never reached", ErrJourney, p.phase, p.step+1, p.mode)
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
