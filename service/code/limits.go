package code

import (
	"fmt"
	"time"
)

// Limit is how often something may be done: Burst times at once, and again each
// Interval.
type Limit struct {
	Burst    int
	Interval time.Duration
}

// Limits bounds guessing and sending. A device is one that the person signed in on
// before; there its own counters take the place of the person's, the address's and
// the source's.
type Limits struct {
	Guesses int   // at one challenge, and everything sent again in its place
	Subject Limit // guesses, per person or what was typed in place of one, over all challenges; three times that per person by all their names
	Source  Limit // guesses, per IPv4 address or IPv6 /64, over all persons

	Sends       Limit // messages, per address that they go to or what was typed in place of one; three times that per address by all names
	SourceSends Limit // messages, per source
	SourceCalls Limit // texts and calls, per source
	Range       Limit // texts and calls, per ten thousand neighbouring numbers
	Calls       Limit // texts and calls of the environment; those of second factors count apart
	FactorSends Limit // messages of second factors, per number and source; three times that per number
}

// names is how many names of a person may be guessed at, or have codes sent, at the full
// rate at once. All of them together are bounded by it, so that aliases buy little.
const names = 3

// sources is how many sources of one network may do as much as they may at once.
const sources = 10

func (l Limit) times(n int) Limit {
	return Limit{Burst: n * l.Burst, Interval: l.Interval / time.Duration(n)}
}

// DefaultLimits are those in force where Config says nothing. Of a million codes one
// is right: a person's hundred guesses a day are a chance of one in ten thousand. A
// source may stand for a whole office or a mobile network. Texts and calls cost money,
// and there are people who earn by having them sent to numbers next to each other.
var DefaultLimits = Limits{
	Guesses: 5,
	Subject: Limit{Burst: 10, Interval: 15 * time.Minute},
	Source:  Limit{Burst: 100, Interval: 3 * time.Second},

	Sends:       Limit{Burst: 5, Interval: 2 * time.Hour},
	SourceSends: Limit{Burst: 60, Interval: 10 * time.Second},
	SourceCalls: Limit{Burst: 20, Interval: time.Minute},
	Range:       Limit{Burst: 30, Interval: time.Minute},
	// More than a large company sends on a busy morning, and an end to what a crowd of
	// machines can spend.
	Calls: Limit{Burst: 5000, Interval: 500 * time.Millisecond},
	// Whoever gave the password may be its thief, who must not keep its owner out for long.
	FactorSends: Limit{Burst: 5, Interval: 15 * time.Minute},
}

func (l Limit) or(other Limit) Limit {
	if l.Burst > 0 && l.Interval > 0 {
		return l
	}
	return other
}

func (l Limits) complete() Limits {
	if l.Guesses <= 0 {
		l.Guesses = DefaultLimits.Guesses
	}
	l.Subject, l.Source = l.Subject.or(DefaultLimits.Subject), l.Source.or(DefaultLimits.Source)
	l.Sends, l.SourceSends = l.Sends.or(DefaultLimits.Sends), l.SourceSends.or(DefaultLimits.SourceSends)
	l.SourceCalls, l.Range = l.SourceCalls.or(DefaultLimits.SourceCalls), l.Range.or(DefaultLimits.Range)
	l.Calls = l.Calls.or(DefaultLimits.Calls)
	l.FactorSends = l.FactorSends.or(DefaultLimits.FactorSends)
	return l
}

// LimitedError says that nothing was sent, since too much was, or that no more codes
// are sent in place of one at which all guesses are spent. RetryAfter is positive.
type LimitedError struct{ RetryAfter time.Duration }

// Error implements error.
func (e *LimitedError) Error() string {
	return fmt.Sprintf("too many codes were asked for; again in %v", e.RetryAfter)
}
