package journey

import "strings"

// phase is where in a step a customer is.
type phase uint8

const (
	asking     phase = iota // the page is shown, the customer is to answer
	reserving               // an attempt is being reserved
	checking                // a secret is being checked
	consulting              // the customer's second factors are being looked up
	signedIn                // the end that everybody wants
	over                    // the other end: time ran out
)

// mode is how far a customer is with the second factor.
type mode uint8

const (
	withApp      mode = iota // they give a code of their app
	withRecovery             // or a recovery code; within a request only
	enrolling                // they are shown a new key
	keeping                  // they have proved it, and are shown recovery codes
	withPasskey              // they give a passkey, in any step; within a request only
)

// State is where a customer stands in a journey. The zero State stands before
// the first step. States are made by [Step] and [Decode] only, and are
// comparable.
type State struct {
	journey    Digest
	step       int
	phase      phase
	mode       mode
	kept       bool   // no recovery codes are to be shown
	keyed      bool   // a passkey is taken as the second factor
	appless    bool   // there is no app, so that it is asked for
	identifier string // as it was typed; not empty behind the step that asks for it
}

// Identifier is what the customer typed as their name, without space around it.
func (s State) Identifier() string { return s.identifier }

// Ended tells whether nothing can happen any more.
func (s State) Ended() bool { return s.phase == signedIn || s.phase == over }

// SignedIn tells whether the customer has proved who they are.
func (s State) SignedIn() bool { return s.phase == signedIn }

// Proven tells whether the customer has proved a first factor and not yet all
// that is asked. Such a state belongs to the browser that proved it and is kept
// in the store, not in a cookie.
func (s State) Proven() bool { return s.step >= firstFactors && !s.Ended() }

// Keyed tells whether the customer may give a passkey as their second factor.
func (s State) Keyed() bool { return s.Proven() && s.keyed }

// at is s moved to the page of another step. What was proved is forgotten.
func (s State) at(step int) State {
	return State{journey: s.journey, step: step, identifier: s.identifier}
}

// in is s in another phase of its step.
func (s State) in(p phase) State {
	s.phase = p
	return s
}

// asks is s showing its page again: what happens within a request is over. A page
// for a recovery code stays one.
func (s State) asks() State {
	if s.mode == withPasskey {
		s.mode = withApp // of a step that has no modes, it is none
	}
	return s.in(asking)
}

// as is s asking in another mode.
func (s State) as(m mode) State {
	s.mode, s.phase = m, asking
	return s
}

// named is s with another identifier.
func (s State) named(typed string) State {
	s.identifier = strings.TrimSpace(typed)
	return s
}
