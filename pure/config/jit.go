package config

import (
	"fmt"
	"time"
)

// JIT says how people are taken along as they sign in: `jit:` of a migration.
type JIT struct {
	Ask      string `yaml:"ask"`       // sign-in (default), staged, never
	OnOutage string `yaml:"on_outage"` // tell (default), next
	// SecondFactor is what becomes of whoever has a second factor at the earlier system
	// that does not come along: hold (default), enrol.
	SecondFactor string `yaml:"second_factor"`
	// Registration is what becomes of whoever registers while nobody can tell whether the
	// earlier system knows them: wait (default), go-on.
	Registration string `yaml:"registration"`

	Until      string   `yaml:"until"`      // the last day, 2027-03-31; empty: no end
	Priority   int      `yaml:"priority"`   // of several migrations the smaller is asked first; default 100
	Limit      Rate     `yaml:"limit"`      // questions in all, beside the connection's own rate; default 20 a second
	Source     Rate     `yaml:"source"`     // questions from one address; default 10 a minute
	Identifier Rate     `yaml:"identifier"` // questions about one identifier; default 5 in 15 minutes, 10 at once
	Spread     int      `yaml:"spread"`     // identifiers that one address may try in an hour; default 20
	Remember   Duration `yaml:"remember"`   // how long a wrong password is known to be wrong; default 10m
}

// When the earlier system is asked, as `ask:` spells it.
const (
	AskSignIn = "sign-in" // about everybody who is not known here
	AskStaged = "staged"  // about those whose profile is here already, and nobody else
	AskNever  = "never"
)

// What becomes of a sign-in if the earlier system cannot tell, as `on_outage:`
// spells it.
const (
	OutageTell = "tell" // it is said that it cannot be checked now
	OutageNext = "next" // the migrations behind it are asked first
)

// What becomes of whoever has a second factor at the earlier system that does not come
// along, as `second_factor:` spells it.
const (
	FactorHold  = "hold"  // they wait until it is here: a password alone sets up no factor for somebody who had one
	FactorEnrol = "enrol" // they set up one here, or whoever else knows their password does
)

// What becomes of a registration while the earlier system cannot tell, as
// `registration:` spells it.
const (
	RegistrationWait = "wait"  // they are told to try again
	RegistrationGoOn = "go-on" // they register, and it is looked up later
)

// LiveJIT is how people are taken along, with its defaults set.
type LiveJIT struct {
	*JIT
	End time.Time // the first instant at which nobody is taken along any more; zero: none
}

// Asks tells whether people are taken along at now.
func (j *LiveJIT) Asks(now time.Time) bool {
	return j != nil && j.Ask != AskNever && (j.End.IsZero() || now.Before(j.End))
}

// Bounds of taking people along.
const (
	defaultSpread   = 20
	defaultRemember = Duration(10 * time.Minute)
	maxPriority     = 10_000
)

// jit checks how people are taken along; nil for not at all.
func (c *checker) jit(at spot, m *Migration) *LiveJIT {
	if m.JIT == nil {
		return nil
	}
	if m.Connection == nil {
		c.fail(at.at("jit"), finding{FieldRequired, "people are taken along as they sign in, and nothing says how to ask the earlier system", "add connection:"})
	}
	at = at.at("jit")
	live := &LiveJIT{JIT: m.JIT}
	live.Ask, live.OnOutage, live.SecondFactor = or(live.Ask, AskSignIn), or(live.OnOutage, OutageTell), or(live.SecondFactor, FactorHold)
	c.oneOf(at.at("second_factor"), "way to take along whose second factor does not come", live.SecondFactor, FactorHold, FactorEnrol)
	live.Registration = or(live.Registration, RegistrationWait)
	c.oneOf(at.at("registration"), "way to register without the earlier system", live.Registration, RegistrationWait, RegistrationGoOn)
	c.oneOf(at.at("ask"), "time to ask", live.Ask, AskSignIn, AskStaged, AskNever)
	c.oneOf(at.at("on_outage"), "way to go on without the earlier system", live.OnOutage, OutageTell, OutageNext)
	c.jitLimits(at, live)
	if live.Until != "" {
		last, err := time.Parse(time.DateOnly, live.Until)
		if err != nil {
			c.fail(at.at("until"), finding{TimeInvalid, fmt.Sprintf("%.40q is no day", live.Until), "write it 2027-03-31"})
		} else {
			live.End = last.AddDate(0, 0, 1)
		}
	}
	return live
}

func (c *checker) jitLimits(at spot, live *LiveJIT) {
	for key, limit := range map[string]*Rate{"limit": &live.Limit, "source": &live.Source, "identifier": &live.Identifier} {
		c.rate(at.at(key), limit)
		if limit.Calls == 0 {
			*limit = map[string]Rate{
				"limit":      {Calls: 20, Per: Duration(time.Second), Burst: 40},
				"source":     {Calls: 10, Per: Duration(time.Minute), Burst: 20},
				"identifier": {Calls: 5, Per: Duration(15 * time.Minute), Burst: 10},
			}[key]
		}
	}
	if live.Spread == 0 {
		live.Spread = defaultSpread
	}
	if live.Spread < 1 || live.Spread > 10_000 {
		c.fail(at.at("spread"), finding{OutOfBounds, fmt.Sprintf("one address may try %d identifiers", live.Spread), "choose between 1 and 10000"})
	}
	if live.Priority == 0 {
		live.Priority = 100
	}
	if live.Priority < 1 || live.Priority > maxPriority {
		c.fail(at.at("priority"), finding{OutOfBounds, fmt.Sprintf("the priority is %d", live.Priority), fmt.Sprintf("choose between 1 and %d", maxPriority)})
	}
	c.within(at, "remember", live.Remember, bounds{"the time that a wrong password is remembered", Duration(time.Minute), Duration(day)})
	if live.Remember == 0 {
		live.Remember = defaultRemember
	}
}
