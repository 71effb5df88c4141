package legacy

import (
	"time"

	"sallyport/pure/customer"
)

// Holding is one line of what several people have in common, exactly as another
// Sallyport had it: one of its members is set. Premises and members stand behind the
// account that they are of.
type Holding struct {
	Account  *customer.Account
	Premises *customer.Premises
	Member   *customer.Member
	Claim    *Claim
}

// Claim is what somebody said of an account, and what was decided.
type Claim struct {
	ID            [16]byte
	Customer      customer.ID
	Place, Number string
	State, Reason string
	Evidence      []byte // a JSON object; nil if there is none
	By, Note      string
	Created       time.Time
	Updated       time.Time // when it was last tried again, or ended
}

// Holder is a [Reader] whose files hold such lines among those of people.
type Holder interface {
	// Holding reads an element; nil if it is none. A [*Fault] says what is wrong with it.
	Holding(e Element) (*Holding, error)
	// Proved tells whether whoever wrote a line is known by its signature.
	Proved() bool
}
