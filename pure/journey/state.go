package journey

import "strings"

// phase is where in a step a customer is.
type phase uint8

const (
	asking    phase = iota // the page is shown, the customer is to answer
	reserving              // an attempt is being reserved
	checking               // a secret is being checked
	signedIn               // the end that everybody wants
	over                   // the other end: time ran out
)

// State is where a customer stands in a journey. The zero State stands before
// the first step. States are made by [Step] and [Decode] only, and are
// comparable.
type State struct {
	journey    Digest
	step       int
	phase      phase
	identifier string // as it was typed; not empty behind the step that asks for it
}

// Identifier is what the customer typed as their name, without space around it.
func (s State) Identifier() string { return s.identifier }

// Ended tells whether nothing can happen any more.
func (s State) Ended() bool { return s.phase == signedIn || s.phase == over }

// SignedIn tells whether the customer has proved who they are.
func (s State) SignedIn() bool { return s.phase == signedIn }

// at is s moved to the page of another step.
func (s State) at(step int) State {
	s.step, s.phase = step, asking
	return s
}

// in is s in another phase of its step.
func (s State) in(p phase) State {
	s.phase = p
	return s
}

// named is s with another identifier.
func (s State) named(typed string) State {
	s.identifier = strings.TrimSpace(typed)
	return s
}
