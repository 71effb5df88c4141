package journey

import "strings"

// phase is where in a step a customer is.
type phase uint8

const (
	asking     phase = iota // the page is shown, the customer is to answer
	reserving               // an attempt is being reserved
	checking                // what they gave is being checked, or done
	consulting              // what they have, or lack, is being looked up
	sending                 // a code is being sent
	signedIn                // the end that everybody wants
	over                    // the other ends: time ran out, or they are known already
)

// mode is by what a customer answers a step that can be answered in several ways.
type mode uint8

const (
	withApp      mode = iota // they give a code of their app; of a step without modes, it is none
	withRecovery             // or a recovery code; within a request only
	enrolling                // they are shown a new key
	keeping                  // they have proved it, and are shown recovery codes
	withPasskey              // they give a passkey, in any step; within a request only
	withAddress              // a code that was sent, instead of the password
	choosing                 // they are shown which second factors they have
	withText                 // they give a code that was sent to their phone
	withCall                 // or told to it
	withCard                 // or one of their card
	enrolPhone               // they are asked for the number of a phone
	enrolText                // and for the code that was sent to it
	enrolCall                // or told to it
	lastMode     = enrolCall
)

// enrols tells whether a second factor is being set up, and not yet proved.
func (m mode) enrols() bool {
	return m == enrolling || m == enrolPhone || m == enrolText || m == enrolCall
}

// factors is what a customer has, as far as it says what they are asked.
type factors uint16

const (
	haveApp factors = 1 << iota
	havePasskey
	haveText
	haveCall
	haveCard
	haveCodes           // that they keep for an emergency
	mayDefer            // they may set a second factor up another time
	mayPhone            // a phone can be set up as one
	mustSet             // what they have does not count, so they set up one that does; no factor
	wantCall            // they want the code that proves their phone told by a call; no factor
	allFactors  factors = 1<<iota - 1
	haveFactors         = haveApp | havePasskey | haveText | haveCall | haveCard
)

func (f factors) has(any factors) bool { return f&any != 0 }

// several tells whether there is something to choose between.
func (f factors) several() bool { own := f & haveFactors; return own&(own-1) != 0 }

// usual is the mode in which what they have is asked for at first; of a step without
// modes, it is none.
func (f factors) usual() mode {
	switch {
	case f.has(haveApp | havePasskey):
		return withApp
	case f.has(haveText):
		return withText
	case f.has(haveCall):
		return withCall
	case f.has(haveCard):
		return withCard
	}
	return withApp
}

// State is where a customer stands in a journey. The zero State stands before
// the first step. States are made by [Step] and [Decode] only, and are
// comparable.
type State struct {
	journey    Digest
	step       int
	phase      phase
	mode       mode
	have       factors
	proofs     proofs
	identifier string // as it was typed; not empty behind the step that asks for it
}

// Identifier is what the customer typed as their name, without space around it.
func (s State) Identifier() string { return s.identifier }

// Ended tells whether nothing can happen any more.
func (s State) Ended() bool { return s.phase == signedIn || s.phase == over }

// SignedIn tells whether the customer has proved who they are, and all is done.
func (s State) SignedIn() bool { return s.phase == signedIn }

// Proven tells whether the customer has proved a first factor and not yet all
// that is asked. Such a state belongs to the browser that proved it and is kept
// in the store, not in a cookie.
func (s State) Proven() bool { return s.proofs.first() && !s.Ended() }

// Seconded tells whether a factor was proved behind the first.
func (s State) Seconded() bool {
	return s.proofs.has(provedSecond|provedOwner) || s.proofs.has(provedText|provedCall) && s.proofs.has(provedPassword|provedAddress)
}

// Anew is s as it goes on under a journey that was changed: what was typed and proved
// counts, and all that was looked up is looked up again.
func (s State) Anew() State {
	s.journey = Digest{}
	return s
}

// Keyed tells whether the customer may give a passkey as their second factor.
func (s State) Keyed() bool { return s.Proven() && s.have.has(havePasskey) }

// Several tells whether there is another second factor that they may give.
func (s State) Several() bool { return s.Proven() && s.have.several() }

// Called tells whether the customer wants the code that proves their phone told by a
// call, where it would be sent as a text.
func (s State) Called() bool { return s.have.has(wantCall) }

// Deferrable tells whether they may set a second factor up another time.
func (s State) Deferrable() bool { return s.Proven() && s.mode.enrols() && s.have.has(mayDefer) }

// back is s at the page of one of the first steps. What was proved is forgotten.
func (s State) back(step int) State {
	return State{journey: s.journey, step: step, identifier: s.identifier}
}

// to is s at another step, with what was proved.
func (s State) to(step int) State {
	return State{journey: s.journey, step: step, identifier: s.identifier, proofs: s.proofs}
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
		s.mode = s.have.usual()
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

// Ways lists the second factors that the customer may give, the usual first.
func (s State) Ways() []Proof {
	var ways []Proof
	for _, way := range []struct {
		has factors
		by  Proof
	}{{haveApp, ByCode}, {havePasskey, ByPasskey}, {haveText, ByText}, {haveCall, ByCall}, {haveCard, ByCard}} {
		if s.Proven() && s.have.has(way.has) {
			ways = append(ways, way.by)
		}
	}
	return ways
}
