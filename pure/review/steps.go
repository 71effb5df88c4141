package review

import (
	"slices"
	"strconv"
	"strings"

	"sallyport/pure/config"
)

// step is what a journey asks, whether of everybody, and whether a code that is sent
// does instead.
type step struct {
	ask    string
	always bool
	code   bool
	ways   string // by which a code can be sent; of a step without, none

	// Of a second factor.
	factors string // that can be set up besides an app
	later   int    // how often that may wait
	rules   string
}

// rulings are the rules of a step, and last what it says of everybody else; not ok if
// they cannot be read.
func (s step) rulings() (all []factorRule, ok bool) {
	all, ok = readFactorRules(s.rules)
	last := factorRule{when: "always", later: s.later}
	if !s.always {
		last.when = "enrolled"
	}
	return append(all, last), ok
}

// asksMore tells whether a second factor is asked for at least as another step does.
func (s step) asksMore(o step) bool {
	if s.factors == o.factors && s.later == o.later && s.rules == o.rules && s.always == o.always {
		return true
	}
	is, readable := s.rulings()
	was, same := o.rulings()
	settable := slices.ContainsFunc(strings.Fields(s.factors), func(f string) bool { return !slices.Contains(strings.Fields(o.factors), f) })
	return readable && same && !settable && !weaker(is, was)
}

// readSteps reads the steps of a journey as walk writes them.
func readSteps(text string) []step {
	var all []step
	for one := range strings.SplitSeq(text, "; ") {
		s := step{always: true}
		for part := range strings.SplitSeq(one, ", ") {
			if ask, is := strings.CutPrefix(part, "ask "); is {
				s.ask = ask
			}
			if part == "when enrolled" {
				s.always = false
			}
			if part == "or code" {
				s.code = true
			}
			for key, value := range map[string]*string{"channels ": &s.ways, "factors ": &s.factors, "rules ": &s.rules} {
				if named, is := strings.CutPrefix(part, key); is {
					*value = named
				}
			}
			if times, is := strings.CutPrefix(part, "defer "); is {
				s.later, _ = strconv.Atoi(times)
			}
		}
		if s.ask == "verify" && s.ways == "" {
			s.ways = "email text call"
		}
		all = append(all, s)
	}
	return all
}

// covers tells whether a step asks at least what another does: of as many, and by no
// other way.
func (s step) covers(o step) bool {
	for way := range strings.FieldsSeq(s.ways) {
		if !slices.Contains(strings.Fields(o.ways), way) {
			return false
		}
	}
	if s.ask == "totp" && o.ask == s.ask {
		return s.asksMore(o)
	}
	return s.ask == o.ask && (s.always || !o.always) && (!s.code || o.code)
}

// steps compares the steps of a journey. One that is left out, or asked of fewer,
// makes signing in easier, and so may another order.
func steps(before, after string) direction {
	was, is := readSteps(before), readSteps(after)
	at := -1
	for _, s := range was {
		next := slices.IndexFunc(is, func(o step) bool { return o.covers(s) })
		if next <= at {
			return more
		}
		at = next
	}
	if slices.Equal(was, is) {
		return same
	}
	return less
}

// types compares types of applications: one that keeps no secret is easier to be
// taken for.
func types(before, after string) direction {
	public := func(kind string) bool { return kind != config.TypeWeb && kind != config.TypeMachine }
	switch was, is := public(before), public(after); {
	case is && !was:
		return more
	case was && !is:
		return less
	}
	return same
}
