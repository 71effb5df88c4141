package access

import (
	"fmt"
	"slices"
)

// Assurance says how well a customer was recognised; more is stronger. Machines
// have NoAssurance.
type Assurance int

// The levels a session can reach.
const (
	NoAssurance       Assurance = iota // nothing proven yet
	OneFactor                          // one factor, such as a password
	TwoFactor                          // two different factors
	PhishingResistant                  // a passkey or other origin-bound factor
)

var assuranceNames = [...]string{"none", "one-factor", "two-factor", "phishing-resistant"}

// String gives the level as configuration spells it, such as "two-factor".
func (a Assurance) String() string {
	if a < NoAssurance || a > PhishingResistant {
		return fmt.Sprintf("assurance(%d)", int(a))
	}
	return assuranceNames[a]
}

// MarshalText gives the name that [Assurance.UnmarshalText] reads.
func (a Assurance) MarshalText() ([]byte, error) {
	if a < NoAssurance || a > PhishingResistant {
		return nil, fmt.Errorf("access: %v has no name", a)
	}
	return []byte(assuranceNames[a]), nil
}

// UnmarshalText reads "none", "one-factor", "two-factor" or
// "phishing-resistant".
func (a *Assurance) UnmarshalText(text []byte) error {
	i := slices.Index(assuranceNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("access: unknown assurance %.40q", text)
	}
	*a = Assurance(i)
	return nil
}
