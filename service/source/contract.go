package source

import (
	"context"
	"time"

	"sallyport/pure/legacy"
)

// Login is what somebody typed, and nothing else. The password is the caller's,
// who clears it; a verifier keeps no reference to it behind its answer.
type Login struct {
	Identifier string
	Password   []byte
}

// Verdict is what a system says of a password.
type Verdict uint8

// The verdicts. Who says nothing has not said no.
const (
	Unavailable Verdict = iota
	NoMatch
	Match
)

// String gives the verdict as ledgers and operators read it.
func (v Verdict) String() string {
	switch v {
	case Match:
		return "match"
	case NoMatch:
		return "no-match"
	}
	return "unavailable"
}

// Answer is what a system says of a login.
type Answer struct {
	Verdict Verdict
	// Element is who it is, of a match: in the shape of an export of that system.
	// Nil: the system does not tell.
	Element *legacy.Element
	Reason  Reason // of anything but a match; of a match, what is remarkable
	// SecondFactor: the password is right, and the system wanted another factor
	// besides, which is asked for here if the journey asks.
	SecondFactor bool
	// After, with Unavailable, is for how long the system asked to be left alone;
	// zero: it did not say.
	After time.Duration
}

// Verifier checks a password with the system that has it. It is safe for
// concurrent use, keeps to its time limit, and gives no error: what it cannot
// know is Unavailable.
type Verifier interface {
	Verify(ctx context.Context, login Login) Answer
}

// Finder looks a person up by what they typed, without a password. found is
// false if nobody there has it. Errors are [*Fault]s: it cannot be known now.
type Finder interface {
	Find(ctx context.Context, identifier string) (element *legacy.Element, found bool, err error)
}

// Guardian tells whether whoever has an identifier has a second factor besides their
// password, where the element that a [Finder] gives does not say so: a look-up is no
// sign-in, which would be asked for it. Errors are [*Fault]s: it cannot be known now.
type Guardian interface {
	Guards(ctx context.Context, identifier string) (bool, error)
}

// Cursor is where a fetch goes on, opaque to all but its kind; nil is the
// beginning. It holds no secret.
type Cursor []byte

// Fetcher reads everybody. Each line is one element of an export, without a line
// break, and next is where a later call goes on if this was the last line
// that give took; nil where one cannot go on between this line and the one
// behind it. An empty line is none, and carries a cursor alone. A fetcher slows down
// where the system asks for it and goes on; it
// ends with an error only of give, of ctx, or a [*Fault] that waiting does not
// mend.
type Fetcher interface {
	Fetch(ctx context.Context, from Cursor, give func(line []byte, next Cursor) error) error
}

// System is a running system as far as its kind and its connection allow; what
// they do not allow is nil.
type System struct {
	Verifier Verifier
	Finder   Finder
	Fetcher  Fetcher
	Guardian Guardian // nil: elements say whatever there is to say of second factors
	// Identity tells this installation of the system from others, as far as it says: so
	// that a fetch does not go on somewhere else. Nil or empty: it does not say.
	Identity func(ctx context.Context) (string, error)
	// Shut gives back what the system holds, such as connections; nil: nothing.
	Shut func() error
}

// Close gives back what the system holds.
func (s *System) Close() error {
	if s == nil || s.Shut == nil {
		return nil
	}
	return s.Shut()
}

// Opener makes a system of a connection that was checked. It reads secrets and
// files, and connects to nothing yet. Errors are of what an operator must mend.
type Opener func(ctx context.Context, spec *Spec, deps Deps) (*System, error)
