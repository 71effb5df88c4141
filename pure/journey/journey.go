package journey

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/pure/config"
)

// ErrSteps reports steps that do not lead to where the journey is to end.
var ErrSteps = errors.New("the steps do not lead to a signed-in customer")

// Digest tells journeys apart: equal digests, equal behaviour.
type Digest [8]byte

// Purpose is what a journey is for.
type Purpose string

// The purposes.
const (
	SignIn       Purpose = "sign-in"
	Registration Purpose = "registration"
	Recovery     Purpose = "recovery"
)

// Journey is ready to be stepped through. It never changes, so it may be shared.
type Journey struct {
	name    string
	purpose Purpose
	steps   []step
	session time.Duration
	digest  Digest
}

// step is one of them.
type step struct {
	name     string
	ask      Ask
	always   bool // of a second factor: whoever has none sets one up
	codes    bool // of a password: a code that is sent does instead
	may      bool // it can be passed over
	leftover bool // of a registration that was not finished
	rules    ruled
}

// defaultSession is how long a sign-in lasts where nothing else is said.
const defaultSession = 12 * time.Hour

// Default is the journey of an environment that configures none: identifier,
// then password, for twelve hours.
func Default() *Journey {
	j, _ := Compile(standard()) // a test proves that it compiles
	return j
}

func standard() *config.Journey {
	return &config.Journey{
		Meta: config.Meta{Name: string(SignIn)}, Purpose: string(SignIn),
		Steps: []config.StepSpec{{Name: "identifier", Ask: string(Identifier)}, {Name: "password", Ask: string(Password)}},
	}
}

// Compile makes a configured journey ready; [ErrSteps].
func Compile(c *config.Journey) (*Journey, error) { return CompileWith(c, nil) }

// CompileWith makes a journey that signs people in ready, and has whoever did not
// finish their registration finish it: the tasks of that journey that this one
// lacks come last. Nil is no registration. [ErrSteps].
func CompileWith(c, registration *config.Journey) (*Journey, error) {
	j := Journey{name: c.Name, purpose: Purpose(c.Purpose), steps: stepsOf(c), session: time.Duration(c.Session)}
	if j.session <= 0 {
		j.session = defaultSession
	}
	said := slices.Clone(c.Steps)
	if registration != nil && j.purpose == SignIn {
		j.askLeft(registration)
		for i, s := range stepsOf(registration) {
			if s.ask.task() && s.ask != NewPassword && s.ask != Verify && !j.has(s) {
				s.leftover = true
				s.name = registration.Name + "." + s.name // names of a journey's own steps hold no dot
				j.steps, said = append(j.steps, s), append(said, registration.Steps[i])
			}
		}
	}
	return build(j, said)
}

// askLeft lets the second factor of j be asked of those too who put it off when they
// registered, or stopped there ([Left]): it is a step of j's own, so it is no leftover.
func (j *Journey) askLeft(registration *config.Journey) {
	if _, asks := secondOf(registration); !asks {
		return
	}
	for i := range j.steps {
		if j.steps[i].ask == TOTP {
			j.steps[i].rules |= ruledAlways
		}
	}
}

// secondOf is the step of a registration that has everybody set up a second factor.
func secondOf(registration *config.Journey) (step config.StepSpec, asks bool) {
	for _, s := range registration.Steps {
		if s.Ask == string(TOTP) && s.When != string(Enrolled) {
			return s, true
		}
	}
	return config.StepSpec{}, false
}

func stepsOf(c *config.Journey) []step {
	all := make([]step, len(c.Steps))
	for i, s := range c.Steps {
		all[i] = step{name: s.Name, ask: Ask(s.Ask), codes: s.Or == "code", may: s.Skip}
		all[i].rules = ruledOf(s.Rules)
		all[i].always = all[i].ask == TOTP && s.When != "enrolled" && c.Purpose != string(Recovery)
	}
	return all
}

// has tells whether the journey has a step of the name that asks the same.
func (j *Journey) has(s step) bool {
	return slices.ContainsFunc(j.steps, func(own step) bool { return own.name == s.name && own.ask == s.ask })
}

// build refuses what pure/config refuses, so that no other way leads around it. What
// the steps were said to be is part of the digest, though it is others who know what
// it means.
func build(j Journey, said []config.StepSpec) (*Journey, error) {
	if !j.leads() {
		return nil, fmt.Errorf("journey %s: %w", j.name, ErrSteps)
	}
	for i := range said {
		said[i].Name, said[i].When, said[i].Or, said[i].Skip = "", "", "", false // steps have it
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %+v %+v %d", j.name, j.purpose, j.steps, said, j.session))
	copy(j.digest[:], sum[:])
	return &j, nil
}

// firstFactors is how many steps say who somebody is: their name, and one proof.
const firstFactors = 2

// leads tells whether the steps lead to where the purpose says: who somebody is comes
// first, then what else they are asked, each that can be asked once alone.
func (j *Journey) leads() bool {
	if len(j.steps) < firstFactors || len(j.steps) > maxSteps || j.steps[0].ask != Identifier {
		return false
	}
	second := -1
	password := -1
	if slices.ContainsFunc(j.steps, func(s step) bool { return s.rules != 0 && (s.ask != TOTP || j.purpose != SignIn) }) {
		return false
	}
	for i, s := range j.steps[firstFactors:] {
		switch {
		case s.ask == TOTP && second < 0:
			second = i
		case s.ask == NewPassword && password < 0 && j.purpose != SignIn:
			password = i
		case s.ask == Questions && j.purpose == Recovery && password >= 0: // they would hold up nobody
			return false
		case s.ask.task() && s.ask != NewPassword:
		default:
			return false
		}
	}
	switch proof := j.steps[1].ask; j.purpose {
	case SignIn:
		return (proof == Password || proof == Verify) && second <= 0 // nothing is asked between the factors
	case Registration:
		return proof == Verify
	case Recovery: // whoever has a second factor gives it before they change the first
		return proof == Verify && password >= 0 && second == 0
	}
	return false
}

// TwoFactors tells whether the journey can prove a second factor.
func (j *Journey) TwoFactors() bool {
	return slices.ContainsFunc(j.steps, func(s step) bool { return s.ask == TOTP })
}

// Asks tells whether the journey has a step that asks for something.
func (j *Journey) Asks(a Ask) bool {
	return slices.ContainsFunc(j.steps, func(s step) bool { return s.ask == a })
}

// AlwaysTwoFactors tells whether nobody gets in by one factor: the step asks always, and
// so does each of its rules.
func (j *Journey) AlwaysTwoFactors() bool {
	return slices.ContainsFunc(j.steps, func(s step) bool { return s.always && s.rules&^ruledAlways == 0 })
}

// Name is the configured name, for the audit ledger.
func (j *Journey) Name() string { return j.name }

// Purpose is what it is for.
func (j *Journey) Purpose() Purpose { return j.purpose }

// Digest identifies the journey and its exact form.
func (j *Journey) Digest() Digest { return j.digest }

// Session is how long a sign-in by this journey lasts.
func (j *Journey) Session() time.Duration { return j.session }

// last is the index of the last step.
func (j *Journey) last() int { return len(j.steps) - 1 }

// at is the step in which a state stands.
func (j *Journey) at(s State) step { return j.steps[s.step] }

// ask is what a state asks for: where a code does instead of a password, and is
// wanted, that.
func (j *Journey) ask(s State) Ask {
	if at := j.at(s); at.ask != Password || s.mode != withAddress {
		return at.ask
	}
	return Verify
}
