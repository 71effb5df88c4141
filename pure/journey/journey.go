package journey

import (
	"crypto/sha256"
	"errors"
	"fmt"
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
)

// Digest tells journeys apart: equal digests, equal behaviour.
type Digest [8]byte

// Journey is ready to be stepped through. It never changes, so it may be shared.
type Journey struct {
	name    string
	asks    []Ask
	session time.Duration
	digest  Digest
}

// defaultSession is how long a sign-in lasts where nothing else is said.
const defaultSession = 12 * time.Hour

// Default is the journey of an environment that configures none: identifier,
// then password, for twelve hours.
func Default() *Journey {
	j, _ := build("sign-in", []Ask{Identifier, Password}, defaultSession) // a test proves that it builds
	return j
}

// Compile makes a configured journey ready; [ErrSteps].
func Compile(c *config.Journey) (*Journey, error) {
	asks := make([]Ask, len(c.Steps))
	for i, step := range c.Steps {
		asks[i] = Ask(step.Ask)
	}
	session := time.Duration(c.Session)
	if session <= 0 {
		session = defaultSession
	}
	return build(c.Name, asks, session)
}

// build refuses what pure/config refuses, so that no other way leads around it.
func build(name string, asks []Ask, session time.Duration) (*Journey, error) {
	if len(asks) != 2 || asks[0] != Identifier || asks[1] != Password {
		return nil, fmt.Errorf("journey %s: %w", name, ErrSteps)
	}
	j := &Journey{name: name, asks: asks, session: session}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %d", name, asks, session))
	copy(j.digest[:], sum[:])
	return j, nil
}

// Name is the configured name, for the audit ledger.
func (j *Journey) Name() string { return j.name }

// Digest identifies the journey and its exact form.
func (j *Journey) Digest() Digest { return j.digest }

// Session is how long a sign-in by this journey lasts.
func (j *Journey) Session() time.Duration { return j.session }

// last is the index of the last step.
func (j *Journey) last() int { return len(j.asks) - 1 }
