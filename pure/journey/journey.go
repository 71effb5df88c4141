package journey

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/pure/config"
)

// ErrSteps reports steps that do not lead to a signed-in customer.
var ErrSteps = errors.New("the steps do not lead to a signed-in customer")

// Ask is what one step asks for.
type Ask string

// What a step can ask for.
const (
	Identifier Ask = "identifier"
	Password   Ask = "password"
	TOTP       Ask = "totp" // a code of an authenticator app, or a recovery code
)

// Digest tells journeys apart: equal digests, equal behaviour.
type Digest [8]byte

// Journey is ready to be stepped through. It never changes, so it may be shared.
type Journey struct {
	name    string
	asks    []Ask
	always  bool // whoever has no second factor enrols one
	session time.Duration
	digest  Digest
}

// defaultSession is how long a sign-in lasts where nothing else is said.
const defaultSession = 12 * time.Hour

// Default is the journey of an environment that configures none: identifier,
// then password, for twelve hours.
func Default() *Journey {
	j, _ := build(Journey{name: "sign-in", asks: []Ask{Identifier, Password}, session: defaultSession}) // a test proves that it builds
	return j
}

// Compile makes a configured journey ready; [ErrSteps].
func Compile(c *config.Journey) (*Journey, error) {
	j := Journey{name: c.Name, asks: make([]Ask, len(c.Steps)), session: time.Duration(c.Session)}
	for i, step := range c.Steps {
		j.asks[i] = Ask(step.Ask)
		j.always = j.asks[i] == TOTP && step.When != "enrolled"
	}
	if j.session <= 0 {
		j.session = defaultSession
	}
	return build(j)
}

// firstFactors is how many steps come before the second factor: identifier and
// password, in every journey that builds.
const firstFactors = 2

// build refuses what pure/config refuses, so that no other way leads around it.
func build(j Journey) (*Journey, error) {
	whole := []Ask{Identifier, Password, TOTP}
	if len(j.asks) < firstFactors || len(j.asks) > len(whole) || !slices.Equal(j.asks, whole[:len(j.asks)]) {
		return nil, fmt.Errorf("journey %s: %w", j.name, ErrSteps)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %t %d", j.name, j.asks, j.always, j.session))
	copy(j.digest[:], sum[:])
	return &j, nil
}

// TwoFactors tells whether the journey can prove a second factor.
func (j *Journey) TwoFactors() bool { return slices.Contains(j.asks, TOTP) }

// AlwaysTwoFactors tells whether nobody gets in by a password alone.
func (j *Journey) AlwaysTwoFactors() bool { return j.always }

// Name is the configured name, for the audit ledger.
func (j *Journey) Name() string { return j.name }

// Digest identifies the journey and its exact form.
func (j *Journey) Digest() Digest { return j.digest }

// Session is how long a sign-in by this journey lasts.
func (j *Journey) Session() time.Duration { return j.session }

// last is the index of the last step.
func (j *Journey) last() int { return len(j.asks) - 1 }
